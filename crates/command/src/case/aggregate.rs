//! A case as the service holds it: its state, the commands that it has answered, and the end of its chain.

use std::sync::Arc;

use docket_domain::case::{self, Case, process};
use docket_eventlog::{EventLog, Flaw, Recorded, Subject, Tail, follow};
use docket_keyring::Brought;
use docket_messages::{
    Addressee, AsOf, CaseEntry, CaseEvent, CaseId, CaseView, CommandId, Failure, FailureCode, KeyId, MergeEvent,
    PolicyVersion, Position, PrincipalName, StepVerb, Timestamp,
};

use super::history::fold_history;
use crate::answers::failure;
use crate::context::Context;
use crate::receipts::{Receipt, Receipts, Request};
use crate::transact::State;

/// A case, the commands that it has answered for ever, and the end of its chain.
#[derive(Debug, Clone, Default)]
pub struct Aggregate {
    case: Option<Case>,
    receipts: Receipts,
    tail: Option<Tail>,
    /// The key of what is personal in it.
    key: Option<KeyId>,
    /// The cases that it went on in, now or once: what was sent to it then was answered there.
    was_in: Vec<CaseId>,
    /// The receipts of those, once they were looked for. Nothing is added to them while this case stands for itself.
    elsewhere: Option<Elsewhere>,
}

/// The receipts of other cases, each with the case.
pub(crate) type Elsewhere = Arc<Vec<(CaseId, Receipts)>>;

/// An entry that cannot be read or cannot follow what came before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the entry at position {position} cannot be applied: {message}")]
pub struct Unreadable {
    /// Where it is.
    pub position: Position,
    /// What is wrong with it.
    pub message: String,
}

impl Unreadable {
    pub(super) fn at(recorded: &Recorded, message: String) -> Self {
        Self { position: recorded.position, message }
    }
}

impl From<Flaw> for Unreadable {
    fn from(Flaw { position, message }: Flaw) -> Self {
        Self { position, message }
    }
}

/// Brings a case up to the log: a case that many write to at once is long, and only what is new is read.
pub(super) async fn catch_up<L: EventLog>(
    context: &Context<L>,
    id: CaseId,
    mut aggregate: Box<Aggregate>,
) -> Result<Box<Aggregate>, Failure> {
    let entries = context.log.read_subject(&Subject::Case(id), aggregate.last()).await;
    let entries = entries.map_err(|error| failure(FailureCode::LogUnavailable, &error, true))?;
    let caught_up = aggregate.extend(id, &entries);
    caught_up.map_err(|error| failure(FailureCode::LogUnreadable, &error, false))?;
    Ok(aggregate)
}

/// How often the log is read until it shows what its leader has.
const READS: u32 = 20;

/// The entries of a case, with everything that the log's leader had of it when this began: a replica that is read may
/// be behind.
///
/// # Errors
/// That the log cannot be read, or stays behind its leader.
pub(super) async fn entries_to_end<L: EventLog>(context: &Context<L>, id: CaseId) -> Result<Vec<Recorded>, Failure> {
    let subject = Subject::Case(id);
    let unavailable = |error: &dyn std::error::Error| failure(FailureCode::LogUnavailable, error, true);
    let end = context.log.last_of(&subject).await.map_err(|error| unavailable(&error))?;
    let mut entries: Vec<Recorded> = Vec::new();
    for attempt in 0..READS {
        let after = entries.last().map(|entry| entry.position);
        entries.extend(context.log.read_subject(&subject, after).await.map_err(|error| unavailable(&error))?);
        if entries.last().map(|entry| entry.position) >= end {
            return Ok(entries);
        }
        context.back_off(attempt).await;
    }
    let message = format!("the case {id} could not be read up to its end; send the command again");
    Err(Failure { code: FailureCode::LogUnavailable, message, retryable: true })
}

/// Reads a case, with everything that the log's leader had of it when this began.
///
/// # Errors
/// That the log cannot be read, or one of its entries cannot.
pub(super) async fn read_to_end<L: EventLog>(context: &Context<L>, id: CaseId) -> Result<Box<Aggregate>, Failure> {
    let folded = Aggregate::fold(id, &entries_to_end(context, id).await?);
    folded.map(Box::new).map_err(|error| failure(FailureCode::LogUnreadable, &error, false))
}

impl Aggregate {
    /// Folds the entries of a case's subject.
    ///
    /// # Errors
    /// [`Unreadable`] when one of them cannot follow the ones before it.
    pub fn fold(id: CaseId, entries: &[Recorded]) -> Result<Self, Unreadable> {
        let mut aggregate = Self::default();
        aggregate.extend(id, entries)?;
        Ok(aggregate)
    }

    /// Applies the entries that follow.
    ///
    /// # Errors
    /// [`Unreadable`] when one of them cannot follow the ones before it.
    pub(crate) fn extend(&mut self, id: CaseId, entries: &[Recorded]) -> Result<(), Unreadable> {
        entries.iter().try_for_each(|recorded| self.apply(id, recorded))
    }

    /// The case as of a moment, from the entries of its subject; none when it had not begun. Without a moment it is
    /// as of `now`. What is sealed with none of the keys is left out; without any, all texts are.
    ///
    /// # Errors
    /// [`Unreadable`] when one of the entries cannot follow the ones before it.
    pub fn view(
        id: CaseId,
        mut entries: Vec<Recorded>,
        keys: Option<&Brought>,
        as_of: Option<AsOf>,
        now: Timestamp,
    ) -> Result<Option<CaseView>, Unreadable> {
        entries.retain(|recorded| match as_of {
            None => true,
            Some(AsOf::Position(position)) => recorded.position <= position,
            // What cannot be read is left to the fold, which says so.
            Some(AsOf::Time(time)) => CaseEntry::decode(&recorded.payload).map_or(true, |entry| entry.at <= time),
        });
        let (mut history, tail) = fold_history(id, &entries, keys.unwrap_or(&Brought::new()))?;
        if keys.is_none() {
            history.leave_texts_out();
        }
        let now = match as_of {
            None => now,
            Some(AsOf::Time(time)) => time,
            Some(AsOf::Position(_)) => history.case().map_or(now, |case| case.last_at),
        };
        Ok(tail.and_then(|tail| history.view(tail.position, now)))
    }

    fn apply(&mut self, id: CaseId, recorded: &Recorded) -> Result<(), Unreadable> {
        let (entry, tail) = follow(recorded, self.tail)?;
        self.case =
            case::fold(self.case.take(), id, &entry).map_err(|error| Unreadable::at(recorded, error.message))?;
        self.remember(&entry, tail);
        Ok(())
    }

    /// Applies an entry that was just appended, whose case is known.
    pub(super) fn appended(&mut self, case: Case, entry: &CaseEntry, tail: Tail) {
        self.case = Some(case);
        self.remember(entry, tail);
    }

    fn remember(&mut self, entry: &CaseEntry, tail: Tail) {
        self.receipts.remember(entry, tail.position);
        self.follow_process(entry, tail.position);
        for event in &entry.events {
            if matches!(event, CaseEvent::Merge(MergeEvent::Merged(_) | MergeEvent::Unmerged(_))) {
                self.elsewhere = None;
            }
            if let CaseEvent::Merge(MergeEvent::Merged(merged)) = event
                && !self.was_in.contains(&merged.into)
            {
                self.was_in.push(merged.into);
            }
        }
        self.key = entry.key.clone().or(self.key.take());
        self.tail = Some(tail);
    }

    /// The reply to a command that begins something with another case tells of its last step.
    fn follow_process(&mut self, entry: &CaseEntry, position: Position) {
        let is_begun = process::begins(&entry.events);
        let step = self.case.as_ref().filter(|_| is_begun).and_then(Case::next_step);
        if let Some(Ok(end)) = step.map(|step| CommandId::parse(&step.completion_id())) {
            self.receipts.begin(entry, end);
        }
        let is_end = [StepVerb::SettleMerge, StepVerb::SettleLink].iter().any(|verb| verb.as_str() == entry.verb);
        if is_end && entry.by == PrincipalName::system() {
            self.receipts.end(entry, position);
        }
    }

    /// The receipt that it has of the id of a command that was sent to `addressee`.
    pub(crate) fn receipt(&self, here: CaseId, addressee: Addressee, request: &Request<'_>) -> Option<&Receipt> {
        self.receipts.find(here, addressee, request)
    }

    pub(crate) fn receipts(&self) -> &Receipts {
        &self.receipts
    }

    /// The cases that it went on in, now or once.
    pub(crate) fn was_in(&self) -> &[CaseId] {
        &self.was_in
    }

    /// What was found in those, if it was looked for.
    pub(crate) fn elsewhere(&self) -> Option<&Elsewhere> {
        self.elsewhere.as_ref()
    }

    pub(crate) fn keep_elsewhere(&mut self, found: Elsewhere) {
        self.elsewhere = Some(found);
    }

    /// The case, once it was opened.
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        self.case.as_ref()
    }

    /// The position of its last entry.
    #[must_use]
    pub fn last(&self) -> Option<Position> {
        self.tail.map(|tail| tail.position)
    }
}

impl State for Box<Aggregate> {
    fn tail(&self) -> Option<Tail> {
        self.tail
    }

    fn key(&self) -> Option<&KeyId> {
        self.key.as_ref()
    }

    fn newest_policy(&self) -> PolicyVersion {
        self.case.as_ref().map_or(PolicyVersion(0), Case::newest_policy)
    }
}
