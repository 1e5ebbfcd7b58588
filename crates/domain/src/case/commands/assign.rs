use docket_messages::{Assign, Assigned, CaseEvent, IntakeEvent, Rejection, WorkEvent};

use super::route::move_to;
use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;
use crate::policy::Policy;

/// Gives the case to an agent, in another queue if the command says so. A new case becomes open.
impl Act for Assign {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["assigned", "routed"]);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_queue(self.queue.as_ref())
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        let (routed, assigned) = match facts {
            [CaseEvent::Work(WorkEvent::Assigned(assigned))] => (None, Some(assigned)),
            [CaseEvent::Intake(IntakeEvent::Routed(routed)), CaseEvent::Work(WorkEvent::Assigned(assigned))] => {
                (Some(routed), Some(assigned))
            }
            [CaseEvent::Intake(IntakeEvent::Routed(routed))] => (Some(routed), None),
            _ => return Recorded::Never,
        };
        // One who has the case already is not assigned again.
        let Some(agent) = assigned.map(|assigned| &assigned.agent).or(case.facts.assignee.as_ref()) else {
            return Recorded::Never;
        };
        let queue = routed.map(|routed| routed.queue.clone());
        Recorded::As(Self { case_id: case.id, agent: agent.clone(), queue })
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if let Some(queue) = &self.queue {
            move_to(draft, queue, None);
        }
        if draft.case.facts.assignee.as_ref() == Some(&self.agent) {
            return Ok(());
        }
        let status = draft.case.status_when_assigned();
        draft.emit(Assigned { agent: self.agent.clone(), status, cause: None, at: None, forced: None });
        Ok(())
    }
}
