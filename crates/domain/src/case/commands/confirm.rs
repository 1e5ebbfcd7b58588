use docket_messages::{
    Cause, ClosedText, Confirm, Event, Personal, Rejection, Reopened, ResolutionConfirmed, ResolutionRejected, Status,
};

use crate::case::draft::Draft;

/// Records whether the customer agrees that the case is solved. If not, it is reopened.
pub(in crate::case) fn confirm(draft: &mut Draft<'_>, command: &Confirm) -> Result<(), Rejection> {
    let comment = command.comment.clone();
    let personal = comment.map(|comment| Personal::Plain(ClosedText { comment: Some(comment) }));
    if command.accepted {
        draft.emit(Event::ResolutionConfirmed(ResolutionConfirmed { personal }));
    } else {
        draft.emit(Event::ResolutionRejected(ResolutionRejected { personal }));
        let (status, cause) = (Status::Open, Some(Cause::Rejection));
        draft.emit(Event::Reopened(Reopened { status, cause, personal: None }));
    }
    Ok(())
}
