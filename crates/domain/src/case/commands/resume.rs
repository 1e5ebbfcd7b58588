use docket_messages::{CaseEvent, Rejection, Resume, Resumed, Status, WorkEvent};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Takes the case up: from new or pending to open.
impl Act for Resume {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["resumed"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Work(WorkEvent::Resumed(_))] => Recorded::As(Self { case_id: case.id }),
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let status = Status::Open;
        if draft.case.status() != status {
            draft.emit(Resumed { status, cause: None });
        }
        Ok(())
    }
}
