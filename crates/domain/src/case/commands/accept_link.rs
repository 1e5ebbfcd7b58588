use docket_messages::{AcceptLink, CaseEvent, Linked, Rejection};

use super::link::{is_linked, require_place};
use crate::case::draft::Draft;

/// Answers a case that asks to be the parent or a child of this one.
pub(in crate::case) fn accept_link(draft: &mut Draft<'_>, command: &AcceptLink) -> Result<(), Rejection> {
    let AcceptLink { from, relation, .. } = *command;
    if is_linked(&draft.case, from, relation) {
        return Ok(());
    }
    // Two cases that ask each other for the same are of one mind.
    if !draft.case.process.as_ref().is_some_and(|process| process.is_link(from, relation)) {
        require_place(&draft.case, from, relation)?;
    }
    draft.emit(CaseEvent::Linked(Linked { to: from, relation }));
    Ok(())
}
