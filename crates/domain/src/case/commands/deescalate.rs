use docket_messages::{CaseEvent, Deescalate, Deescalated, Personal, ReasonText, Rejection, WorkEvent};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Lowers the case by one level. One that was not raised stays as it is.
impl Act for Deescalate {
    const RULES: Rules = Rules::new(Statuses::LIVE, &["deescalated"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Work(WorkEvent::Deescalated(deescalated))] => {
                let reason = deescalated.personal.open().and_then(|text| text.reason.clone());
                Recorded::of(reason.map(|reason| Self { case_id: case.id, reason }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if let Some(level) = draft.case.facts.escalation_level.checked_sub(1) {
            let personal = Personal::Plain(ReasonText { reason: Some(self.reason.clone()) });
            draft.emit(Deescalated { level, personal });
        }
        Ok(())
    }
}
