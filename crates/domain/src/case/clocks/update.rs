use docket_messages::{ClockName, Event};

use super::Rules;
use crate::case::Case;

/// From a public response, a bot's included, to the next: how long the customer may hear nothing. Once the case is
/// resolved there is nothing more to tell.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::Update,
    starts: |event| matches!(event, Event::Responded(_)) || super::is_answer(event),
    is_wanted: |case: &Case| case.status().is_active(),
    owed_since: |case| case.updated_at,
    is_met: |event| matches!(event, Event::Responded(_) | Event::Resolved(_)) || super::is_answer(event),
    is_dropped: |_| false,
};
