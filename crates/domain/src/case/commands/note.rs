use docket_messages::{Event, Note, Noted, Personal, Rejection, WrittenText};

use crate::case::draft::Draft;

/// Makes an internal note.
pub(in crate::case) fn note(draft: &mut Draft<'_>, command: &Note) -> Result<(), Rejection> {
    draft.emit(Event::Noted(Noted { personal: Personal::Plain(WrittenText { text: command.text.clone() }) }));
    Ok(())
}
