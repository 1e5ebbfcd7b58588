use docket_messages::{Absorb, Absorbed, CaseEvent, MergeEvent, Rejection, RejectionCode};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Takes in a case that goes on in this one, unless this one is to be merged itself: so no cycle can form.
impl Act for Absorb {
    // A merge in progress ends whatever has become of the case.
    const RULES: Rules = Rules::new(Statuses::ANY, &["absorbed"]).stays();

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Merge(MergeEvent::Absorbed(absorbed))] => {
                let (from, waiting_since) = (absorbed.from, absorbed.waiting_since);
                Recorded::As(Self { case_id: case.id, from, waiting_since })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let Absorb { from, waiting_since, .. } = *self;
        draft.case.refuse_while_waiting("into")?;
        let status = draft.case.status();
        if !status.is_active() {
            let message =
                format!("the case {} is `{status}`; merge into one that is new, open or pending", draft.case.id);
            return Err(Rejection::new(RejectionCode::MergeTargetEnded, message).at("into"));
        }
        draft.emit(Absorbed { from, waiting_since });
        draft.wait_since(waiting_since);
        Ok(())
    }
}
