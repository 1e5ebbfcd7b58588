//! The states of an incident and what each means for a case.

use docket_messages::Status;

/// A state, as the column `incident_state` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    New,
    Active,
    Awaiting(Awaiting),
    Resolved,
    Closed,
}

/// Whom or what an incident waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaiting {
    UserInfo,
    Vendor,
    Problem,
    Evidence,
}

impl State {
    /// The state of that name; garbage has none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "New" => Some(Self::New),
            "Active" => Some(Self::Active),
            "Awaiting User Info" => Some(Self::Awaiting(Awaiting::UserInfo)),
            "Awaiting Vendor" => Some(Self::Awaiting(Awaiting::Vendor)),
            "Awaiting Problem" => Some(Self::Awaiting(Awaiting::Problem)),
            "Awaiting Evidence" => Some(Self::Awaiting(Awaiting::Evidence)),
            "Resolved" => Some(Self::Resolved),
            "Closed" => Some(Self::Closed),
            _ => None,
        }
    }

    /// Whether the work is over, for now or for good.
    pub(super) fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Closed)
    }

    /// How a sentence says it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Active => "Active",
            Self::Awaiting(awaiting) => awaiting.as_str(),
            Self::Resolved => "Resolved",
            Self::Closed => "Closed",
        }
    }
}

impl Awaiting {
    /// The name of the state, which is that of the pend reason as well.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::UserInfo => "Awaiting User Info",
            Self::Vendor => "Awaiting Vendor",
            Self::Problem => "Awaiting Problem",
            Self::Evidence => "Awaiting Evidence",
        }
    }

    /// The status that it means.
    pub(super) fn status(self) -> Status {
        match self {
            Self::UserInfo => Status::PendingCustomer,
            Self::Vendor => Status::PendingThirdParty,
            Self::Problem | Self::Evidence => Status::PendingInternal,
        }
    }
}
