use docket_messages::{Cancel, Cancelled, CaseEvent, EndingEvent, Personal, ReasonText, Rejection, Status};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Withdraws the case. Withdrawing it again changes nothing.
impl Act for Cancel {
    // To cancel the case that goes on is another decision, which nobody has made.
    const RULES: Rules = Rules::new(Statuses::CANCELLING, &["cancelled"]).stays();

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Ending(EndingEvent::Cancelled(cancelled))] => {
                let reason = cancelled.personal.open().and_then(|text| text.reason.clone());
                Recorded::of(reason.map(|reason| Self { case_id: case.id, reason }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let status = Status::Cancelled;
        if draft.case.status() != status {
            let personal = Personal::Plain(ReasonText { reason: Some(self.reason.clone()) });
            draft.emit(Cancelled { status, personal });
        }
        Ok(())
    }
}
