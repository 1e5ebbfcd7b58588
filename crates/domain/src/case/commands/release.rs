use docket_messages::{CaseEvent, Rejection, Release, Released};

use crate::case::draft::Draft;

/// Lets go of a case that was merged into this one. Letting go of one that was not changes nothing.
pub(in crate::case) fn release(draft: &mut Draft<'_>, command: &Release) -> Result<(), Rejection> {
    if draft.case.has_taken_in(command.from) {
        draft.emit(CaseEvent::Released(Released { from: command.from }));
    }
    Ok(())
}
