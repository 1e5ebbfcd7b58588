use docket_messages::{CaseEvent, ClockName, EndingEvent, IntakeEvent};

use super::{Rules, is_answer, is_resolution_enough};

/// From intake to the first public response by a human. A resolution is none, unless the policy says so; it ends the
/// wait, and if it does not hold, the answer is still owed.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::FirstResponse,
    starts: |event| matches!(event, CaseEvent::Intake(IntakeEvent::Opened(_))),
    is_wanted: |case| !case.are_responses_unknown,
    owed_since: |case, _| {
        (case.facts.first_response_at.is_none() && !case.are_responses_unknown).then_some(case.facts.opened_at)
    },
    is_met: |event, rule| is_answer(event) || is_resolution_enough(event, rule),
    is_dropped: |event| matches!(event, CaseEvent::Ending(EndingEvent::Resolved(_))),
    waits_for_answer: true,
    outlasts_resolution: true,
};
