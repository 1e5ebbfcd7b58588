use docket_messages::{CaseEvent, CaseId, Merge, MergeEvent, MergeRequested, Rejection, RejectionCode};

use crate::case::Case;
use crate::case::act::{Act, Asks, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Asks the other case to take this one in; see [`crate::case::process`] for how it goes on.
impl Act for Merge {
    // To merge the case that goes on is another decision, which nobody has made.
    const RULES: Rules = Rules::new(Statuses::LIVE, &["mergeRequested"]).stays().asks(Asks::OtherCase);

    fn holds_already(&self, case: &Case) -> bool {
        case.merged_into() == Some(self.into)
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Merge(MergeEvent::MergeRequested(requested))] => {
                Recorded::As(Self { case_id: case.id, into: requested.into })
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let Merge { case_id, into } = *self;
        refuse_itself(case_id, into, "merged into", "into")?;
        draft.case.refuse_while_waiting("into")?;
        if !draft.case.children.is_empty() {
            let message =
                "the case has children, which would no longer receive its updates; merge the other case into this one";
            return Err(Rejection::new(RejectionCode::HasChildren, message).at("caseId"));
        }
        let waiting_since = draft.case.waiting_since();
        draft.emit(MergeRequested { into, waiting_since, occurred_at: draft.occurred_at() });
        Ok(())
    }
}

pub(super) fn refuse_itself(case: CaseId, other: CaseId, what: &str, path: &str) -> Result<(), Rejection> {
    if case != other {
        return Ok(());
    }
    Err(Rejection::new(RejectionCode::SameCase, format!("a case cannot be {what} itself")).at(path))
}
