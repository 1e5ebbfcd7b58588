use docket_messages::{CaseEvent, IntakeEvent, Name, Rejection, Route, Routed, Text};

use super::reason;
use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses, opened};
use crate::case::draft::Draft;
use crate::policy::Policy;

/// Moves the case to a queue, by hand.
impl Act for Route {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["routed"]);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_queue(Some(&self.queue))
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Intake(IntakeEvent::Routed(routed))] => {
                let reason = opened(routed.personal.as_ref()).map(|text| text.and_then(|text| text.reason.clone()));
                Recorded::of(reason.map(|reason| Self { case_id: case.id, queue: routed.queue.clone(), reason }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        move_to(draft, &self.queue, self.reason.as_ref());
        Ok(())
    }
}

/// Moves the case to a queue, unless it is there.
pub(super) fn move_to(draft: &mut Draft<'_>, queue: &Name, why: Option<&Text>) {
    if draft.case.facts.queue.as_ref() != Some(queue) {
        draft.emit(Routed {
            queue: queue.clone(),
            rule: None,
            cause: None,
            skills: Vec::new(),
            at: None,
            personal: reason(why),
        });
    }
}
