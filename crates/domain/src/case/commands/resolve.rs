use docket_messages::{CaseEvent, Personal, Rejection, Resolve, Resolved, ResolvedText, Status};

use crate::case::draft::Draft;
use crate::case::requirements;

/// Declares the case solved.
pub(in crate::case) fn resolve(draft: &mut Draft<'_>, command: &Resolve) -> Result<(), Rejection> {
    requirements::at_resolve(&draft.case, draft.policy())?;
    draft.emit(CaseEvent::Resolved(Resolved {
        code: command.code.clone(),
        status: Status::Resolved,
        article_id: command.article_id.clone(),
        personal: Personal::Plain(ResolvedText { steps: command.steps.clone() }),
    }));
    Ok(())
}
