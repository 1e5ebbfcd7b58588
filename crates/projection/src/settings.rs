//! How the worker works.

use std::time::Duration;

use docket_calendar::zones::Zones;
use docket_eventlog::TraceParent;
use docket_messages::{Position, Timestamp};
use tokio::sync::mpsc;

use crate::schema::Schema;

/// The batches that there are: one is folded while the other is written. A case that neither of them holds is in
/// the tables as the log left it, which is what loading relies on.
pub(crate) const BATCHES: usize = 2;

/// So many entries are folded at once, if they are there: the cases that are missing are loaded together. Not more, so
/// that they are still in the processor's caches when they are folded.
pub(crate) const PIECE: usize = 1_000;

/// How long entries gather while the log is followed.
const PACE: Duration = Duration::from_millis(100);

/// How the worker works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where Postgres is.
    pub url: String,
    /// The schemas.
    pub schema: Schema,
    /// A batch takes no more when it has so many entries.
    pub batch: usize,
    /// How long entries gather between two batches. A transaction for each entry would cost the log's disk more than the
    /// entry itself.
    pub pace: Duration,
    /// The most cases whose rows stay at hand; at least those of two batches do.
    pub cases: usize,
    /// What clocks show where, for business seconds.
    pub zones: Zones,
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
        Self { url, schema: Schema::default(), batch: 4_000, pace: PACE, cases: 50_000, zones, traced: None }
    }
}

impl Settings {
    /// The most entries that are read at once.
    pub(crate) fn stretch(&self) -> usize {
        (self.batch / 8).max(1)
    }

    /// The most entries of all batches together: a batch may exceed its size by a piece, and a piece by a stretch.
    pub(crate) fn unwritten(&self) -> usize {
        BATCHES * (self.batch.max(1) + PIECE + self.stretch())
    }
}
