use docket_messages::{Rejection, RejectionCode, Reopen};

use super::reason;
use crate::case::Closure;
use crate::case::draft::Draft;
use crate::policy::DAY_MS;

/// Brings the case back. A closed case comes back only within the policy's window.
pub(in crate::case) fn reopen(draft: &mut Draft<'_>, command: &Reopen) -> Result<(), Rejection> {
    if let Some(closure) = closed_too_long_ago(draft).filter(|_| !draft.is_backdated) {
        let days = draft.policy().document.lifecycle.reopen_closed_within_days;
        let message = format!(
            "the case was closed at {}, more than {days} days ago; intake a follow-up with `followUpOf` {}",
            closure.at, draft.case.id
        );
        return Err(Rejection::new(RejectionCode::ReopenWindowPassed, message));
    }
    draft.reopen(None, reason(Some(&command.reason)));
    Ok(())
}

/// How the case was closed, if that is longer ago than the policy allows a case to come back.
pub(super) fn closed_too_long_ago<'d>(draft: &'d Draft<'_>) -> Option<&'d Closure> {
    let window = i64::from(draft.policy().document.lifecycle.reopen_closed_within_days) * DAY_MS;
    draft.case.closure().filter(|closure| draft.at.millis_since(closure.at) > window)
}
