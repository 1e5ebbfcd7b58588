use docket_messages::{Event, Rejection, Release, Released};

use crate::case::draft::Draft;

/// Lets go of a case that was merged into this one.
pub(in crate::case) fn release(draft: &mut Draft<'_>, command: &Release) -> Result<(), Rejection> {
    draft.emit(Event::Released(Released { from: command.from }));
    Ok(())
}
