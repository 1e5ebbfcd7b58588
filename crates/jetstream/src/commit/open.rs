//! A batch that still takes entries.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use async_nats::client::Client;
use docket_eventlog::AppendError;
use tokio::time::Instant;

use super::append::{Append, BATCH_ENTRIES, tell};
use super::waiting::Waiting;
use super::{Load, one_by_one};
use crate::metrics;
use crate::publish::{Batch, BatchError};

/// The most bytes of a batch.
const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// A batch that was opened, and is committed when it is complete or waited for long enough.
pub(super) struct OpenBatch {
    batch: Batch,
    /// What was published.
    appends: Vec<Append>,
    /// Hashes of the subjects: the server checks a subject's expectation once per batch. Two that collide only
    /// wait for each other.
    subjects: HashSet<u64>,
    bytes: usize,
    /// How many entries it waits for, and the most that it takes.
    wanted: usize,
    is_full: bool,
    /// When it is committed at the latest.
    pub(super) until: Instant,
}

impl OpenBatch {
    /// A batch that so many entries are for: those that wait, and those that are `expected` since they were in the last
    /// batch; at most so many as `most` says.
    pub(super) fn new(batch: Batch, waiting: usize, expected: usize, most: usize, until: Instant) -> Self {
        let wanted = wanted(waiting, expected).min(most);
        Self { batch, appends: Vec::new(), subjects: HashSet::new(), bytes: 0, wanted, is_full: false, until }
    }

    pub(super) fn len(&self) -> usize {
        self.appends.len()
    }

    pub(super) fn appends(&self) -> &[Append] {
        &self.appends
    }

    /// Whether everything is there that is worth waiting for.
    pub(super) fn is_complete(&self) -> bool {
        self.is_full || self.len() >= self.wanted
    }

    /// Takes what fits, in the order of their turns, each subject at most once.
    pub(super) async fn take_from(&mut self, waiting: &mut Waiting, hasher: &RandomState) {
        let mut left = Vec::new();
        while self.len() < self.wanted
            && let Some(append) = waiting.pop()
        {
            let size = append.message.payload.len();
            if self.len() > 0 && self.bytes + size > BATCH_BYTES {
                left.push(append);
                self.is_full = true;
                break;
            }
            if !self.subjects.insert(hasher.hash_one(&append.message.subject)) {
                left.push(append);
                continue;
            }
            // What could not be sent fails the commit, too.
            let _ = self.batch.publish(&append.message).await;
            self.bytes += size;
            self.appends.push(append);
        }
        left.into_iter().rev().for_each(|append| waiting.put_back(append));
    }

    /// Commits it, and tells everybody. Returns whether it is in the log.
    pub(super) async fn commit(self, client: Client, load: Arc<Load>) -> bool {
        let began = Instant::now();
        let Some(subject) = self.appends.last().map(|append| append.message.subject.clone()) else { return true };
        match self.batch.commit(subject).await {
            Ok(first) => {
                load.learn(|cost| cost.commit_took(began.elapsed()));
                metrics::committed(self.appends.len());
                let mut position = first;
                for append in self.appends {
                    tell(append.done, Ok(position));
                    position = position.next();
                }
                true
            }
            Err(BatchError::Refused) => {
                one_by_one(&client, self.appends).await;
                false
            }
            Err(BatchError::Failed { is_unknown, cause }) => {
                for append in self.appends {
                    let source = cause.clone().into();
                    let error =
                        if is_unknown { AppendError::Unknown { source } } else { AppendError::Unavailable { source } };
                    tell(append.done, Err(error));
                }
                false
            }
        }
    }
}

/// How many entries a batch takes. After another batch it leaves one, which opens the next.
fn wanted(waiting: usize, expected: usize) -> usize {
    let spare = usize::from(expected > 0);
    (waiting + expected).saturating_sub(spare).clamp(1, BATCH_ENTRIES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_takes_all_that_waits_and_after_another_one_leaves_one_for_the_next() {
        assert_eq!(wanted(20, 0), 20);
        assert_eq!(wanted(3, 61), 63);
        assert_eq!(wanted(0, 1), 1);
        assert_eq!(wanted(1_500, 999), BATCH_ENTRIES);
    }
}
