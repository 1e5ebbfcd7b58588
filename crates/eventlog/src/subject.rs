//! Subjects: one per aggregate.

use std::fmt;

use docket_messages::{CaseId, EntryKind};

/// An aggregate of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A case.
    Case(CaseId),
    /// The policy, of which there is one.
    Policy,
}

impl Subject {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::Case(_) => EntryKind::Case,
            Self::Policy => EntryKind::Policy,
        }
    }

    /// Its id within its kind.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Case(id) => id.to_string(),
            Self::Policy => "main".to_owned(),
        }
    }

    /// The subject that a text such as `case.0199…` names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('.')? {
            ("case", id) => id.parse().ok().map(Self::Case),
            ("policy", "main") => Some(Self::Policy),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Case(id) => write!(f, "case.{id}"),
            Self::Policy => f.write_str("policy.main"),
        }
    }
}
