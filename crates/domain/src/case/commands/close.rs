use docket_messages::{CaseEvent, Close, Closed, ClosedText, Personal, Rejection, Status, Verb};

use crate::case::decide::wrong_status;
use crate::case::draft::Draft;
use crate::case::requirements;

/// Ends the case: from resolved, or from where the closure code allows it. Closing it again with the same code
/// changes nothing.
pub(in crate::case) fn close(draft: &mut Draft<'_>, command: &Close) -> Result<(), Rejection> {
    let policy = draft.policy();
    let status = draft.case.status();
    let codes = &policy.document.closure_codes;
    if let Some(closure) = draft.case.closure() {
        let is_same = closure.code == command.code;
        return if is_same { Ok(()) } else { Err(wrong_status(status, Verb::Close, "resolved")) };
    }
    let allowed = codes.get(&command.code).is_some_and(|rule| rule.also_from.contains(&status));
    if status != Status::Resolved && !allowed {
        let from = format!("resolved with code `{}`", command.code);
        return Err(wrong_status(status, Verb::Close, &from));
    }
    requirements::at_close(&draft.case, policy)?;
    let comment = command.comment.clone();
    draft.emit(CaseEvent::Closed(Closed {
        code: command.code.clone(),
        status: Status::Closed,
        at: None,
        cause: None,
        personal: comment.map(|comment| Personal::Plain(ClosedText { comment: Some(comment) })),
    }));
    Ok(())
}
