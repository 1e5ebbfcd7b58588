use docket_messages::{CaseEvent, Cause, OfferEvent, Offered, Push, Rejection, RejectionCode, WorkEvent};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::commands::{refuse_taken, take};
use crate::case::draft::Draft;
use crate::routing;

/// Gives the case to an agent whom nobody chose, or offers it to them, as its queue says. The board that chose the
/// agent may have seen the case as it was a moment ago, so what has changed since is a refusal.
impl Act for Push {
    const RULES: Rules = Rules::new(Statuses::WAITING, &["offered", "assigned"]).stays();

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        let agent = match facts {
            [CaseEvent::Offer(OfferEvent::Offered(offered))] => &offered.agent,
            [CaseEvent::Work(WorkEvent::Assigned(assigned))] => &assigned.agent,
            _ => return Recorded::Never,
        };
        let Some(queue) = case.facts.queue.clone() else { return Recorded::Never };
        Recorded::As(Self { case_id: case.id, queue, agent: agent.clone() })
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let (queue, agent) = (&self.queue, &self.agent);
        if draft.case.facts.assignee.as_ref() == Some(agent) {
            return Ok(());
        }
        refuse_taken(&draft.case, agent)?;
        let is_there = draft.case.facts.queue.as_ref() == Some(queue);
        let Some(rule) = draft.policy().document.queues.get(queue).filter(|rule| rule.push && is_there) else {
            let message = format!("the case is not in the queue `{queue}`, or that queue does not push its cases");
            return Err(Rejection::new(RejectionCode::CaseTaken, message).at("queue"));
        };
        routing::require_skills(&draft.case, agent, draft.policy(), draft.at)?;
        match rule.offer_seconds {
            None => take(draft, agent, Some(Cause::Push)),
            Some(_) if draft.case.offer.is_some() => {}
            Some(seconds) => {
                let expires_at = draft.at.plus_millis(i64::from(seconds) * 1000);
                draft.emit(Offered { agent: agent.clone(), expires_at });
            }
        }
        Ok(())
    }
}
