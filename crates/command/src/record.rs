//! Aggregates of few entries, read whole for each command: agents, claims, customers.

use bytes::Bytes;
use docket_eventlog::{AppendError, Draft, EventLog, Expect, Subject};
use docket_messages::{
    Accepted, AggregateEvent, Entry, FORMAT_VERSION, Failure, FailureCode, PolicyVersion, Position, Reply, Salt,
    Timestamp, Version,
};

use crate::aggregate::{Tail, Unreadable, follow};
use crate::handle::{failure, reused};
use crate::receipts::{Receipt, Request};
use crate::service::Context;

/// An aggregate's entries.
pub(crate) struct Record<E> {
    subject: Subject,
    entries: Vec<(Position, Entry<E>)>,
    tail: Option<Tail>,
}

impl<E: AggregateEvent> Record<E> {
    /// Reads it.
    pub(crate) async fn load<L: EventLog>(context: &Context<L>, subject: Subject) -> Result<Self, Failure> {
        let entries = context.log.read_subject(&subject, None).await;
        let entries = entries.map_err(|error| failure(FailureCode::LogUnavailable, &error, true))?;
        let mut record = Self { subject, entries: Vec::new(), tail: None };
        for recorded in &entries {
            let entry = follow(recorded, record.tail);
            let entry = entry.map_err(|error: Unreadable| failure(FailureCode::LogUnreadable, &error, false))?;
            record.entries.push((recorded.position, entry));
            record.tail = Some(Tail::of(recorded));
        }
        Ok(record)
    }

    /// Its events, oldest first, each with the moment of its entry.
    pub(crate) fn events(&self) -> impl DoubleEndedIterator<Item = (Timestamp, &E)> {
        self.entries.iter().flat_map(|(_, entry)| entry.events.iter().map(|event| (entry.at, event)))
    }

    /// The answer that a command got, if it was answered.
    pub(crate) fn answer(&self, request: &Request<'_>) -> Option<Reply> {
        let is_its = |(_, entry): &&(Position, Entry<E>)| (&entry.by, &entry.id) == (request.by, request.id);
        let (position, entry) = self.entries.iter().find(is_its)?;
        if !Receipt::of(entry, *position).answers(request) {
            return Some(Reply::Rejected { rejected: reused(request.id) });
        }
        Some(accepted(entry.version, *position, true))
    }

    /// Appends what followed from a command. Time never runs backwards within an aggregate.
    pub(crate) async fn append<L: EventLog>(
        &self,
        context: &Context<L>,
        request: &Request<'_>,
        policy: PolicyVersion,
        events: Vec<E>,
    ) -> Result<Reply, AppendError> {
        let salt = Salt::new((context.environment.random)());
        let (digest, message) = request.digests(&salt);
        let last = self.entries.last().map(|(_, entry)| entry);
        let before = last.map_or(0, |entry| entry.version.get());
        let version = Version(before.saturating_add(u32::try_from(events.len()).unwrap_or(u32::MAX)));
        let entry = Entry {
            v: FORMAT_VERSION,
            id: request.id.clone(),
            verb: request.verb.to_owned(),
            kind: self.subject.kind(),
            of: self.subject.id(),
            at: (context.environment.now)().max(last.map_or(Timestamp::EPOCH, |entry| entry.at)),
            by: request.by.clone(),
            on_behalf_of: request.on_behalf_of.cloned(),
            via: request.via,
            policy,
            version,
            request: digest,
            message: Some(message),
            sent_to: None,
            prev: self.tail.map(|tail| tail.digest),
            wake_at: None,
            salt,
            events,
        };
        let payload = entry.encode().map_err(|error| AppendError::Unavailable { source: error.into() })?;
        let expect = Expect::after(self.tail.map(|tail| tail.position));
        let draft = Draft { by: Some(request.by.clone()), ..Bytes::from(payload).into() };
        let position = context.log.append(&self.subject, expect, draft).await?;
        Ok(accepted(version, position, false))
    }
}

fn accepted(version: Version, position: Position, repeated: bool) -> Reply {
    let accepted = Accepted { case_id: None, version: Some(version), follow_up: None, policy: None, position };
    Reply::Accepted { accepted, repeated }
}
