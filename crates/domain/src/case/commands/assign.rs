use docket_messages::{Assign, Assigned, Rejection};

use super::route::move_to;
use crate::case::Case;
use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;
use crate::policy::Policy;

/// Gives the case to an agent, in another queue if the command says so. A new case becomes open.
impl Act for Assign {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["assigned", "routed"]);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_queue(self.queue.as_ref())
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
