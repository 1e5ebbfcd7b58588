//! How far the worker is.

use docket_messages::{Position, Timestamp};

use crate::identity::Identity;

/// How far the worker is, for those who watch it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The position of the last applied entry.
    pub position: Position,
    /// The position of the last entry that was read.
    pub read: Position,
    /// When the log took in the oldest entry that was read and is not applied, or one shortly before it.
    pub pending_since: Option<Timestamp>,
    /// The entry that it stands at, and why.
    pub halted: Option<(Position, String)>,
    /// Whether it is its turn to work.
    pub place: Place,
    /// Which log it is of, and the digest of the last applied entry.
    pub identity: Identity,
}

/// Of several workers one is at work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// It has not asked yet, or the place is held by a worker that does not report.
    #[default]
    Unknown,
    /// Another worker is at work and reports.
    StandsBy,
    /// This one is at work.
    AtWork,
}
