//! Aggregates of few entries, read whole for each command: agents, claims, customers.

use docket_eventlog::{EventLog, Subject, Tail, follow};
use docket_keyring::KeyRing;
use docket_messages::{
    Accepted, AggregateEvent, Entry, Failure, FailureCode, KeyId, PolicyVersion, Position, Rejection, Timestamp,
};

use crate::answers::{accepted, failure, reused};
use crate::context::Context;
use crate::receipts::{Receipt, Request};
use crate::transact::State;

/// An aggregate's entries.
#[derive(Debug)]
pub(crate) struct Record<E> {
    entries: Vec<(Position, Entry<E>)>,
    tail: Option<Tail>,
}

impl<E> Default for Record<E> {
    fn default() -> Self {
        Self { entries: Vec::new(), tail: None }
    }
}

impl<E: AggregateEvent> Record<E> {
    /// Reads what the log has beyond what is known.
    pub(crate) async fn load<L: EventLog>(
        context: &Context<L>,
        subject: &Subject,
        known: Option<Self>,
    ) -> Result<Self, Failure> {
        let mut record = known.unwrap_or_default();
        let entries = context.log.read_subject(subject, record.tail.map(|tail| tail.position)).await;
        for recorded in entries.map_err(|error| failure(FailureCode::LogUnavailable, &error, true))? {
            let followed = follow(&recorded, record.tail);
            let (entry, tail) = followed.map_err(|flaw| failure(FailureCode::LogUnreadable, &flaw, false))?;
            record.append(entry, tail);
        }
        Ok(record)
    }

    /// Its events, oldest first, each with the moment of its entry.
    pub(crate) fn events(&self) -> impl DoubleEndedIterator<Item = (Timestamp, &E)> {
        self.entries.iter().flat_map(|(_, entry)| entry.events.iter().map(|event| (entry.at, event)))
    }

    /// The answer that a command got, if it was answered; or the refusal of another one under the same id.
    pub(crate) async fn answer(
        &self,
        keys: &KeyRing,
        request: &Request<'_>,
    ) -> Result<Option<Result<Accepted, Rejection>>, Failure> {
        let is_its = |(_, entry): &&(Position, Entry<E>)| (&entry.by, &entry.id) == (request.by, request.id);
        let Some((position, entry)) = self.entries.iter().find(is_its) else { return Ok(None) };
        let is_same = Receipt::of(entry, *position).answers(keys, request).await?;
        Ok(Some(if is_same { Ok(accepted(entry.version, *position)) } else { Err(reused(request.id)) }))
    }

    /// The moment of a command that happens now. Time never runs backwards within an aggregate.
    pub(crate) fn moment(&self, now: Timestamp) -> Timestamp {
        self.entries.last().map_or(now, |(_, entry)| now.max(entry.at))
    }

    pub(crate) fn append(&mut self, entry: Entry<E>, tail: Tail) {
        self.entries.push((tail.position, entry));
        self.tail = Some(tail);
    }
}

impl<E: AggregateEvent + Send> State for Record<E> {
    fn tail(&self) -> Option<Tail> {
        self.tail
    }

    fn key(&self) -> Option<&KeyId> {
        self.entries.iter().rev().find_map(|(_, entry)| entry.key.as_ref())
    }

    fn newest_policy(&self) -> PolicyVersion {
        self.entries.iter().map(|(_, entry)| entry.policy).max().unwrap_or(PolicyVersion(0))
    }
}
