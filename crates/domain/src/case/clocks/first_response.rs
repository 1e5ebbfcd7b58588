use docket_messages::{ClockName, Event};

use super::Rules;

/// From intake to the first public response by a human. A resolution answers the customer, too.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::FirstResponse,
    starts: |event| matches!(event, Event::Opened(_)),
    is_wanted: |_| true,
    is_met: |event| {
        let by_human = matches!(event, Event::Responded(responded) if !responded.automatic);
        by_human || matches!(event, Event::Resolved(_))
    },
    is_dropped: |_| false,
};
