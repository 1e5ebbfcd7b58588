use docket_messages::{CaseEvent, Cause, MessageReceived, Personal, Receive, Rejection, Resumed, Status, WrittenText};

use super::follow_up;
use crate::case::draft::Draft;

/// Records a message of the customer. Unless it only says thanks, it resumes a case that waits for the
/// customer, and reopens a resolved one; what it does to a closed one, the policy says.
pub(in crate::case) fn receive(draft: &mut Draft<'_>, command: &Receive) -> Result<(), Rejection> {
    let ack = command.ack.unwrap_or(false);
    let personal = Personal::Plain(WrittenText { text: command.text.clone() });
    draft.emit(CaseEvent::MessageReceived(MessageReceived { channel: command.channel.clone(), ack, personal }));
    let (status, cause) = (Status::Open, Some(Cause::Message));
    match draft.case.status() {
        Status::PendingCustomer if !ack => {
            draft.emit(CaseEvent::Resumed(Resumed { status, cause }));
        }
        Status::Resolved if !ack => draft.reopen(cause, None),
        Status::Closed if !ack && !draft.is_backdated => follow_up::written_to_closed(draft, command)?,
        Status::New
        | Status::Open
        | Status::PendingCustomer
        | Status::PendingThirdParty
        | Status::PendingInternal
        | Status::Resolved
        | Status::Closed
        | Status::Cancelled
        | Status::Merged => {}
    }
    Ok(())
}
