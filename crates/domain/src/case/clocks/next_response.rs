use docket_messages::{CaseEvent, ClockName, WorkEvent};

use super::Rules;
use super::first_response::RULES as FIRST;
use crate::case::Case;

/// From the oldest message that nobody answered to the next public response by a human. "Thanks" wants no answer, and
/// while the first response is due, that is the answer to all that was written.
pub(super) const RULES: Rules = Rules {
    clock: ClockName::NextResponse,
    starts: |event| matches!(event, CaseEvent::Work(WorkEvent::MessageReceived(message)) if !message.ack),
    is_wanted: |case: &Case| case.status().is_active() && case.pending_clock(ClockName::FirstResponse).is_none(),
    owed_since: |case, _| case.unanswered_since,
    is_met: FIRST.is_met,
    is_dropped: FIRST.is_dropped,
    waits_for_answer: true,
    outlasts_resolution: true,
};
