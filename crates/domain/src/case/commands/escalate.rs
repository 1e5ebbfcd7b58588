use docket_messages::{CaseEvent, Escalate, Escalated, IntakeEvent, Rejection, RejectionCode, Verb, WorkEvent};

use super::reason;
use super::route::move_to;
use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses, opened, wrong_status};
use crate::case::draft::Draft;
use crate::policy::{LEVEL_LIMIT, Policy};

/// Raises the case to a level, one more than now unless the command says which, and moves it if it says where.
impl Act for Escalate {
    const RULES: Rules = Rules::new(Statuses::LIVE, &["escalated", "routed"]);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_queue(self.queue.as_ref())
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        let (queue, escalated) = match facts {
            [CaseEvent::Work(WorkEvent::Escalated(escalated))] => (None, escalated),
            [CaseEvent::Intake(IntakeEvent::Routed(routed)), CaseEvent::Work(WorkEvent::Escalated(escalated))] => {
                (Some(routed.queue.clone()), escalated)
            }
            // A case at its highest level is moved only, and the events do not say why.
            [CaseEvent::Intake(IntakeEvent::Routed(_))] => return Recorded::InPart,
            _ => return Recorded::Never,
        };
        let reason = opened(escalated.personal.as_ref()).and_then(|text| text.and_then(|text| text.reason.clone()));
        let level = Some(escalated.level);
        Recorded::of(reason.map(|reason| Self { case_id: case.id, reason, level, queue }))
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let now = draft.case.facts.escalation_level;
        let level = self.level.unwrap_or_else(|| now.saturating_add(1).min(LEVEL_LIMIT));
        if !(1..=LEVEL_LIMIT).contains(&level) || level < now {
            let message =
                format!("the case is at level {now}; it can be raised to at most {LEVEL_LIMIT}, not to {level}");
            return Err(Rejection::new(RejectionCode::BadRequest, message).at("level"));
        }
        if let Some(queue) = &self.queue {
            let status = draft.case.status();
            if !status.is_active() {
                return Err(wrong_status(
                    status,
                    Verb::Escalate.as_str(),
                    "new, open or pending when it moves the case",
                )
                .at("queue"));
            }
            move_to(draft, queue, None);
        }
        if level != now {
            let personal = reason(Some(&self.reason));
            draft.emit(Escalated { level, cause: None, at: None, personal });
        }
        Ok(())
    }
}
