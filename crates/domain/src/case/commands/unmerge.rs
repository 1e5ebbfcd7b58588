use docket_messages::{CaseEvent, MergeEvent, Personal, ReasonText, Rejection, Unmerge, UnmergeRequested, Verb};

use crate::case::Case;
use crate::case::act::{Act, Asks, Recorded, Rules, Statuses, wrong_status};
use crate::case::draft::Draft;

/// Asks the case that goes on to let this one go; see [`crate::case::process`] for how it goes on.
impl Act for Unmerge {
    const RULES: Rules = Rules::new(Statuses::MERGED, &["unmergeRequested"]).stays().asks(Asks::OtherCase);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Merge(MergeEvent::UnmergeRequested(requested))] => {
                let reason = requested.personal.open().and_then(|text| text.reason.clone());
                Recorded::of(reason.map(|reason| Self { case_id: case.id, reason }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        draft.case.refuse_while_waiting("caseId")?;
        let Some(from) = draft.case.merged_into() else {
            return Err(wrong_status(draft.case.status(), Verb::Unmerge.as_str(), "merged"));
        };
        let personal = Personal::Plain(ReasonText { reason: Some(self.reason.clone()) });
        draft.emit(UnmergeRequested { from, occurred_at: draft.occurred_at(), personal });
        Ok(())
    }
}
