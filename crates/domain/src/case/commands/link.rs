use docket_messages::{Event, Link, Linked, Rejection};

use super::merge::refuse_itself;
use crate::case::draft::Draft;

/// Says how the case stands to another. Saying it again changes nothing.
pub(in crate::case) fn link(draft: &mut Draft<'_>, command: &Link) -> Result<(), Rejection> {
    let Link { case_id, to, relation } = *command;
    refuse_itself(case_id, to, "linked to", "to")?;
    if !draft.case.links.contains(&(to, relation)) {
        draft.emit(Event::Linked(Linked { to, relation }));
    }
    Ok(())
}
