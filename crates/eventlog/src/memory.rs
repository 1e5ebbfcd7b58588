//! A log in memory, for testing rules and services without a server. It keeps every promise but durability.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use docket_messages::{Position, Timestamp};
use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;

use crate::{AppendError, Draft, EventLog, Expect, MessageHeaders, ReadError, Recorded, Subject, TraceParent};

/// A log in memory.
#[derive(Debug, Clone)]
pub struct MemoryLog {
    kept: Arc<Mutex<Kept>>,
    head: watch::Sender<usize>,
    clock: fn() -> Timestamp,
}

#[derive(Debug, Default)]
struct Kept {
    entries: Vec<Recorded>,
    /// The places of each subject's entries.
    subjects: HashMap<Subject, Vec<usize>>,
}

impl Kept {
    fn of(&self, subject: &Subject) -> impl DoubleEndedIterator<Item = &Recorded> {
        let places = self.subjects.get(subject);
        places.into_iter().flatten().filter_map(|place| self.entries.get(*place))
    }

    /// The first entry after a position.
    fn next(&self, after: Position, subject: Option<&Subject>) -> Option<Recorded> {
        let Some(subject) = subject else {
            let place = usize::try_from(after.get()).ok()?;
            return self.entries.get(place).cloned();
        };
        let places = self.subjects.get(subject)?;
        let is_known = |place: &usize| self.entries.get(*place).is_some_and(|entry| entry.position <= after);
        let place = places.get(places.partition_point(is_known))?;
        self.entries.get(*place).cloned()
    }

    fn last_of(&self, subject: &Subject) -> Option<Position> {
        self.of(subject).next_back().map(|entry| entry.position)
    }
}

impl MemoryLog {
    /// An empty log that reads the time from `clock`.
    #[must_use]
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self { kept: Arc::default(), head: watch::Sender::new(0), clock }
    }

    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Recorded> {
        self.lock().entries.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A panic of a test elsewhere leaves the entries whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow_from(
        &self,
        after: Position,
        subject: Option<&Subject>,
    ) -> BoxStream<'static, Result<Recorded, ReadError>> {
        let (log, heads, subject) = (self.clone(), self.head.subscribe(), subject.cloned());
        stream::unfold((log, heads, after, subject), async |(log, mut heads, after, subject)| {
            loop {
                let next = log.lock().next(after, subject.as_ref());
                if let Some(recorded) = next {
                    let after = recorded.position;
                    return Some((Ok(recorded), (log, heads, after, subject)));
                }
                heads.changed().await.ok()?;
            }
        })
        .boxed()
    }
}

impl EventLog for MemoryLog {
    async fn append(&self, subject: &Subject, expect: Expect, draft: Draft) -> Result<Position, AppendError> {
        let mut kept = self.lock();
        if Expect::after(kept.last_of(subject)) != expect {
            return Err(AppendError::Conflict);
        }
        let position = kept.entries.last().map_or(Position(1), |entry| entry.position.next());
        let place = kept.entries.len();
        let Draft { payload, trace, by: _ } = draft;
        let headers = trace.map(|trace| vec![(TraceParent::HEADER.to_owned(), trace.as_str().to_owned())]);
        let headers = headers.map(MessageHeaders::new).unwrap_or_default();
        kept.subjects.entry(subject.clone()).or_default().push(place);
        kept.entries.push(Recorded {
            position,
            recorded_at: (self.clock)(),
            subject: Ok(subject.clone()),
            headers,
            payload,
        });
        self.head.send_replace(kept.entries.len());
        Ok(position)
    }

    async fn read_subject(&self, subject: &Subject, after: Option<Position>) -> Result<Vec<Recorded>, ReadError> {
        Ok(self.lock().of(subject).filter(|entry| Some(entry.position) > after).cloned().collect())
    }

    async fn last_of(&self, subject: &Subject) -> Result<Option<Position>, ReadError> {
        Ok(self.lock().last_of(subject))
    }

    async fn head(&self) -> Result<Position, ReadError> {
        Ok(self.lock().entries.last().map_or(Position(0), |entry| entry.position))
    }

    async fn entry_at(&self, position: Position) -> Result<Option<Recorded>, ReadError> {
        Ok(self.lock().entries.iter().find(|entry| entry.position == position).cloned())
    }

    async fn follow(&self, after: Position) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        Ok(self.follow_from(after, None))
    }

    async fn follow_subject(
        &self,
        subject: &Subject,
        after: Position,
    ) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        Ok(self.follow_from(after, Some(subject)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_memory_log_passes_the_suite() {
        let log = MemoryLog::new(|| Timestamp::EPOCH);
        crate::suite::every_promise(&log, || docket_messages::CaseId::new(uuid::Uuid::now_v7())).await;
    }
}
