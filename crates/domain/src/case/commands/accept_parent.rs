use docket_messages::{AcceptParent, ParentAccepted, Rejection, RejectionCode, Relation};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Lets the case pass on to its children what happens to it. Anybody who may link proposes a parent; this is for those
/// whom the policy grants it. Accepting it again changes nothing.
impl Act for AcceptParent {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["parentAccepted"]);

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
