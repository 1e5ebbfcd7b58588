use docket_messages::{CaseEvent, Rejection, Resumed, Status};

use crate::case::draft::Draft;

/// Takes the case up: from new or pending to open.
pub(in crate::case) fn resume(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    let status = Status::Open;
    if draft.case.status() != status {
        draft.emit(CaseEvent::Resumed(Resumed { status, cause: None }));
    }
    Ok(())
}
