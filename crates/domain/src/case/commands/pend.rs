use docket_messages::{CaseEvent, Pend, Pended, Rejection, RejectionCode, WorkEvent};

use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;
use crate::case::{Case, Wait};
use crate::policy::{DAY_MS, Policy};

/// The furthest follow-up: ten years.
const UNTIL_LIMIT_DAYS: i64 = 3_660;

/// Lets the case wait. While it waits already, the reason is replaced.
impl Act for Pend {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["pended"]);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_pend_reason(&self.reason)
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Work(WorkEvent::Pended(Pended { reason, until, .. }))] => {
                Recorded::As(Self { case_id: case.id, reason: reason.clone(), until: *until })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let document = &draft.policy().document;
        if let Some(until) = self.until {
            let last = draft.at.plus_millis(UNTIL_LIMIT_DAYS * DAY_MS);
            if until <= draft.at || until > last {
                let message = format!("`until` must lie after {} and at most {UNTIL_LIMIT_DAYS} days later", draft.at);
                return Err(Rejection::new(RejectionCode::BadRequest, message).at("until"));
            }
        }
        let Some(rule) = document.pend_reasons.get(&self.reason) else { return Ok(()) };
        let wait = Wait { reason: self.reason.clone(), follow_up_at: self.until };
        if draft.case.status() == rule.status && draft.case.wait() == Some(&wait) {
            return Ok(());
        }
        let (reason, status, until) = (self.reason.clone(), rule.status, self.until);
        draft.emit(Pended { reason, status, until });
        Ok(())
    }
}
