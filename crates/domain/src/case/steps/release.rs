use docket_messages::{CaseEvent, MergeEvent, Rejection, Release, Released};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Lets go of a case that was merged into this one. Letting go of one that was not changes nothing.
impl Act for Release {
    // A merge in progress ends whatever has become of the case.
    const RULES: Rules = Rules::new(Statuses::ANY, &["released"]).stays();

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Merge(MergeEvent::Released(released))] => {
                Recorded::As(Self { case_id: case.id, from: released.from })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if draft.case.has_taken_in(self.from) {
            draft.emit(Released { from: self.from });
        }
        Ok(())
    }
}
