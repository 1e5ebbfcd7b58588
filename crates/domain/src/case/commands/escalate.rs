use docket_messages::{CaseEvent, Escalate, Escalated, Rejection, RejectionCode, Verb};

use super::reason;
use super::route::move_to;
use crate::case::decide::wrong_status;
use crate::case::draft::Draft;
use crate::policy::LEVEL_LIMIT;

/// Raises the case to a level, one more than now unless the command says which, and moves it if it says where.
pub(in crate::case) fn escalate(draft: &mut Draft<'_>, command: &Escalate) -> Result<(), Rejection> {
    let now = draft.case.escalation_level;
    let level = command.level.unwrap_or_else(|| now.saturating_add(1).min(LEVEL_LIMIT));
    if !(1..=LEVEL_LIMIT).contains(&level) || level < now {
        let message = format!("the case is at level {now}; it can be raised to at most {LEVEL_LIMIT}, not to {level}");
        return Err(Rejection::new(RejectionCode::BadRequest, message).at("level"));
    }
    if let Some(queue) = &command.queue {
        let status = draft.case.status();
        if !status.is_active() {
            return Err(wrong_status(status, Verb::Escalate, "new, open or pending when it moves the case").at("queue"));
        }
        move_to(draft, queue, None);
    }
    if level != now {
        let personal = reason(Some(&command.reason));
        draft.emit(CaseEvent::Escalated(Escalated { level, cause: None, at: None, personal }));
    }
    Ok(())
}
