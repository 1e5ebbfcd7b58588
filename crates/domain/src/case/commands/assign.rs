use docket_messages::{Assign, Assigned, CaseEvent, Rejection};

use super::route::move_to;
use crate::case::draft::Draft;

/// Gives the case to an agent, in another queue if the command says so. A new case becomes open.
pub(in crate::case) fn assign(draft: &mut Draft<'_>, command: &Assign) -> Result<(), Rejection> {
    if let Some(queue) = &command.queue {
        move_to(draft, queue, None);
    }
    if draft.case.assignee.as_ref() == Some(&command.agent) {
        return Ok(());
    }
    let status = draft.case.status_when_assigned();
    draft.emit(CaseEvent::Assigned(Assigned {
        agent: command.agent.clone(),
        status,
        cause: None,
        at: None,
        forced: None,
    }));
    Ok(())
}
