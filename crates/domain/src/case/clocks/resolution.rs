use docket_messages::{CaseEvent, ClockName, EndingEvent, IntakeEvent};

use super::Rules;
use crate::case::Case;

/// From intake to resolved. A case that is reopened goes on with the time that was left.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::Resolution,
    starts: |event| {
        matches!(event, CaseEvent::Intake(IntakeEvent::Opened(_)) | CaseEvent::Ending(EndingEvent::Reopened(_)))
    },
    is_wanted: |case: &Case| case.status().is_active(),
    owed_since: |case, _| Some(case.facts.opened_at),
    is_met: |event, _| matches!(event, CaseEvent::Ending(EndingEvent::Resolved(_))),
    is_dropped: |_| false,
    waits_for_answer: false,
    outlasts_resolution: false,
};
