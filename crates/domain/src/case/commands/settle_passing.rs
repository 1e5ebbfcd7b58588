use docket_messages::{CaseEvent, PassedOn, Rejection, SettlePassing};

use crate::case::draft::Draft;

/// Notes that all children have been told, once.
pub(in crate::case) fn settle_passing(draft: &mut Draft<'_>, command: &SettlePassing) -> Result<(), Rejection> {
    let SettlePassing { of, taken, refused, .. } = *command;
    if draft.case.passing.iter().any(|passing| passing.of == of) {
        draft.emit(CaseEvent::PassedOn(PassedOn { of, taken, refused }));
    }
    Ok(())
}
