//! What a bundle says that it is. Nothing of it is believed: each word is verified, or the bundle refused.

use docket_messages::{CaseId, CustomerId, Timestamp};
use serde::{Deserialize, Serialize};

/// The first member of a bundle, `bundle.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Claim {
    /// The version of the format: [`Claim::FORMAT`].
    pub format: String,
    /// Which log.
    pub origin: String,
    /// How many entries the log has at the checkpoint that all is bound to.
    pub size: u64,
    /// What is disclosed.
    pub of: Of,
}

/// What a bundle discloses, and nothing of that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum Of {
    /// All entries of a case, from its first on.
    Case(CaseId),
    /// All entries of these cases of a customer, and of what was noted of the customer beside them.
    Customer {
        /// The customer.
        id: CustomerId,
        /// The cases, in the order of their first entries. That the customer has no others, nobody can see from outside.
        cases: Vec<CaseId>,
    },
    /// All entries that the log took in from an instant on and before another.
    Period {
        /// From when on.
        from: Timestamp,
        /// Up to when.
        to: Timestamp,
    },
    /// All entries from a position to another, both included.
    Positions {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
}

impl Claim {
    /// The only format there is.
    pub const FORMAT: &'static str = "docket.bundle/v1";

    /// A claim.
    #[must_use]
    pub fn new(origin: String, size: u64, of: Of) -> Self {
        Self { format: Self::FORMAT.to_owned(), origin, size, of }
    }

    /// Its bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads its bytes, of which there is one form.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let claim: Self = serde_json::from_slice(bytes).ok()?;
        let is_in_one_form = claim.format == Self::FORMAT && claim.to_bytes().ok()? == bytes;
        (is_in_one_form && claim.of.says_something()).then_some(claim)
    }
}

impl Of {
    /// Whether it could be more than nothing.
    fn says_something(&self) -> bool {
        match self {
            Self::Case(_) => true,
            Self::Customer { cases, .. } => !cases.is_empty(),
            Self::Period { from, to } => from < to,
            Self::Positions { from, to } => 0 < *from && from <= to,
        }
    }
}

impl std::fmt::Display for Of {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Case(id) => write!(f, "all entries of case {id}"),
            Self::Customer { id, cases } => write!(f, "all entries of customer {id} and of {} cases", cases.len()),
            Self::Period { from, to } => write!(f, "all entries from {from} to before {to}"),
            Self::Positions { from, to } => write!(f, "all entries from position {from} to {to}"),
        }
    }
}
