use docket_messages::{
    CaseEvent, Cause, ClosedText, Confirm, EndingEvent, Personal, Rejection, ResolutionConfirmed, ResolutionRejected,
};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses, opened};
use crate::case::draft::Draft;

/// Records whether the customer agrees that the case is solved. If not, it is reopened; if so, the policy may close it.
impl Act for Confirm {
    const RULES: Rules = Rules::new(Statuses::RESOLVED, &["resolutionConfirmed", "resolutionRejected", "reopened"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        let (accepted, personal) = match facts {
            [CaseEvent::Ending(EndingEvent::ResolutionConfirmed(confirmed))] => (true, &confirmed.personal),
            [CaseEvent::Ending(EndingEvent::ResolutionRejected(rejected)), ..] => (false, &rejected.personal),
            _ => return Recorded::Never,
        };
        let comment = opened(personal.as_ref()).map(|text| text.and_then(|text| text.comment.clone()));
        Recorded::of(comment.map(|comment| Self { case_id: case.id, accepted, comment }))
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let comment = self.comment.clone();
        let personal = comment.map(|comment| Personal::Plain(ClosedText { comment: Some(comment) }));
        if self.accepted {
            draft.emit(ResolutionConfirmed { personal });
            draft.follow_confirmation();
        } else {
            draft.emit(ResolutionRejected { personal });
            draft.reopen(Some(Cause::Rejection), None);
        }
        Ok(())
    }
}
