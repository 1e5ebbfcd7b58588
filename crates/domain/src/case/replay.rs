//! What people did, replayed under another policy.
//!
//! What people did stays as the log has it: what they wrote, whom they assigned, where they moved a case by hand, when
//! they solved it. What the policy derives is derived again: the priority, the queue that a rule chose, what a reason
//! to wait means, clocks, escalations, auto-close and expiries.

use docket_messages::{CaseId, Cause, Entry, Event, Timestamp, Verb};

use super::Case;
use super::draft::Draft;
use super::evolve::OutOfPlace;
use crate::policy::Policies;
use crate::routing;

/// A case after one more entry, and what happened to it by that.
#[derive(Debug)]
pub struct Replayed {
    /// The case.
    pub case: Case,
    /// The events, each with the instant at which it happened.
    pub events: Vec<(Timestamp, Event)>,
}

/// Replays an entry. A back-dated one records what happened, so the automations of the lifecycle do not apply to it.
///
/// # Errors
/// [`OutOfPlace`] when the entry does not begin a case, or begins one that exists.
pub fn replay(
    case: Option<Case>,
    id: CaseId,
    entry: &Entry,
    is_backdated: bool,
    policies: &Policies,
) -> Result<Replayed, OutOfPlace> {
    let (mut draft, from, facts) = match (case, entry.events.split_first()) {
        (Some(_), Some((Event::Opened(_), _))) => return Err(OutOfPlace::new("a case that exists was opened")),
        (Some(case), _) => {
            let mut draft = Draft::of_own(case, entry.at, is_backdated, policies);
            draft.bring_up_to_date(entry.verb == Verb::Tick.as_str());
            let from = draft.events.len();
            (draft, from, entry.events.as_slice())
        }
        (None, Some((Event::Opened(opened), rest))) => {
            (Draft::opening(id, opened.clone(), entry.at, is_backdated, policies), 0, rest)
        }
        (None, _) => return Err(OutOfPlace::new("a case that was not opened")),
    };
    for event in facts {
        draft.repeat(event);
    }
    if entry.verb == Verb::Intake.as_str()
        && !is_backdated
        && let Some(routed) = routing::route(&draft.case, draft.policy(), entry.at)
    {
        draft.emit(Event::Routed(routed));
    }
    draft.settle_clocks(from, entry.at);
    draft.pass_on();
    Ok(draft.into_replayed())
}

/// Lets time pass until an instant, with nobody doing anything.
#[must_use]
pub fn pass_time(case: Case, until: Timestamp, policies: &Policies) -> Replayed {
    let at = until.max(case.last_at);
    let mut draft = Draft::of_own(case, at, false, policies);
    draft.bring_up_to_date(true);
    draft.into_replayed()
}

impl Draft<'_> {
    /// Emits what an event says that people did; nothing when it is the policy's doing.
    fn repeat(&mut self, event: &Event) {
        if is_derived(event) || self.changes_nothing(event) {
            return;
        }
        let mut event = event.clone();
        if let Event::Classified(classified) = &mut event {
            // An impact or urgency that the policy does not have keeps the priority that it had.
            if let Some(priority) = self.policy().priority(&classified.impact, &classified.urgency) {
                classified.priority = priority.clone();
            }
        }
        if let Event::Pended(pended) = &mut event {
            // A reason that the policy does not have keeps the status that it meant.
            if let Some(rule) = self.policy().document.pend_reasons.get(&pended.reason) {
                pended.status = rule.status;
            }
        }
        let waiting_since = if let Event::Absorbed(absorbed) = &event { absorbed.waiting_since } else { None };
        let (is_reopened, is_confirmed) =
            (matches!(event, Event::Reopened(_)), matches!(event, Event::ResolutionConfirmed(_)));
        self.emit(event);
        self.wait_since(waiting_since);
        if is_reopened {
            self.follow_reopening();
        }
        if is_confirmed {
            self.follow_confirmation();
        }
    }

    /// Whether people did what the other policy has done already.
    fn changes_nothing(&self, event: &Event) -> bool {
        let case = &self.case;
        matches!(event, Event::Routed(routed) if case.queue.as_ref() == Some(&routed.queue))
            || matches!(event, Event::Assigned(assigned) if case.assignee.as_ref() == Some(&assigned.agent))
            || matches!(event, Event::Unassigned(_) if case.assignee.is_none())
            || matches!(event, Event::Escalated(escalated) if escalated.level <= case.escalation_level)
    }

    fn into_replayed(self) -> Replayed {
        let (mut case, at) = (self.case, self.at);
        case.last_at = case.last_at.max(at);
        let events = self.events.into_iter().map(|event| (event.at().unwrap_or(at), event)).collect();
        Replayed { case, events }
    }
}

/// Whether an event is what the policy made of something, and not what people did.
fn is_derived(event: &Event) -> bool {
    match event {
        Event::Routed(routed) => routed.rule.is_some() || routed.cause.is_some(),
        Event::Assigned(assigned) => assigned.cause.is_some_and(|cause| cause != Cause::Push),
        Event::Unassigned(unassigned) => unassigned.cause.is_some(),
        Event::Escalated(escalated) => escalated.cause.is_some(),
        Event::Closed(closed) => closed.cause.is_some_and(|cause| cause != Cause::Parent),
        Event::Notified(_)
        | Event::SurveyExpired(_)
        | Event::OfferExpired(_)
        | Event::PassingOn(_)
        | Event::FollowUpDue(_)
        | Event::ClockStarted(_)
        | Event::ClockPaused(_)
        | Event::ClockResumed(_)
        | Event::ClockRetargeted(_)
        | Event::ClockWarned(_)
        | Event::ClockBreached(_)
        | Event::ClockMet(_)
        | Event::ClockCancelled(_) => true,
        Event::Opened(_)
        | Event::Classified(_)
        | Event::MessageReceived(_)
        | Event::Responded(_)
        | Event::Noted(_)
        | Event::Pended(_)
        | Event::Resumed(_)
        | Event::Deescalated(_)
        | Event::Resolved(_)
        | Event::ResolutionConfirmed(_)
        | Event::ResolutionRejected(_)
        | Event::EffortLogged(_)
        | Event::Offered(_)
        | Event::OfferDeclined(_)
        | Event::ArticleAttached(_)
        | Event::ArticleDetached(_)
        | Event::ArticleNotFound(_)
        | Event::Linked(_)
        | Event::LinkRequested(_)
        | Event::LinkRefused(_)
        | Event::ParentAccepted(_)
        | Event::PassedOn(_)
        | Event::SplitRequested(_)
        | Event::MergeRequested(_)
        | Event::MergeRefused(_)
        | Event::Absorbed(_)
        | Event::Merged(_)
        | Event::UnmergeRequested(_)
        | Event::Released(_)
        | Event::Unmerged(_)
        | Event::Reopened(_)
        | Event::Cancelled(_)
        | Event::SurveyRequested(_)
        | Event::SurveyAnswered(_)
        | Event::PresenceChanged(_)
        | Event::CaseProposed(_)
        | Event::SurveyReserved(_)
        | Event::PolicyPublished(_) => false,
    }
}
