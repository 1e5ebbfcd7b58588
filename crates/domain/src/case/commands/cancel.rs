use docket_messages::{Cancel, Cancelled, CaseEvent, Personal, ReasonText, Rejection, Status};

use crate::case::draft::Draft;

/// Withdraws the case. Withdrawing it again changes nothing.
pub(in crate::case) fn cancel(draft: &mut Draft<'_>, command: &Cancel) -> Result<(), Rejection> {
    let status = Status::Cancelled;
    if draft.case.status() != status {
        let personal = Personal::Plain(ReasonText { reason: Some(command.reason.clone()) });
        draft.emit(CaseEvent::Cancelled(Cancelled { status, personal }));
    }
    Ok(())
}
