use docket_messages::{ClockName, Event};

use super::Rules;

/// From intake to the first public response by a human. A resolution answers the customer, too.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::FirstResponse,
    starts: |event| matches!(event, Event::Opened(_)),
    is_wanted: |_| true,
    owed_since: |case| case.first_response_at.is_none().then_some(case.opened_at),
    is_met: |event| super::is_answer(event) || matches!(event, Event::Resolved(_)),
    is_dropped: |_| false,
};
