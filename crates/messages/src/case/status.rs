//! The states of a case.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The status of a case: a small fixed set. People may name their own; each maps to one of these, and only
/// these drive clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Opened, and nobody has taken it up.
    New,
    /// Being worked on.
    Open,
    /// Waiting for the customer.
    PendingCustomer,
    /// Waiting for somebody outside.
    PendingThirdParty,
    /// Waiting for somebody inside.
    PendingInternal,
    /// Solved, and the customer may still object.
    Resolved,
    /// Over.
    Closed,
    /// Withdrawn before it was over.
    Cancelled,
    /// Absorbed by another case.
    Merged,
}

impl Status {
    /// Every status, in the order of a case's life.
    pub const ALL: [Self; 9] = [
        Self::New,
        Self::Open,
        Self::PendingCustomer,
        Self::PendingThirdParty,
        Self::PendingInternal,
        Self::Resolved,
        Self::Closed,
        Self::Cancelled,
        Self::Merged,
    ];

    /// The name on the wire and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::PendingCustomer => "pending_customer",
            Self::PendingThirdParty => "pending_third_party",
            Self::PendingInternal => "pending_internal",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::Merged => "merged",
        }
    }

    /// Whether the case waits for somebody.
    #[must_use]
    pub fn is_pending(self) -> bool {
        matches!(self, Self::PendingCustomer | Self::PendingThirdParty | Self::PendingInternal)
    }

    /// Whether the case counts in the backlog: new, open or pending.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::New | Self::Open) || self.is_pending()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
