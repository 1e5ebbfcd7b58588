//! Events folded into a case. No rule is applied here: what the events say has happened.

use std::sync::Arc;

use docket_messages::{
    CaseEntry, CaseEvent, CaseId, Cause, Classified, ClockChange, ClockReading, Linked, Opened, Relation, Status,
    Survey, Timestamp, Version,
};

use super::{
    Case, Classification, Closure, Offer, Passing, PendingProcess, Resolution, Stage, SurveyRound, TakenIn, Tally,
    Wait, process,
};
use crate::clock::{Clock, Interval};

mod owed;

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
            (None, CaseEvent::Opened(opened)) => case = Some(open(id, opened, entry.at)),
            (None, _) => return Err(InvalidEntry::new(format!("`{}` on a case that was not opened", event.name()))),
            (Some(_), CaseEvent::Opened(_)) => {
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
    let text = opened.personal.plain();
    let case_type = opened.case_type.clone();
    Case {
        id,
        version: Version(1),
        last_at: at,
        opened_at: at,
        subject: text.subject.clone(),
        is_described: text.description.is_some(),
        channel: opened.channel.clone(),
        customer_id: opened.customer_id.clone(),
        language: opened.language.clone(),
        tier: opened.tier.clone(),
        entitlement: opened.entitlement.clone(),
        parent_id: opened.parent_id,
        class: Classification {
            case_type,
            category: None,
            subcategory: None,
            impact: None,
            urgency: None,
            priority: None,
        },
        fields: docket_messages::Fields::new(),
        stage: Stage::New,
        queue: None,
        skills: Vec::new(),
        assignee: None,
        offer: None,
        escalation_level: 0,
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
        tally: Tally::default(),
        first_response_at: None,
        are_responses_unknown: opened.responses_unknown.unwrap_or(false),
        unanswered_since: None,
        updated_at: None,
        told_since: None,
        unowned_since: None,
        first_resolved_at: None,
        csat: None,
        over_since: None,
        over: Vec::new(),
        newest_policy: docket_messages::PolicyVersion(0),
        resolved_under: docket_messages::PolicyVersion(0),
    }
}

/// Remembers in which stretches the case was over: it may end or come back at `at`.
pub(super) fn note_ending(case: &mut Case, at: Timestamp) {
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
    match event {
        CaseEvent::Opened(_)
        | CaseEvent::Noted(_)
        | CaseEvent::Notified(_)
        | CaseEvent::ResolutionConfirmed(_)
        | CaseEvent::ResolutionRejected(_)
        | CaseEvent::EffortLogged(_)
        | CaseEvent::ArticleNotFound(_) => {}
        CaseEvent::Classified(classified) => classify(case, classified),
        CaseEvent::Routed(routed) => {
            case.tally.transfers += u32::from(case.queue.as_ref().is_some_and(|queue| *queue != routed.queue));
            case.queue = Some(routed.queue.clone());
            case.skills.clone_from(&routed.skills);
            case.offer = None;
            lies_from(case, at);
        }
        CaseEvent::Assigned(assigned) => {
            case.tally.reassigns += u32::from(case.assignee.as_ref().is_some_and(|agent| *agent != assigned.agent));
            case.assignee = Some(assigned.agent.clone());
            case.unowned_since = None;
            case.offer = None;
            open_if(case, assigned.status);
        }
        CaseEvent::Unassigned(_) => {
            case.assignee = None;
            lies_from(case, at);
        }
        CaseEvent::MessageReceived(message) => {
            if !message.ack && !case.are_responses_unknown {
                case.unanswered_since.get_or_insert(at);
            }
        }
        CaseEvent::Responded(responded) => {
            tell(case, responded.automatic, at);
            open_if(case, responded.status);
        }
        CaseEvent::Pended(pended) => {
            let (status, reason) = (pended.status, pended.reason.clone());
            case.stage = Stage::Pending(Wait { status, reason, follow_up_at: pended.until });
            case.offer = None;
        }
        CaseEvent::Resumed(_) => case.stage = Stage::Open,
        CaseEvent::FollowUpDue(_) => {
            if let Stage::Pending(wait) = &mut case.stage {
                wait.follow_up_at = None;
            }
        }
        CaseEvent::Escalated(escalated) => case.escalation_level = escalated.level,
        CaseEvent::Deescalated(deescalated) => case.escalation_level = deescalated.level,
        CaseEvent::Resolved(resolved) => {
            case.first_resolved_at.get_or_insert(at);
            // Once it is resolved there is nothing more to tell.
            (case.updated_at, case.told_since) = (None, None);
            case.stage = Stage::Resolved(Resolution { code: resolved.code.clone(), at });
            case.offer = None;
        }
        CaseEvent::Closed(closed) => {
            let resolution = case.resolution().cloned();
            case.stage = Stage::Closed(resolution, Closure { code: closed.code.clone(), at });
            case.offer = None;
        }
        CaseEvent::Reopened(_) => {
            case.tally.reopens += 1;
            // A resolution ends the wait for an owner; withdrawing a case only interrupts it.
            if case.resolution().is_some() || case.unowned_since.is_none() {
                lies_from(case, at);
            }
            case.stage = Stage::Open;
        }
        CaseEvent::Cancelled(_) => {
            case.stage = Stage::Cancelled;
            case.offer = None;
        }
        CaseEvent::Offered(offered) => {
            case.offer = Some(Offer { agent: offered.agent.clone(), expires_at: offered.expires_at });
        }
        CaseEvent::OfferDeclined(_) | CaseEvent::OfferExpired(_) => case.offer = None,
        CaseEvent::ArticleAttached(attached) => case.articles.push(attached.article_id.clone()),
        CaseEvent::ArticleDetached(detached) => case.articles.retain(|article| *article != detached.article_id),
        CaseEvent::Linked(linked) => link(case, linked),
        CaseEvent::LinkRequested(asked) => {
            let (to, relation) = (asked.to, asked.relation);
            case.process_at = asked.occurred_at;
            case.process = Some(PendingProcess::Link { to, relation, since: process::next_version(case) });
        }
        CaseEvent::LinkRefused(_) => case.process = None,
        CaseEvent::ParentAccepted(_) => case.is_parent = true,
        CaseEvent::PassingOn(passing) => case.passing.push(Passing { of: passing.of, children: passing.children }),
        CaseEvent::PassedOn(passed) => case.passing.retain(|passing| passing.of != passed.of),
        CaseEvent::SplitRequested(asked) => {
            let intake = Box::new(process::intake_of_split(case, asked));
            case.process_at = None;
            case.process = Some(PendingProcess::Split { into: asked.into, since: process::next_version(case), intake });
        }
        CaseEvent::MergeRequested(asked) => {
            let (into, waiting_since) = (asked.into, asked.waiting_since);
            case.process_at = asked.occurred_at;
            case.process = Some(PendingProcess::Merge { into, since: process::next_version(case), waiting_since });
        }
        CaseEvent::MergeRefused(_) => case.process = None,
        CaseEvent::Merged(merged) => {
            case.process = None;
            case.offer = None;
            let before = Box::new(case.stage.clone());
            case.stage = Stage::Merged { into: merged.into, before };
        }
        CaseEvent::UnmergeRequested(asked) => {
            case.process_at = asked.occurred_at;
            case.process = Some(PendingProcess::Unmerge { from: asked.from, since: process::next_version(case) });
        }
        CaseEvent::Absorbed(absorbed) => {
            case.taken_in.retain(|other| other.case != absorbed.from);
            case.taken_in.push(TakenIn { case: absorbed.from, answered_at: None, is_released: false });
            case.unanswered_since = case.unanswered_since.into_iter().chain(absorbed.waiting_since).min();
        }
        CaseEvent::Released(released) => {
            for other in case.taken_in.iter_mut().filter(|other| other.case == released.from) {
                other.is_released = true;
            }
        }
        CaseEvent::Unmerged(unmerged) => {
            case.process = None;
            if let Stage::Merged { before, .. } = &case.stage {
                case.stage = Stage::clone(before);
            }
            if let Some(answered_at) = unmerged.answered_at {
                case.updated_at = case.updated_at.max(Some(answered_at));
                case.told_since = case.told_since.max(Some(answered_at));
                answer(case, answered_at);
            }
        }
        CaseEvent::SurveyRequested(asked) => {
            let (survey, cycle, expires_at) = (asked.survey, asked.cycle, asked.expires_at);
            case.surveys.push(SurveyRound { survey, cycle, expires_at, is_over: false });
        }
        CaseEvent::SurveyAnswered(answered) => {
            end_survey(case, answered.survey, answered.cycle);
            if answered.survey == Survey::Csat {
                case.csat = Some(answered.score);
            }
        }
        CaseEvent::SurveyExpired(expired) => end_survey(case, expired.survey, expired.cycle),
        CaseEvent::Clock(change, reading) => return change_clock(case, *change, reading, at),
    }
    None
}

fn classify(case: &mut Case, classified: &Classified) {
    case.class = Classification {
        case_type: classified.case_type.clone(),
        category: classified.category.clone(),
        subcategory: classified.subcategory.clone(),
        impact: Some(classified.impact.clone()),
        urgency: Some(classified.urgency.clone()),
        priority: Some(classified.priority.clone()),
    };
    case.fields.extend(classified.fields.clone());
    if let Some(personal) = &classified.personal {
        case.fields.extend(personal.plain().fields.clone());
    }
}

/// A case that nobody has lies in its queue from now on.
fn lies_from(case: &mut Case, at: Timestamp) {
    case.unowned_since = (case.assignee.is_none() && case.queue.is_some()).then_some(at);
}

/// A link that the other case has agreed to is no longer waited for.
fn link(case: &mut Case, linked: &Linked) {
    let Linked { to, relation } = *linked;
    if case.process.as_ref().is_some_and(|process| process.is_link(to, relation)) {
        case.process = None;
    }
    match relation {
        Relation::Child => Arc::make_mut(&mut case.children).push(to),
        Relation::Parent => case.parent_id = Some(to),
        Relation::Related | Relation::CausedBy | Relation::FollowUp | Relation::FollowUpOf => {}
    }
    if relation != Relation::Child {
        case.links.push((to, relation));
    }
}

/// Taking a case up opens it; taking up one that waits leaves it waiting.
fn open_if(case: &mut Case, status: Status) {
    if status == Status::Open {
        case.stage = Stage::Open;
    }
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
