use docket_messages::{ClockName, Event};

use super::Rules;
use crate::case::Case;

/// From intake to resolved. A case that comes back, reopened or separated again, goes on with the time that was left.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::Resolution,
    starts: |event, _| matches!(event, Event::Opened(_) | Event::Reopened(_) | Event::Unmerged(_)),
    is_wanted: |case: &Case| case.status().is_active(),
    is_met: |event| matches!(event, Event::Resolved(_)),
    is_dropped: |_| false,
};
