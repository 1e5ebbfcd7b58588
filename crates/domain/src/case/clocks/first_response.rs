use docket_messages::{ClockName, Event};

use super::Rules;

/// From intake to the first public response by a human. A resolution answers the customer, too. A case that is separated
/// again goes on with the time that was left.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::FirstResponse,
    starts: |event, case| {
        matches!(event, Event::Opened(_)) || super::is_taken_up_again(event, case, ClockName::FirstResponse)
    },
    is_wanted: |_| true,
    is_met: |event| {
        let by_human = matches!(event, Event::Responded(responded) if !responded.automatic);
        by_human || matches!(event, Event::Resolved(_))
    },
    is_dropped: |_| false,
};
