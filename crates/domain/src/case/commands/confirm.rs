use docket_messages::{Cause, ClosedText, Confirm, Personal, Rejection, ResolutionConfirmed, ResolutionRejected};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Records whether the customer agrees that the case is solved. If not, it is reopened; if so, the policy may close it.
impl Act for Confirm {
    const RULES: Rules = Rules::new(Statuses::RESOLVED, &["resolutionConfirmed", "resolutionRejected", "reopened"]);

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
