use docket_messages::{EffortLogged, LogEffort, Rejection, RejectionCode};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// The most that one command records: a week.
const SECONDS_LIMIT: u32 = 604_800;

/// Records time that somebody worked on the case.
impl Act for LogEffort {
    const RULES: Rules = Rules::new(Statuses::UNMERGED, &["effortLogged"]);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let seconds = self.seconds;
        if !(1..=SECONDS_LIMIT).contains(&seconds) {
            let message = format!("`seconds` is 1 to {SECONDS_LIMIT}, not {seconds}");
            return Err(Rejection::new(RejectionCode::BadRequest, message).at("seconds"));
        }
        draft.emit(EffortLogged { seconds, activity: self.activity.clone() });
        Ok(())
    }
}
