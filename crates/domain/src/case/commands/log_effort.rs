use docket_messages::{CaseEvent, EffortLogged, LogEffort, Rejection, RejectionCode};

use crate::case::draft::Draft;

/// The most that one command records: a week.
const SECONDS_LIMIT: u32 = 604_800;

/// Records time that somebody worked on the case.
pub(in crate::case) fn log_effort(draft: &mut Draft<'_>, command: &LogEffort) -> Result<(), Rejection> {
    let seconds = command.seconds;
    if !(1..=SECONDS_LIMIT).contains(&seconds) {
        let message = format!("`seconds` is 1 to {SECONDS_LIMIT}, not {seconds}");
        return Err(Rejection::new(RejectionCode::BadRequest, message).at("seconds"));
    }
    draft.emit(CaseEvent::EffortLogged(EffortLogged { seconds, activity: command.activity.clone() }));
    Ok(())
}
