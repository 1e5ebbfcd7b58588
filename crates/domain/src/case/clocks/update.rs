use docket_messages::{CaseEvent, ClockName, EndingEvent, WorkEvent};

use super::{Rules, is_answer, is_resolution_enough};
use crate::case::Case;

/// From a public response, a bot's included, to the next by a human: how long the customer may hear nothing. A bot's is
/// enough where the policy says so. Once the case is resolved there is nothing more to tell.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::Update,
    starts: |event| matches!(event, CaseEvent::Work(WorkEvent::Responded(_))) || is_answer(event),
    is_wanted: |case: &Case| case.status().is_active(),
    owed_since: |case, rule| if rule.met_by_bots { case.updated_at } else { case.told_since },
    is_met: |event, rule| {
        let by_bot = rule.met_by_bots && matches!(event, CaseEvent::Work(WorkEvent::Responded(_)));
        by_bot || is_answer(event) || is_resolution_enough(event, rule)
    },
    is_dropped: |event| matches!(event, CaseEvent::Ending(EndingEvent::Resolved(_))),
    waits_for_answer: true,
    outlasts_resolution: false,
};
