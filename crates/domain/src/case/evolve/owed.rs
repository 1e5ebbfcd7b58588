//! What a case owes its customer: an answer, and news.

use docket_messages::{ClockName, ClockReading, Timestamp};

use crate::case::Case;

/// The customer was told something.
pub(super) fn tell(case: &mut Case, is_by_bot: bool, at: Timestamp) {
    let at_if_known = (!case.are_responses_unknown).then_some(at);
    if is_by_bot {
        case.updated_at = at_if_known.or(case.updated_at);
        case.told_since = case.told_since.or(at_if_known);
    } else {
        (case.updated_at, case.told_since) = (at_if_known, at_if_known);
        answer(case, at);
    }
}

/// Whether an answer or an update is owed cannot be told from a history that does not say what was answered; a clock
/// that starts says that it is.
pub(super) fn owe(case: &mut Case, reading: &ClockReading) {
    if !case.are_responses_unknown {
        return;
    }
    match reading.clock {
        ClockName::NextResponse => {
            case.unanswered_since.get_or_insert(reading.started_at);
        }
        ClockName::Update => {
            case.updated_at = Some(reading.started_at);
            case.told_since = Some(reading.started_at);
        }
        ClockName::FirstResponse | ClockName::Resolution | ClockName::Ownership => {}
    }
}

/// A human has answered the customer, also the customers of the cases that go on in this one.
pub(super) fn answer(case: &mut Case, at: Timestamp) {
    case.unanswered_since = None;
    for other in case.taken_in.iter_mut().filter(|other| !other.is_released) {
        other.answered_at.get_or_insert(at);
    }
}
