use docket_messages::{Deescalate, Deescalated, Personal, ReasonText, Rejection};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Lowers the case by one level. One that was not raised stays as it is.
impl Act for Deescalate {
    const RULES: Rules = Rules::new(Statuses::LIVE, &["deescalated"]);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if let Some(level) = draft.case.facts.escalation_level.checked_sub(1) {
            let personal = Personal::Plain(ReasonText { reason: Some(self.reason.clone()) });
            draft.emit(Deescalated { level, personal });
        }
        Ok(())
    }
}
