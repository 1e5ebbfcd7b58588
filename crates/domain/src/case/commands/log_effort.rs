use docket_messages::{CaseEvent, EffortLogged, LogEffort, Rejection, RejectionCode, WorkEvent};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// The most that one command records: a week.
const SECONDS_LIMIT: u32 = 604_800;

/// Records time that somebody worked on the case.
impl Act for LogEffort {
    const RULES: Rules = Rules::new(Statuses::UNMERGED, &["effortLogged"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Work(WorkEvent::EffortLogged(EffortLogged { seconds, activity }))] => {
                Recorded::As(Self { case_id: case.id, seconds: *seconds, activity: activity.clone() })
            }
            _ => Recorded::Never,
        }
    }

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
