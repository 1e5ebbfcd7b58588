use docket_messages::{AgentId, Assigned, CaseEvent, Claim, Rejection, RejectionCode, WorkEvent};

use crate::case::Case;
use crate::case::act::{Act, Asks, Recorded, Rules, Statuses};
use crate::case::draft::Draft;
use crate::policy::Policy;
use crate::routing;

/// Takes the case on for an agent, unless somebody has it, or it is offered to somebody else. Claiming one's own case
/// changes nothing.
impl Act for Claim {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["assigned"]).asks(Asks::Desk);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_queue(self.queue.as_ref())
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Work(WorkEvent::Assigned(assigned))] => Recorded::As(Self {
                case_id: Some(case.id),
                queue: None,
                agent: assigned.agent.clone(),
                force: assigned.forced,
            }),
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let agent = &self.agent;
        if draft.case.facts.assignee.as_ref() == Some(agent) {
            return Ok(());
        }
        refuse_taken(&draft.case, agent)?;
        if let Some(queue) = self.queue.as_ref().filter(|queue| draft.case.facts.queue.as_ref() != Some(*queue)) {
            let message = format!("the case is not in the queue `{queue}`; read it again, or claim it without a queue");
            return Err(Rejection::new(RejectionCode::CaseTaken, message).at("queue"));
        }
        routing::require_skills(&draft.case, agent, draft.policy(), draft.at)?;
        let status = draft.case.status_when_assigned();
        let forced = self.force.filter(|is_forced| *is_forced);
        draft.emit(Assigned { agent: agent.clone(), status, cause: None, at: None, forced });
        Ok(())
    }
}

/// Refuses a case that somebody else has, or that is offered to somebody else.
pub(in crate::case) fn refuse_taken(case: &Case, agent: &AgentId) -> Result<(), Rejection> {
    let message = match (&case.facts.assignee, &case.offer) {
        (Some(_), _) => "somebody has the case already; `assign` takes it from them",
        (None, Some(offer)) if offer.agent != *agent => "the case is just offered to somebody else; claim another",
        (None, Some(_) | None) => return Ok(()),
    };
    Err(Rejection::new(RejectionCode::CaseTaken, message).at("agent"))
}

pub(in crate::case) fn take(draft: &mut Draft<'_>, agent: &AgentId, cause: Option<docket_messages::Cause>) {
    let status = draft.case.status_when_assigned();
    draft.emit(Assigned { agent: agent.clone(), status, cause, at: None, forced: None });
}
