use docket_messages::{
    CaseEvent, Cause, ClosedText, Confirm, Personal, Rejection, ResolutionConfirmed, ResolutionRejected,
};

use crate::case::draft::Draft;

/// Records whether the customer agrees that the case is solved. If not, it is reopened; if so, the policy may close it.
pub(in crate::case) fn confirm(draft: &mut Draft<'_>, command: &Confirm) -> Result<(), Rejection> {
    let comment = command.comment.clone();
    let personal = comment.map(|comment| Personal::Plain(ClosedText { comment: Some(comment) }));
    if command.accepted {
        draft.emit(CaseEvent::ResolutionConfirmed(ResolutionConfirmed { personal }));
        draft.follow_confirmation();
    } else {
        draft.emit(CaseEvent::ResolutionRejected(ResolutionRejected { personal }));
        draft.reopen(Some(Cause::Rejection), None);
    }
    Ok(())
}
