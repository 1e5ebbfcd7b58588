//! How the worker works.

use std::sync::Arc;
use std::time::Duration;

use docket_calendar::zones::Zones;
use docket_eventlog::TraceParent;
use docket_keyring::KeyRing;
use docket_messages::{Position, Timestamp};
use tokio::sync::mpsc;

use crate::schema::Schema;

/// The batches that there are: one is folded while the other is written. A case that neither of them holds is in
/// the tables as the log left it, which is what loading relies on.
pub(crate) const BATCHES: usize = 2;

/// So many entries are folded at once, if they are there: the cases that are missing are loaded together. Not more, so
/// that they are still in the processor's caches when they are folded.
pub(crate) const PIECE: usize = 1_000;

/// How long entries gather while the log is followed and few of them come.
const PACE: Duration = Duration::from_millis(100);
/// They gather as much longer again for each so many entries of the batch before: the more come, the more of them are of
/// the same cases, whose rows are then written once.
const AS_MUCH_AGAIN: f64 = 1_000.0;
/// At most so many times as long, so that readers never wait for half a second.
const MOST_TIMES: f64 = 4.0;

/// How the worker works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where Postgres is.
    pub url: String,
    /// The schemas.
    pub schema: Schema,
    /// A batch takes no more when it has so many entries.
    pub batch: usize,
    /// How long entries gather between two batches, if few come. A transaction for each entry would cost the log's disk more
    /// than the entry itself.
    pub pace: Duration,
    /// The most cases whose rows stay at hand; at least those of two batches do.
    pub cases: usize,
    /// What clocks show where, for business seconds.
    pub zones: Zones,
    /// Opens what is personal; without it, nothing that is sealed is in the tables.
    pub keys: Option<Arc<KeyRing>>,
    /// Is told of applied entries that are part of a trace. When it is too slow, the newest are dropped.
    pub traced: Option<mpsc::Sender<Applied>>,
}

/// An entry of a trace that the read models show now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The trace of its command.
    pub trace: TraceParent,
    /// Its position.
    pub position: Position,
    /// When the log took it in.
    pub recorded_at: Timestamp,
}

impl Settings {
    /// The usual settings for a Postgres.
    #[must_use]
    pub fn new(url: &str, zones: &Zones) -> Self {
        let (url, zones) = (url.to_owned(), zones.clone());
        Self {
            url,
            schema: Schema::default(),
            batch: 8_000,
            pace: PACE,
            cases: 50_000,
            zones,
            keys: None,
            traced: None,
        }
    }
}

impl Settings {
    /// How long entries gather behind a batch of so many.
    pub(crate) fn pace_behind(&self, entries: usize) -> Duration {
        let entries = u32::try_from(entries).map_or(f64::MAX, f64::from);
        self.pace.mul_f64((1.0 + entries / AS_MUCH_AGAIN).min(MOST_TIMES))
    }

    /// The most entries that are read at once.
    pub(crate) fn stretch(&self) -> usize {
        (self.batch / 8).max(1)
    }

    /// The most entries of all batches together: a batch may exceed its size by a piece, and a piece by a stretch.
    pub(crate) fn unwritten(&self) -> usize {
        BATCHES * (self.batch.max(1) + PIECE + self.stretch())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_gather_longer_the_more_of_them_come_but_never_for_half_a_second() {
        let settings = Settings::new("postgresql://nowhere", Zones::bundled());
        let behind = |entries| settings.pace_behind(entries).as_millis();
        assert_eq!((behind(0), behind(500), behind(2_000), behind(8_000)), (100, 150, 300, 400));
    }
}
