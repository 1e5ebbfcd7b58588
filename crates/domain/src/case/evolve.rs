//! Events folded into a case. No rule is applied here: what the events say has happened.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_messages::{
    ArticleEvent, CaseEntry, CaseEvent, CaseFacts, CaseId, Cause, ClockChange, ClockReading, EndingEvent, Fields,
    IntakeEvent, OfferEvent, Opened, Personal, PolicyVersion, Relation, Status, Survey, SurveyEvent, Timestamp,
    Version, WorkEvent,
};

use super::{Case, Offer, SurveyRound, Wait};
use crate::clock::{Clock, Interval};

mod others;
mod owed;

use others::{belong, merge};
use owed::{answer, owe, tell};

/// An entry that cannot follow what came before it: the log was damaged or written by something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidEntry {
    /// What is wrong with it.
    pub message: String,
}

/// Folds one entry into a case.
///
/// # Errors
/// [`InvalidEntry`] when the entry does not begin a case, begins one that exists, or skips a version.
pub fn fold(case: Option<Case>, id: CaseId, entry: &CaseEntry) -> Result<Option<Case>, InvalidEntry> {
    fold_and_keep(case, id, entry, &mut |_| {})
}

/// The same; `keep` gets each clock that another instance of its kind takes the place of.
pub(super) fn fold_and_keep(
    case: Option<Case>,
    id: CaseId,
    entry: &CaseEntry,
    keep: &mut dyn FnMut(Clock),
) -> Result<Option<Case>, InvalidEntry> {
    let mut case = case;
    for event in &entry.events {
        match (&mut case, event) {
            (None, CaseEvent::Intake(IntakeEvent::Opened(opened))) => case = Some(open(id, opened, entry.at)),
            (None, _) => return Err(InvalidEntry::new(format!("`{}` on a case that was not opened", event.name()))),
            (Some(_), CaseEvent::Intake(IntakeEvent::Opened(_))) => {
                return Err(InvalidEntry::new("a case that exists was opened".to_owned()));
            }
            (Some(case), event) => {
                if let Some(replaced) = case.apply(event, entry.at) {
                    keep(replaced);
                }
            }
        }
    }
    if let Some(case) = &mut case {
        if case.version != entry.version {
            return Err(InvalidEntry::new(format!("version {} where {} was due", entry.version, case.version)));
        }
        case.last_at = case.last_at.max(entry.at);
        case.decided_under(entry.policy, &entry.events);
    }
    Ok(case)
}

impl InvalidEntry {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

pub(super) fn open(id: CaseId, opened: &Opened, at: Timestamp) -> Case {
    Case {
        id,
        version: Version(1),
        last_at: at,
        facts: CaseFacts::opened(opened, at),
        // Entries from before texts were sealed do not say it otherwise.
        is_described: opened.described.unwrap_or(false)
            || opened.personal.open().is_some_and(|text| text.description.is_some()),
        entitlement: opened.entitlement.clone(),
        fields: Fields::new(),
        personal_fields: BTreeSet::new(),
        waits: None,
        status_before_merge: opened.status,
        skills: Vec::new(),
        offer: None,
        clocks: Vec::new(),
        surveys: Vec::new(),
        articles: Vec::new(),
        links: opened.follow_up_of.map(|other| (other, Relation::FollowUpOf)).into_iter().collect(),
        children: Arc::default(),
        is_parent: false,
        passing: Vec::new(),
        process: None,
        process_at: None,
        taken_in: Vec::new(),
        are_responses_unknown: opened.responses_unknown.unwrap_or(false),
        unanswered_since: None,
        updated_at: None,
        told_since: None,
        unowned_since: None,
        over_since: None,
        over: Vec::new(),
        newest_policy: PolicyVersion(0),
        resolved_under: PolicyVersion(0),
    }
}

/// Remembers in which stretches the case was over: it may end or come back at `at`.
fn note_ending(case: &mut Case, at: Timestamp) {
    match (case.status().is_active(), case.over_since) {
        (false, None) => case.over_since = Some(at),
        (true, Some(from)) => {
            case.over_since = None;
            case.over.push(Interval { from, to: at });
        }
        (true, None) | (false, Some(_)) => {}
    }
}

/// Applies one event that happened at `at`; see [`Case::apply`].
pub(super) fn apply(case: &mut Case, event: &CaseEvent, at: Timestamp) -> Option<Clock> {
    let (status, was_resolved) = (case.status(), case.facts.resolved_at.is_some());
    case.facts.apply(event, at);
    note_ending(case, at);
    if !case.status().is_pending() && case.status() != Status::Merged {
        case.waits = None;
    }
    match event {
        CaseEvent::Intake(event) => place(case, event, at),
        CaseEvent::Work(event) => work(case, event, at),
        CaseEvent::Article(event) => articles(case, event),
        CaseEvent::Offer(event) => offer(case, event),
        CaseEvent::Family(event) => belong(case, event),
        CaseEvent::Merge(event) => merge(case, event, status),
        CaseEvent::Ending(event) => end(case, event, at, was_resolved),
        CaseEvent::Survey(event) => ask(case, event),
        CaseEvent::Clock(change, reading) => return change_clock(case, *change, reading, at),
    }
    None
}

/// Its fields, and where it lies.
fn place(case: &mut Case, event: &IntakeEvent, at: Timestamp) {
    match event {
        IntakeEvent::Opened(_) => {}
        IntakeEvent::Classified(classified) => {
            case.personal_fields.retain(|name| !classified.fields.contains_key(name));
            case.fields.extend(classified.fields.clone());
            // Entries from before texts were sealed do not name them otherwise.
            let personal = classified.personal.as_ref().and_then(Personal::open);
            let said = personal.into_iter().flat_map(|text| text.fields.keys());
            for name in classified.personal_fields.iter().chain(said) {
                case.fields.remove(name);
                case.personal_fields.insert(name.clone());
            }
        }
        IntakeEvent::Routed(routed) => {
            case.skills.clone_from(&routed.skills);
            case.offer = None;
            lies_from(case, at);
        }
    }
}

/// Work on it.
fn work(case: &mut Case, event: &WorkEvent, at: Timestamp) {
    match event {
        WorkEvent::Assigned(_) => {
            case.unowned_since = None;
            case.offer = None;
        }
        WorkEvent::Unassigned(_) => lies_from(case, at),
        WorkEvent::MessageReceived(message) => {
            if !message.ack && !case.are_responses_unknown {
                case.unanswered_since.get_or_insert(at);
            }
        }
        WorkEvent::Responded(responded) => tell(case, responded.automatic, at),
        WorkEvent::Pended(pended) => {
            case.waits = Some(Wait { reason: pended.reason.clone(), follow_up_at: pended.until });
            case.offer = None;
        }
        WorkEvent::FollowUpDue(_) => {
            if let Some(wait) = &mut case.waits {
                wait.follow_up_at = None;
            }
        }
        WorkEvent::Resumed(_)
        | WorkEvent::Escalated(_)
        | WorkEvent::Deescalated(_)
        | WorkEvent::Noted(_)
        | WorkEvent::Notified(_)
        | WorkEvent::EffortLogged(_) => {}
    }
}

/// The articles that are attached to it.
fn articles(case: &mut Case, event: &ArticleEvent) {
    match event {
        ArticleEvent::ArticleAttached(attached) => case.articles.push(attached.article_id.clone()),
        ArticleEvent::ArticleDetached(detached) => case.articles.retain(|article| *article != detached.article_id),
        ArticleEvent::ArticleNotFound(_) => {}
    }
}

/// To whom it is offered.
fn offer(case: &mut Case, event: &OfferEvent) {
    match event {
        OfferEvent::Offered(offered) => {
            case.offer = Some(Offer { agent: offered.agent.clone(), expires_at: offered.expires_at });
        }
        OfferEvent::OfferDeclined(_) | OfferEvent::OfferExpired(_) => case.offer = None,
    }
}

/// That it ends or comes back.
fn end(case: &mut Case, event: &EndingEvent, at: Timestamp, was_resolved: bool) {
    match event {
        EndingEvent::Resolved(_) => {
            // Once it is resolved there is nothing more to tell.
            (case.updated_at, case.told_since) = (None, None);
            case.offer = None;
        }
        EndingEvent::Reopened(_) => {
            // A resolution ends the wait for an owner; withdrawing a case only interrupts it.
            if was_resolved || case.unowned_since.is_none() {
                lies_from(case, at);
            }
        }
        EndingEvent::Closed(_) | EndingEvent::Cancelled(_) => case.offer = None,
        EndingEvent::ResolutionConfirmed(_) | EndingEvent::ResolutionRejected(_) => {}
    }
}

/// What its customer is asked.
fn ask(case: &mut Case, event: &SurveyEvent) {
    match event {
        SurveyEvent::SurveyRequested(asked) => {
            let (survey, cycle, expires_at) = (asked.survey, asked.cycle, asked.expires_at);
            case.surveys.push(SurveyRound { survey, cycle, expires_at, is_over: false });
        }
        SurveyEvent::SurveyAnswered(answered) => end_survey(case, answered.survey, answered.cycle),
        SurveyEvent::SurveyExpired(expired) => end_survey(case, expired.survey, expired.cycle),
    }
}

/// A case that nobody has lies in its queue from now on.
fn lies_from(case: &mut Case, at: Timestamp) {
    case.unowned_since = (case.facts.assignee.is_none() && case.facts.queue.is_some()).then_some(at);
}

fn end_survey(case: &mut Case, survey: Survey, cycle: u32) {
    for round in case.surveys.iter_mut().filter(|round| round.survey == survey && round.cycle == cycle) {
        round.is_over = true;
    }
}

fn change_clock(case: &mut Case, change: ClockChange, reading: &ClockReading, at: Timestamp) -> Option<Clock> {
    let is_meant = |clock: &&mut Clock| {
        clock.name == reading.clock && (change == ClockChange::Started || clock.instance == reading.instance)
    };
    if change == ClockChange::Started {
        owe(case, reading);
    }
    let over = &case.over;
    let clock = case.clocks.iter_mut().find(is_meant);
    match (change, clock) {
        (ClockChange::Started, None) => case.clocks.push(Clock::started(reading, None, over)),
        (ClockChange::Started, Some(before)) => {
            let goes_on = reading.cause == Some(Cause::Reopen);
            let next = Clock::started(reading, goes_on.then_some(&*before), over);
            return Some(std::mem::replace(before, next));
        }
        (_, Some(clock)) => clock.evolve(change, reading, at, over),
        (_, None) => {}
    }
    None
}
