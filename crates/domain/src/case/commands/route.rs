use docket_messages::{CaseEvent, Name, Rejection, Route, Routed, Text};

use super::reason;
use crate::case::draft::Draft;

/// Moves the case to a queue, by hand.
pub(in crate::case) fn route(draft: &mut Draft<'_>, command: &Route) -> Result<(), Rejection> {
    move_to(draft, &command.queue, command.reason.as_ref());
    Ok(())
}

/// Moves the case to a queue, unless it is there.
pub(super) fn move_to(draft: &mut Draft<'_>, queue: &Name, why: Option<&Text>) {
    if draft.case.queue.as_ref() != Some(queue) {
        draft.emit(CaseEvent::Routed(Routed {
            queue: queue.clone(),
            rule: None,
            cause: None,
            skills: Vec::new(),
            at: None,
            personal: reason(why),
        }));
    }
}
