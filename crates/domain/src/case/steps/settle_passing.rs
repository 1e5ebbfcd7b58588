use docket_messages::{CaseEvent, FamilyEvent, PassedOn, Rejection, SettlePassing};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Notes that all children have been told, once.
impl Act for SettlePassing {
    const RULES: Rules = Rules::new(Statuses::ANY, &["passedOn"]).stays();

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Family(FamilyEvent::PassedOn(PassedOn { of, taken, refused }))] => {
                Recorded::As(Self { case_id: case.id, of: *of, taken: *taken, refused: *refused })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let SettlePassing { of, taken, refused, .. } = *self;
        if draft.case.passing.iter().any(|passing| passing.of == of) {
            draft.emit(PassedOn { of, taken, refused });
        }
        Ok(())
    }
}
