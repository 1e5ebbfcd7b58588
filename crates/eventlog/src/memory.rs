//! A log in memory, for testing rules and services without a server. It keeps every promise but durability.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use docket_messages::{Position, Timestamp};
use futures::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;

use crate::{AppendError, Draft, EventLog, Expect, ReadError, Recorded, Subject};

/// A log in memory.
#[derive(Debug, Clone)]
pub struct MemoryLog {
    entries: Arc<Mutex<Vec<Recorded>>>,
    head: watch::Sender<usize>,
    clock: fn() -> Timestamp,
}

impl MemoryLog {
    /// An empty log that reads the time from `clock`.
    #[must_use]
    pub fn new(clock: fn() -> Timestamp) -> Self {
        Self { entries: Arc::default(), head: watch::Sender::new(0), clock }
    }

    /// All entries, oldest first.
    #[must_use]
    pub fn entries(&self) -> Vec<Recorded> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Recorded>> {
        // A panic of a test elsewhere leaves the entries whole.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow_from(&self, after: Position, subject: Option<String>) -> BoxStream<'static, Result<Recorded, ReadError>> {
        let (log, heads) = (self.clone(), self.head.subscribe());
        let start = usize::try_from(after.get()).unwrap_or(usize::MAX);
        stream::unfold((log, heads, start), async |(log, mut heads, next)| {
            heads.wait_for(|head| *head > next).await.ok()?;
            let recorded = log.lock().get(next)?.clone();
            Some((recorded, (log, heads, next.saturating_add(1))))
        })
        .filter(move |recorded| {
            let wanted = subject.as_ref().is_none_or(|subject| *subject == recorded.subject);
            async move { wanted }
        })
        .map(Ok)
        .boxed()
    }
}

impl EventLog for MemoryLog {
    async fn append(&self, subject: &Subject, expect: Expect, draft: Draft) -> Result<Position, AppendError> {
        let mut entries = self.lock();
        let subject = subject.to_string();
        let last = entries.iter().rev().find(|entry| entry.subject == subject).map(|entry| entry.position);
        if Expect::after(last) != expect {
            return Err(AppendError::Conflict);
        }
        let position = entries.last().map_or(Position(1), |entry| entry.position.next());
        let Draft { payload, trace } = draft;
        entries.push(Recorded { position, recorded_at: (self.clock)(), subject, payload, trace });
        self.head.send_replace(entries.len());
        Ok(position)
    }

    async fn read_subject(&self, subject: &Subject, after: Option<Position>) -> Result<Vec<Recorded>, ReadError> {
        let subject = subject.to_string();
        let wanted = |entry: &&Recorded| entry.subject == subject && Some(entry.position) > after;
        Ok(self.lock().iter().filter(wanted).cloned().collect())
    }

    async fn last_of(&self, subject: &Subject) -> Result<Option<Position>, ReadError> {
        let subject = subject.to_string();
        Ok(self.lock().iter().rev().find(|entry| entry.subject == subject).map(|entry| entry.position))
    }

    async fn head(&self) -> Result<Position, ReadError> {
        Ok(self.lock().last().map_or(Position(0), |entry| entry.position))
    }

    async fn follow(&self, after: Position) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        Ok(self.follow_from(after, None))
    }

    async fn follow_subject(
        &self,
        subject: &Subject,
        after: Position,
    ) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        Ok(self.follow_from(after, Some(subject.to_string())))
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
