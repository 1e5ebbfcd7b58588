use docket_messages::{AcceptParent, CaseEvent, FamilyEvent, ParentAccepted, Rejection, RejectionCode, Relation};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Lets the case pass on to its children what happens to it. Anybody who may link proposes a parent; this is for those
/// whom the policy grants it. Accepting it again changes nothing.
impl Act for AcceptParent {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["parentAccepted"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Family(FamilyEvent::ParentAccepted(_))] => Recorded::As(Self { case_id: case.id }),
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        if draft.case.is_parent {
            return Ok(());
        }
        if draft.case.links.iter().any(|(_, relation)| *relation == Relation::Parent) {
            let message = "the case has a parent, so it cannot be one";
            return Err(Rejection::new(RejectionCode::ParentCycle, message).at("caseId"));
        }
        draft.case.refuse_while_waiting("caseId")?;
        let children = u32::try_from(draft.case.children.len()).unwrap_or(u32::MAX);
        draft.emit(ParentAccepted { children });
        Ok(())
    }
}
