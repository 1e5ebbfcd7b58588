use docket_messages::{CaseEvent, Deescalate, Deescalated, Personal, ReasonText, Rejection};

use crate::case::draft::Draft;

/// Lowers the case by one level. One that was not raised stays as it is.
pub(in crate::case) fn deescalate(draft: &mut Draft<'_>, command: &Deescalate) -> Result<(), Rejection> {
    if let Some(level) = draft.case.escalation_level.checked_sub(1) {
        let personal = Personal::Plain(ReasonText { reason: Some(command.reason.clone()) });
        draft.emit(CaseEvent::Deescalated(Deescalated { level, personal }));
    }
    Ok(())
}
