use docket_messages::{AcceptOffer, AgentId, CaseEvent, Rejection, RejectionCode, WorkEvent};

use super::claim::take;
use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Takes on a case that was offered. Taking on one's own case changes nothing.
impl Act for AcceptOffer {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["assigned"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Work(WorkEvent::Assigned(assigned))] => {
                Recorded::As(Self { case_id: case.id, agent: assigned.agent.clone() })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if draft.case.facts.assignee.as_ref() == Some(&self.agent) {
            return Ok(());
        }
        require_offer(&draft.case, &self.agent)?;
        take(draft, &self.agent, None);
        Ok(())
    }
}

/// Refuses an agent who has no offer, or no longer has it.
pub(super) fn require_offer(case: &Case, agent: &AgentId) -> Result<(), Rejection> {
    if case.offer.as_ref().is_some_and(|offer| offer.agent == *agent) {
        return Ok(());
    }
    let message = "the case is not offered to this agent, or no longer is; claim it, or another one";
    Err(Rejection::new(RejectionCode::NotOffered, message).at("agent"))
}
