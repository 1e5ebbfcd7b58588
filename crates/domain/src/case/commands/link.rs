use docket_messages::{
    CaseEvent, CaseId, FamilyEvent, Link, LinkRequested, Linked, Rejection, RejectionCode, Relation, Verb,
};

use super::merge::refuse_itself;
use crate::case::Case;
use crate::case::act::{Act, Asks, Recorded, Rules, Statuses, wrong_status};
use crate::case::draft::Draft;

/// Says how the case stands to another. Saying it again changes nothing. A parent or a child has to agree: see
/// [`crate::case::process`] for how it goes on.
impl Act for Link {
    const RULES: Rules = Rules::new(Statuses::UNMERGED, &["linkRequested", "linked"]).asks(Asks::OtherCase);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        let (to, relation) = match facts {
            [CaseEvent::Family(FamilyEvent::LinkRequested(requested))] => (requested.to, requested.relation),
            [CaseEvent::Family(FamilyEvent::Linked(linked))] => (linked.to, linked.relation),
            _ => return Recorded::Never,
        };
        Recorded::As(Self { case_id: case.id, to, relation })
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let Link { case_id, to, relation } = *self;
        refuse_itself(case_id, to, "linked to", "to")?;
        if is_linked(&draft.case, to, relation) {
            return Ok(());
        }
        match relation {
            Relation::Parent | Relation::Child => {
                require_place(&draft.case, to, relation)?;
                draft.emit(LinkRequested { to, relation, occurred_at: draft.occurred_at() });
            }
            Relation::Related | Relation::CausedBy | Relation::FollowUp | Relation::FollowUpOf => {
                draft.emit(Linked { to, relation });
            }
        }
        Ok(())
    }
}

pub(in crate::case) fn is_linked(case: &Case, to: CaseId, relation: Relation) -> bool {
    match relation {
        Relation::Child => case.children.contains(&to),
        Relation::Parent | Relation::Related | Relation::CausedBy | Relation::FollowUp | Relation::FollowUpOf => {
            case.links.contains(&(to, relation))
        }
    }
}

/// Refuses a parent to a parent, a child to a child, and a second parent: there are two levels, so there is no cycle.
pub(in crate::case) fn require_place(case: &Case, other: CaseId, relation: Relation) -> Result<(), Rejection> {
    case.refuse_while_waiting("to")?;
    // A parent has something to pass on yet; a child may be over, whichever of the two asks.
    if relation == Relation::Child && !case.status().is_active() {
        return Err(wrong_status(
            case.status(),
            Verb::Link.as_str(),
            "new, open or pending for a case that is to be a parent",
        ));
    }
    let is_child = case.links.iter().any(|(_, relation)| *relation == Relation::Parent);
    let is_parent = !case.children.is_empty();
    let refused = match relation {
        Relation::Parent if is_parent => {
            Some((RejectionCode::ParentCycle, format!("the case {} is a parent, so it cannot have one", case.id)))
        }
        Relation::Parent if is_child && case.facts.parent_id != Some(other) => {
            Some((RejectionCode::HasParent, format!("the case {} has another parent", case.id)))
        }
        Relation::Child if is_child => {
            Some((RejectionCode::ParentCycle, format!("the case {} has a parent, so it cannot be one", case.id)))
        }
        Relation::Parent
        | Relation::Child
        | Relation::Related
        | Relation::CausedBy
        | Relation::FollowUp
        | Relation::FollowUpOf => None,
    };
    refused.map_or(Ok(()), |(code, message)| Err(Rejection::new(code, message).at("to")))
}
