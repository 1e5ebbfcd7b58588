use docket_messages::{Rejection, RejectionCode, Reopen};

use super::reason;
use crate::case::draft::Draft;
use crate::policy::DAY_MS;

/// Brings the case back. A closed case comes back only within the policy's window.
pub(in crate::case) fn reopen(draft: &mut Draft<'_>, command: &Reopen) -> Result<(), Rejection> {
    let days = draft.policy().document.lifecycle.reopen_closed_within_days;
    if let Some(closure) = draft.case.closure().filter(|_| !draft.is_backdated)
        && draft.at.millis_since(closure.at) > i64::from(days) * DAY_MS
    {
        let message = format!(
            "the case was closed at {}, more than {days} days ago; intake a follow-up with `followUpOf` {}",
            closure.at, draft.case.id
        );
        return Err(Rejection::new(RejectionCode::ReopenWindowPassed, message));
    }
    draft.reopen(None, reason(Some(&command.reason)));
    Ok(())
}
