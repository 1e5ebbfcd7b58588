use docket_messages::{CaseEvent, Pend, Pended, Rejection, RejectionCode};

use crate::case::draft::Draft;
use crate::case::{Stage, Wait};
use crate::policy::DAY_MS;

/// The furthest follow-up: ten years.
const UNTIL_LIMIT_DAYS: i64 = 3_660;

/// Lets the case wait. While it waits already, the reason is replaced.
pub(in crate::case) fn pend(draft: &mut Draft<'_>, command: &Pend) -> Result<(), Rejection> {
    let document = &draft.policy().document;
    if let Some(until) = command.until {
        let last = draft.at.plus_millis(UNTIL_LIMIT_DAYS * DAY_MS);
        if until <= draft.at || until > last {
            let message = format!("`until` must lie after {} and at most {UNTIL_LIMIT_DAYS} days later", draft.at);
            return Err(Rejection::new(RejectionCode::BadRequest, message).at("until"));
        }
    }
    let Some(rule) = document.pend_reasons.get(&command.reason) else { return Ok(()) };
    let wait = Wait { status: rule.status, reason: command.reason.clone(), follow_up_at: command.until };
    if draft.case.stage == Stage::Pending(wait) {
        return Ok(());
    }
    let (reason, status, until) = (command.reason.clone(), rule.status, command.until);
    draft.emit(CaseEvent::Pended(Pended { reason, status, until }));
    Ok(())
}
