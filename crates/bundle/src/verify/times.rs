//! Whether the times that the server gave lie between the checkpoints around them.

use super::{Finding, Kind};
use crate::report::millis;

/// Clocks of servers differ, and what is sealed was read a moment before.
const TOLERANCE_SECONDS: u64 = 60;
const NANOS: i64 = 1_000_000_000;

/// The times, as entries and checkpoints come.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// When the last checkpoint was signed.
    sealed: Option<u64>,
    /// The latest time since then, and where.
    latest: Option<(u64, i64)>,
    /// The last time of all.
    last: Option<i64>,
    /// How often the server's clock went back.
    pub back: u64,
}

impl Times {
    /// An entry that was taken in then.
    pub(super) fn entry(&mut self, position: u64, nanos: i64) -> Option<Finding> {
        self.back += u64::from(self.last.is_some_and(|last| nanos < last));
        self.last = Some(nanos);
        if self.latest.is_none_or(|(_, latest)| nanos > latest) {
            self.latest = Some((position, nanos));
        }
        let sealed = self.sealed?;
        let is_before = seconds(nanos).saturating_add(TOLERANCE_SECONDS) < sealed;
        is_before.then(|| {
            let message = format!(
                "the server says that it took the entry in at {}; but it was not in the log yet at {}",
                millis(nanos),
                of_seconds(sealed)
            );
            Finding::new(Kind::Semantics, Some(position), message)
        })
    }

    /// A checkpoint that was signed then.
    pub(super) fn checkpoint(&mut self, at: Option<u64>) -> Option<Finding> {
        let at = at?;
        self.sealed = self.sealed.max(Some(at));
        let (position, nanos) = self.latest.take()?;
        let is_after = seconds(nanos) > at.saturating_add(TOLERANCE_SECONDS);
        is_after.then(|| {
            let message = format!(
                "the server says that it took the entry in at {}; but it was in the log at {} already",
                millis(nanos),
                of_seconds(at)
            );
            Finding::new(Kind::Semantics, Some(position), message)
        })
    }
}

fn seconds(nanos: i64) -> u64 {
    u64::try_from(nanos.div_euclid(NANOS)).unwrap_or(0)
}

/// A moment of a checkpoint.
pub(super) fn of_seconds(at: u64) -> docket_messages::Timestamp {
    millis(i64::try_from(at).unwrap_or(i64::MAX).saturating_mul(NANOS))
}
