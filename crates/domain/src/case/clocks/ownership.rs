use docket_messages::{CaseEvent, ClockName, EndingEvent, IntakeEvent, WorkEvent};

use super::Rules;
use crate::case::Case;

/// From a queue to an agent: how long a case may lie there. In another queue it begins anew; so it does when an agent
/// gives the case back.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::Ownership,
    starts: |event| {
        matches!(
            event,
            CaseEvent::Intake(IntakeEvent::Routed(_))
                | CaseEvent::Work(WorkEvent::Unassigned(_))
                | CaseEvent::Ending(EndingEvent::Reopened(_))
        )
    },
    is_wanted: |case: &Case| case.status().is_active() && case.facts.queue.is_some() && case.facts.assignee.is_none(),
    owed_since: |case, _| case.unowned_since,
    is_met: |event, _| matches!(event, CaseEvent::Work(WorkEvent::Assigned(_))),
    is_dropped: |event| {
        matches!(event, CaseEvent::Intake(IntakeEvent::Routed(_)) | CaseEvent::Ending(EndingEvent::Resolved(_)))
    },
    waits_for_answer: false,
    outlasts_resolution: false,
};
