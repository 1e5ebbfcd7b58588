//! What people did, replayed under another policy.
//!
//! What people did stays as the log has it: what they wrote, whom they assigned, where they moved a case by hand, when
//! they solved it. What the policy derives is derived again: the priority, the queue that a rule chose, what a reason
//! to wait means, clocks, escalations, auto-close and expiries.

use docket_messages::{
    CaseEntry, CaseEvent, CaseId, Cause, EndingEvent, FamilyEvent, Fields, IntakeEvent, MergeEvent, OfferEvent, Opened,
    Status, SurveyEvent, Timestamp, Verb, WorkEvent,
};

use super::draft::Draft;
use super::evolve::InvalidEntry;
use super::{Case, CaseTexts};
use crate::policy::Policies;
use crate::routing;

/// A case after one more entry, and what happened to it by that.
#[derive(Debug)]
pub struct Replayed {
    /// The case.
    pub case: Case,
    /// The events, each with the instant at which it happened.
    pub events: Vec<(Timestamp, CaseEvent)>,
    /// How many of them had fallen due before.
    pub due: usize,
    /// The status that the case had after those; none if it began by this entry.
    pub before: Option<Status>,
}

/// Replays an entry. A back-dated one records what happened, so the automations of the lifecycle do not apply to it.
///
/// # Errors
/// [`InvalidEntry`] when the entry does not begin a case, or begins one that exists.
pub fn replay(
    case: Option<Case>,
    id: CaseId,
    entry: &CaseEntry,
    is_backdated: bool,
    policies: &Policies,
) -> Result<Replayed, InvalidEntry> {
    let (mut draft, before, facts) = match (case, entry.events.split_first()) {
        (Some(_), Some((CaseEvent::Intake(IntakeEvent::Opened(_)), _))) => {
            return Err(InvalidEntry::new("a case that exists was opened"));
        }
        (Some(case), _) => {
            let mut draft = Draft::of_own(case, entry.at, is_backdated, policies);
            draft.bring_up_to_date(entry.verb == Verb::Tick.as_str());
            let before = draft.case.status();
            (draft, Some(before), entry.events.as_slice())
        }
        (None, Some((CaseEvent::Intake(IntakeEvent::Opened(opened)), rest))) => {
            let opened = Opened { status: Status::New, ..opened.clone() };
            (Draft::opening(id, opened, entry.at, is_backdated, policies), None, rest)
        }
        (None, _) => return Err(InvalidEntry::new("a case that was not opened")),
    };
    let due = if before.is_some() { draft.events.len() } else { 0 };
    for event in facts {
        draft.repeat(event);
    }
    if entry.verb == Verb::Intake.as_str()
        && !is_backdated
        && let Some(routed) =
            routing::route(&draft.case, &all_fields(&draft.case, &entry.events), draft.policy(), entry.at)
    {
        draft.emit(routed);
    }
    if entry.verb == Verb::RebaseClocks.as_str() {
        draft.rebase_clocks();
    }
    draft.settle_clocks(due, entry.at);
    draft.pass_on();
    Ok(draft.into_replayed(due, before))
}

/// The custom fields of a case that these events began, as far as they can be opened.
fn all_fields(case: &Case, events: &[CaseEvent]) -> Fields {
    let mut texts = CaseTexts::default();
    events.iter().for_each(|event| texts.apply(event));
    texts.all_fields(case)
}

/// Lets time pass until an instant, with nobody doing anything.
#[must_use]
pub fn pass_time(case: Case, until: Timestamp, policies: &Policies) -> Replayed {
    let at = until.max(case.last_at);
    let mut draft = Draft::of_own(case, at, false, policies);
    let before = draft.case.status();
    draft.bring_up_to_date(true);
    let due = draft.events.len();
    draft.into_replayed(due, Some(before))
}

impl Draft<'_> {
    /// Emits what an event says that people did; nothing when it is the policy's doing.
    fn repeat(&mut self, event: &CaseEvent) {
        if is_derived(event) || self.changes_nothing(event) {
            return;
        }
        let mut event = event.clone();
        if let CaseEvent::Intake(IntakeEvent::Classified(classified)) = &mut event {
            // What was decided stays decided, unless impact or urgency was said again. One that the policy does not have
            // keeps the priority that it had.
            let class = &self.case.facts.class;
            let is_kept = (class.impact.as_ref(), class.urgency.as_ref(), class.priority.as_ref())
                == (Some(&classified.impact), Some(&classified.urgency), Some(&classified.priority));
            if let Some(priority) = self.policy().priority(&classified.impact, &classified.urgency).filter(|_| !is_kept)
            {
                classified.priority = priority.clone();
            }
        }
        if let CaseEvent::Work(WorkEvent::Pended(pended)) = &mut event {
            // A reason that the policy does not have keeps the status that it meant.
            if let Some(rule) = self.policy().document.pend_reasons.get(&pended.reason) {
                pended.status = rule.status;
            }
        }
        self.in_the_status_of_this_case(&mut event);
        let waiting_since =
            if let CaseEvent::Merge(MergeEvent::Absorbed(absorbed)) = &event { absorbed.waiting_since } else { None };
        let (is_reopened, is_confirmed) = (
            matches!(event, CaseEvent::Ending(EndingEvent::Reopened(_))),
            matches!(event, CaseEvent::Ending(EndingEvent::ResolutionConfirmed(_))),
        );
        self.emit(event);
        self.wait_since(waiting_since);
        if is_reopened {
            self.follow_reopening();
        }
        if is_confirmed {
            self.follow_confirmation();
        }
    }

    /// What an event says of the status follows from where the case is here.
    fn in_the_status_of_this_case(&self, event: &mut CaseEvent) {
        if let CaseEvent::Work(WorkEvent::Assigned(assigned)) = event {
            assigned.status = self.case.status_when_assigned();
        }
        if let CaseEvent::Work(WorkEvent::Responded(responded)) = event {
            responded.status = self.case.status_when_answered(responded.automatic);
        }
        if let CaseEvent::Merge(MergeEvent::Unmerged(unmerged)) = event {
            unmerged.status = self.case.status_before_merge();
        }
        in_their_one_status(event);
    }

    /// Whether people did what the other policy has done already.
    fn changes_nothing(&self, event: &CaseEvent) -> bool {
        let case = &self.case;
        matches!(event, CaseEvent::Intake(IntakeEvent::Routed(routed)) if case.facts.queue.as_ref() == Some(&routed.queue))
            || matches!(event, CaseEvent::Work(WorkEvent::Assigned(assigned)) if case.facts.assignee.as_ref() == Some(&assigned.agent))
            || matches!(event, CaseEvent::Work(WorkEvent::Unassigned(_)) if case.facts.assignee.is_none())
            || matches!(event, CaseEvent::Work(WorkEvent::Escalated(escalated)) if escalated.level <= case.facts.escalation_level)
    }

    fn into_replayed(self, due: usize, before: Option<Status>) -> Replayed {
        let (mut case, at) = (self.case, self.at);
        case.last_at = case.last_at.max(at);
        let events = self.events.into_iter().map(|event| (event.at().unwrap_or(at), event)).collect();
        Replayed { case, events, due, before }
    }
}

/// After some events there is one status only.
fn in_their_one_status(event: &mut CaseEvent) {
    if let CaseEvent::Work(WorkEvent::Resumed(resumed)) = event {
        resumed.status = Status::Open;
    }
    if let CaseEvent::Merge(MergeEvent::Merged(merged)) = event {
        merged.status = Status::Merged;
    }
    if let CaseEvent::Ending(ending) = event {
        match ending {
            EndingEvent::Reopened(reopened) => reopened.status = Status::Open,
            EndingEvent::Resolved(resolved) => resolved.status = Status::Resolved,
            EndingEvent::Closed(closed) => closed.status = Status::Closed,
            EndingEvent::Cancelled(cancelled) => cancelled.status = Status::Cancelled,
            EndingEvent::ResolutionConfirmed(_) | EndingEvent::ResolutionRejected(_) => {}
        }
    }
}

/// Whether an event is what the policy made of something, and not what people did. One that is not named here is what
/// people did: were it the policy's doing, it would come twice, which the tests of every story notice.
pub(super) fn is_derived(event: &CaseEvent) -> bool {
    matches!(
        event,
        CaseEvent::Work(WorkEvent::FollowUpDue(_) | WorkEvent::Notified(_))
            | CaseEvent::Survey(SurveyEvent::SurveyExpired(_))
            | CaseEvent::Offer(OfferEvent::OfferExpired(_))
            | CaseEvent::Family(FamilyEvent::PassingOn(_))
            | CaseEvent::Clock(..)
    ) || matches!(event, CaseEvent::Intake(IntakeEvent::Routed(routed)) if routed.rule.is_some() || routed.cause.is_some())
        || matches!(event, CaseEvent::Work(WorkEvent::Assigned(assigned)) if assigned.cause.is_some_and(|cause| cause != Cause::Push))
        || matches!(event, CaseEvent::Work(WorkEvent::Unassigned(unassigned)) if unassigned.cause.is_some())
        || matches!(event, CaseEvent::Work(WorkEvent::Escalated(escalated)) if escalated.cause.is_some())
        || matches!(event, CaseEvent::Ending(EndingEvent::Closed(closed)) if closed.cause.is_some_and(|cause| cause != Cause::Parent))
}
