use docket_messages::{Rejection, RejectionCode, Reopen};

use super::reason;
use crate::case::Closure;
use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;
use crate::case::{Case, Stage};
use crate::policy::DAY_MS;

/// Brings the case back. A closed case comes back only within the policy's window.
impl Act for Reopen {
    const RULES: Rules = Rules::new(Statuses::ENDED);

    fn holds_already(&self, case: &Case) -> bool {
        matches!(case.stage, Stage::Open)
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if let Some(closure) = closed_too_long_ago(draft).filter(|_| !draft.is_backdated) {
            let days = draft.policy().document.lifecycle.reopen_closed_within_days;
            let message = format!(
                "the case was closed at {}, more than {days} days ago; intake a follow-up with `followUpOf` {}",
                closure.at, draft.case.id
            );
            return Err(Rejection::new(RejectionCode::ReopenWindowPassed, message));
        }
        draft.reopen(None, reason(Some(&self.reason)));
        Ok(())
    }
}

/// How the case was closed, if that is longer ago than the policy allows a case to come back.
pub(super) fn closed_too_long_ago<'d>(draft: &'d Draft<'_>) -> Option<&'d Closure> {
    let window = i64::from(draft.policy().document.lifecycle.reopen_closed_within_days) * DAY_MS;
    draft.case.closure().filter(|closure| draft.at.millis_since(closure.at) > window)
}
