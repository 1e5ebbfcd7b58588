use docket_messages::{CaseEvent, Personal, ReasonText, Rejection, Unmerge, UnmergeRequested, Verb};

use crate::case::decide::wrong_status;
use crate::case::draft::Draft;

/// Asks the case that goes on to let this one go; see [`crate::case::process`] for how it goes on.
pub(in crate::case) fn unmerge(draft: &mut Draft<'_>, command: &Unmerge) -> Result<(), Rejection> {
    draft.case.refuse_while_waiting("caseId")?;
    let Some(from) = draft.case.merged_into() else {
        return Err(wrong_status(draft.case.status(), Verb::Unmerge, "merged"));
    };
    let personal = Personal::Plain(ReasonText { reason: Some(command.reason.clone()) });
    draft.emit(CaseEvent::UnmergeRequested(UnmergeRequested { from, occurred_at: draft.occurred_at(), personal }));
    Ok(())
}
