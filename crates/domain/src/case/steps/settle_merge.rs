use docket_messages::{
    CaseEvent, MergeEvent, MergeRefused, Merged, Rejection, RejectionCode, SettleMerge, Status, Unmerged,
};

use crate::case::Case;
use crate::case::PendingProcess;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Ends what this case has begun with another one that has answered. An answer that is not waited for changes nothing.
impl Act for SettleMerge {
    // A merge in progress ends whatever has become of the case.
    const RULES: Rules = Rules::new(Statuses::ANY, &["merged", "mergeRefused", "unmerged"]).stays();

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Merge(MergeEvent::Merged(merged))] => {
                Recorded::As(Self { case_id: case.id, with: merged.into, refused: None, answered_at: None })
            }
            [CaseEvent::Merge(MergeEvent::MergeRefused(MergeRefused { into, code }))] => {
                Recorded::As(Self { case_id: case.id, with: *into, refused: Some(code.clone()), answered_at: None })
            }
            [CaseEvent::Merge(MergeEvent::Unmerged(Unmerged { from, answered_at, .. }))] => {
                Recorded::As(Self { case_id: case.id, with: *from, refused: None, answered_at: *answered_at })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let with = self.with;
        match (draft.case.process.clone(), &self.refused) {
            (Some(PendingProcess::Merge { into, .. }), None) if into == with => {
                draft.emit(Merged { into, status: Status::Merged });
            }
            (Some(PendingProcess::Merge { into, .. }), Some(code)) if into == with => {
                draft.emit(MergeRefused { into, code: code.clone() });
            }
            (Some(PendingProcess::Unmerge { from, .. }), None) if from == with => {
                let status = draft.case.status_before_merge();
                draft.emit(Unmerged { from, status, answered_at: self.answered_at });
            }
            // Two cases would stand for themselves, one of which says that it goes on for both.
            (Some(PendingProcess::Unmerge { from, .. }), Some(code)) if from == with => {
                let message = format!("the case {from} has not released this one (`{code}`); ask it again");
                return Err(Rejection::new(RejectionCode::MergePending, message).at("refused"));
            }
            (Some(_) | None, _) => {}
        }
        Ok(())
    }
}
