//! Messages that could not be read.

use std::time::{Duration, Instant};

use crate::metrics;

/// How often it is said that something could not be read.
const SAID_EVERY: Duration = Duration::from_mins(1);

/// What could not be read is counted, and logged now and then: its sender must not be able to fill a disk.
#[derive(Default)]
pub(super) struct Unread {
    since: u64,
    said: Option<Instant>,
}

impl Unread {
    pub(super) fn count(&mut self, why: &str) {
        ::metrics::counter!(metrics::UNREADABLE).increment(1);
        self.since += 1;
        if self.said.is_some_and(|said| said.elapsed() < SAID_EVERY) {
            return;
        }
        self.said = Some(Instant::now());
        let count = std::mem::take(&mut self.since);
        tracing::warn!(
            count,
            why,
            "{count} messages could not be read or answered since the last such warning; of the latest, {why}"
        );
    }
}
