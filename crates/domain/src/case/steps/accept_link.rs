use docket_messages::{AcceptLink, CaseEvent, FamilyEvent, Linked, Rejection};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::commands::{is_linked, require_place};
use crate::case::draft::Draft;

/// Answers a case that asks to be the parent or a child of this one.
impl Act for AcceptLink {
    // What one case may ask, the other may answer.
    const RULES: Rules = Rules::new(Statuses::UNMERGED, &["linked"]).stays();

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Family(FamilyEvent::Linked(linked))] => {
                Recorded::As(Self { case_id: case.id, from: linked.to, relation: linked.relation })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let AcceptLink { from, relation, .. } = *self;
        if is_linked(&draft.case, from, relation) {
            return Ok(());
        }
        // Two cases that ask each other for the same are of one mind.
        if !draft.case.process.as_ref().is_some_and(|process| process.is_link(from, relation)) {
            require_place(&draft.case, from, relation)?;
        }
        draft.emit(Linked { to: from, relation });
        Ok(())
    }
}
