use docket_messages::{Rejection, Resume, Resumed, Status};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Takes the case up: from new or pending to open.
impl Act for Resume {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["resumed"]);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let status = Status::Open;
        if draft.case.status() != status {
            draft.emit(Resumed { status, cause: None });
        }
        Ok(())
    }
}
