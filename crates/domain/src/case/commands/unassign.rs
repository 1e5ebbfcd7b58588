use docket_messages::{CaseEvent, Rejection, Unassign, Unassigned};

use super::reason;
use crate::case::draft::Draft;

/// Takes the case from its agent, if it has one.
pub(in crate::case) fn unassign(draft: &mut Draft<'_>, command: &Unassign) -> Result<(), Rejection> {
    if let Some(agent) = draft.case.assignee.clone() {
        draft.emit(CaseEvent::Unassigned(Unassigned { agent, cause: None, personal: reason(command.reason.as_ref()) }));
    }
    Ok(())
}
