use docket_messages::{CaseEvent, Rejection, Unassign, Unassigned, WorkEvent};

use super::reason;
use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses, opened};
use crate::case::draft::Draft;

/// Takes the case from its agent, if it has one.
impl Act for Unassign {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["unassigned"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Work(WorkEvent::Unassigned(unassigned))] => {
                let reason = opened(unassigned.personal.as_ref()).map(|text| text.and_then(|text| text.reason.clone()));
                Recorded::of(reason.map(|reason| Self { case_id: case.id, reason }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if let Some(agent) = draft.case.facts.assignee.clone() {
            draft.emit(Unassigned { agent, cause: None, personal: reason(self.reason.as_ref()) });
        }
        Ok(())
    }
}
