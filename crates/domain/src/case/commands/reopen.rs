use docket_messages::{CaseEvent, EndingEvent, Rejection, RejectionCode, Reopen, Status, Timestamp};

use super::reason;
use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses, opened};
use crate::case::draft::Draft;
use crate::policy::DAY_MS;

/// Brings the case back. A closed case comes back only within the policy's window.
impl Act for Reopen {
    const RULES: Rules = Rules::new(Statuses::ENDED, &["reopened"]);

    fn holds_already(&self, case: &Case) -> bool {
        case.status() == Status::Open
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Ending(EndingEvent::Reopened(reopened))] => match opened(reopened.personal.as_ref()) {
                None => Recorded::InPart,
                // It always says why.
                Some(text) => text
                    .and_then(|text| text.reason.clone())
                    .map_or(Recorded::Never, |reason| Recorded::As(Self { case_id: case.id, reason })),
            },
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if let Some(closed_at) = closed_too_long_ago(draft).filter(|_| !draft.is_backdated) {
            let days = draft.policy().document.lifecycle.reopen_closed_within_days;
            let message = format!(
                "the case was closed at {}, more than {days} days ago; intake a follow-up with `followUpOf` {}",
                closed_at, draft.case.id
            );
            return Err(Rejection::new(RejectionCode::ReopenWindowPassed, message));
        }
        draft.reopen(None, reason(Some(&self.reason)));
        Ok(())
    }
}

/// When the case was closed, if that is longer ago than the policy allows a case to come back.
pub(super) fn closed_too_long_ago(draft: &Draft<'_>) -> Option<Timestamp> {
    let window = i64::from(draft.policy().document.lifecycle.reopen_closed_within_days) * DAY_MS;
    draft.case.facts.closed_at.filter(|closed_at| draft.at.millis_since(*closed_at) > window)
}
