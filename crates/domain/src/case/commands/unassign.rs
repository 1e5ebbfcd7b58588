use docket_messages::{Rejection, Unassign, Unassigned};

use super::reason;
use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Takes the case from its agent, if it has one.
impl Act for Unassign {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["unassigned"]);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if let Some(agent) = draft.case.facts.assignee.clone() {
            draft.emit(Unassigned { agent, cause: None, personal: reason(self.reason.as_ref()) });
        }
        Ok(())
    }
}
