use docket_messages::{CaseEvent, FamilyEvent, LinkRefused, Linked, Rejection, Relation, SettleLink};

use crate::case::Case;
use crate::case::PendingProcess;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Ends a link or a split that the other case has answered. An answer that is not waited for changes nothing.
impl Act for SettleLink {
    const RULES: Rules = Rules::new(Statuses::ANY, &["linked", "linkRefused"]).stays();

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Family(FamilyEvent::Linked(linked))] => {
                Recorded::As(Self { case_id: case.id, with: linked.to, refused: None })
            }
            [CaseEvent::Family(FamilyEvent::LinkRefused(LinkRefused { to, code, .. }))] => {
                Recorded::As(Self { case_id: case.id, with: *to, refused: Some(code.clone()) })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let (to, relation) = match &draft.case.process {
            Some(PendingProcess::Link { to, relation, .. }) if *to == self.with => (*to, *relation),
            Some(PendingProcess::Split { into, .. }) if *into == self.with => (*into, Relation::FollowUp),
            Some(_) | None => return Ok(()),
        };
        draft.emit(match self.refused.clone() {
            None => CaseEvent::Family(FamilyEvent::Linked(Linked { to, relation })),
            Some(code) => CaseEvent::Family(FamilyEvent::LinkRefused(LinkRefused { to, relation, code })),
        });
        Ok(())
    }
}
