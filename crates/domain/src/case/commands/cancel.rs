use docket_messages::{Cancel, Cancelled, Personal, ReasonText, Rejection, Status};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Withdraws the case. Withdrawing it again changes nothing.
impl Act for Cancel {
    // To cancel the case that goes on is another decision, which nobody has made.
    const RULES: Rules = Rules::new(Statuses::CANCELLING, &["cancelled"]).stays();

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let status = Status::Cancelled;
        if draft.case.status() != status {
            let personal = Personal::Plain(ReasonText { reason: Some(self.reason.clone()) });
            draft.emit(Cancelled { status, personal });
        }
        Ok(())
    }
}
