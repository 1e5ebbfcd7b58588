//! What people did, replayed under another policy.
//!
//! What people did stays as the log has it: what they wrote, whom they assigned, where they moved a case by hand, when
//! they solved it. What the policy derives is derived again: the priority, the queue that a rule chose, what a reason
//! to wait means, clocks, escalations, auto-close and expiries.

use docket_messages::{CaseEntry, CaseEvent, CaseId, Cause, Timestamp, Verb};

use super::Case;
use super::draft::Draft;
use super::evolve::InvalidEntry;
use crate::policy::Policies;
use crate::routing;

/// A case after one more entry, and what happened to it by that.
#[derive(Debug)]
pub struct Replayed {
    /// The case.
    pub case: Case,
    /// The events, each with the instant at which it happened.
    pub events: Vec<(Timestamp, CaseEvent)>,
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
    let (mut draft, from, facts) = match (case, entry.events.split_first()) {
        (Some(_), Some((CaseEvent::Opened(_), _))) => return Err(InvalidEntry::new("a case that exists was opened")),
        (Some(case), _) => {
            let mut draft = Draft::of_own(case, entry.at, is_backdated, policies);
            draft.bring_up_to_date(entry.verb == Verb::Tick.as_str());
            let from = draft.events.len();
            (draft, from, entry.events.as_slice())
        }
        (None, Some((CaseEvent::Opened(opened), rest))) => {
            (Draft::opening(id, opened.clone(), entry.at, is_backdated, policies), 0, rest)
        }
        (None, _) => return Err(InvalidEntry::new("a case that was not opened")),
    };
    for event in facts {
        draft.repeat(event);
    }
    if entry.verb == Verb::Intake.as_str()
        && !is_backdated
        && let Some(routed) = routing::route(&draft.case, draft.policy(), entry.at)
    {
        draft.emit(CaseEvent::Routed(routed));
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
    fn repeat(&mut self, event: &CaseEvent) {
        if is_derived(event) || self.changes_nothing(event) {
            return;
        }
        let mut event = event.clone();
        if let CaseEvent::Classified(classified) = &mut event {
            // An impact or urgency that the policy does not have keeps the priority that it had.
            if let Some(priority) = self.policy().priority(&classified.impact, &classified.urgency) {
                classified.priority = priority.clone();
            }
        }
        if let CaseEvent::Pended(pended) = &mut event {
            // A reason that the policy does not have keeps the status that it meant.
            if let Some(rule) = self.policy().document.pend_reasons.get(&pended.reason) {
                pended.status = rule.status;
            }
        }
        let waiting_since = if let CaseEvent::Absorbed(absorbed) = &event { absorbed.waiting_since } else { None };
        let (is_reopened, is_confirmed) =
            (matches!(event, CaseEvent::Reopened(_)), matches!(event, CaseEvent::ResolutionConfirmed(_)));
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
    fn changes_nothing(&self, event: &CaseEvent) -> bool {
        let case = &self.case;
        matches!(event, CaseEvent::Routed(routed) if case.queue.as_ref() == Some(&routed.queue))
            || matches!(event, CaseEvent::Assigned(assigned) if case.assignee.as_ref() == Some(&assigned.agent))
            || matches!(event, CaseEvent::Unassigned(_) if case.assignee.is_none())
            || matches!(event, CaseEvent::Escalated(escalated) if escalated.level <= case.escalation_level)
    }

    fn into_replayed(self) -> Replayed {
        let (mut case, at) = (self.case, self.at);
        case.last_at = case.last_at.max(at);
        let events = self.events.into_iter().map(|event| (event.at().unwrap_or(at), event)).collect();
        Replayed { case, events }
    }
}

/// Whether an event is what the policy made of something, and not what people did.
fn is_derived(event: &CaseEvent) -> bool {
    match event {
        CaseEvent::Routed(routed) => routed.rule.is_some() || routed.cause.is_some(),
        CaseEvent::Assigned(assigned) => assigned.cause.is_some_and(|cause| cause != Cause::Push),
        CaseEvent::Unassigned(unassigned) => unassigned.cause.is_some(),
        CaseEvent::Escalated(escalated) => escalated.cause.is_some(),
        CaseEvent::Closed(closed) => closed.cause.is_some_and(|cause| cause != Cause::Parent),
        CaseEvent::Notified(_)
        | CaseEvent::SurveyExpired(_)
        | CaseEvent::OfferExpired(_)
        | CaseEvent::PassingOn(_)
        | CaseEvent::FollowUpDue(_)
        | CaseEvent::Clock(..) => true,
        CaseEvent::Opened(_)
        | CaseEvent::Classified(_)
        | CaseEvent::MessageReceived(_)
        | CaseEvent::Responded(_)
        | CaseEvent::Noted(_)
        | CaseEvent::Pended(_)
        | CaseEvent::Resumed(_)
        | CaseEvent::Deescalated(_)
        | CaseEvent::Resolved(_)
        | CaseEvent::ResolutionConfirmed(_)
        | CaseEvent::ResolutionRejected(_)
        | CaseEvent::EffortLogged(_)
        | CaseEvent::Offered(_)
        | CaseEvent::OfferDeclined(_)
        | CaseEvent::ArticleAttached(_)
        | CaseEvent::ArticleDetached(_)
        | CaseEvent::ArticleNotFound(_)
        | CaseEvent::Linked(_)
        | CaseEvent::LinkRequested(_)
        | CaseEvent::LinkRefused(_)
        | CaseEvent::ParentAccepted(_)
        | CaseEvent::PassedOn(_)
        | CaseEvent::SplitRequested(_)
        | CaseEvent::MergeRequested(_)
        | CaseEvent::MergeRefused(_)
        | CaseEvent::Absorbed(_)
        | CaseEvent::Merged(_)
        | CaseEvent::UnmergeRequested(_)
        | CaseEvent::Released(_)
        | CaseEvent::Unmerged(_)
        | CaseEvent::Reopened(_)
        | CaseEvent::Cancelled(_)
        | CaseEvent::SurveyRequested(_)
        | CaseEvent::SurveyAnswered(_) => false,
    }
}
