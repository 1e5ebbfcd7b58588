use docket_messages::{CaseEvent, Note, Noted, Personal, Rejection, WrittenText};

use crate::case::draft::Draft;

/// Makes an internal note.
pub(in crate::case) fn note(draft: &mut Draft<'_>, command: &Note) -> Result<(), Rejection> {
    draft.emit(CaseEvent::Noted(Noted { personal: Personal::Plain(WrittenText { text: command.text.clone() }) }));
    Ok(())
}
