use docket_messages::{CaseEvent, Personal, Rejection, Respond, Responded, Status, WrittenText};

use crate::case::draft::Draft;

/// Answers the customer. A human's answer meets `first_response` and opens a new case; a bot's does neither.
pub(in crate::case) fn respond(draft: &mut Draft<'_>, command: &Respond) -> Result<(), Rejection> {
    let automatic = command.automatic.unwrap_or(false);
    let takes_up = draft.case.status() == Status::New && !automatic;
    let status = if takes_up { Status::Open } else { draft.case.status() };
    let personal = Personal::Plain(WrittenText { text: command.text.clone() });
    draft.emit(CaseEvent::Responded(Responded { channel: command.channel.clone(), automatic, status, personal }));
    Ok(())
}
