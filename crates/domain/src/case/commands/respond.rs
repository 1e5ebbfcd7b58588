use docket_messages::{CaseEvent, Personal, Rejection, Respond, Responded, WorkEvent, WrittenText};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;
use crate::policy::Policy;

/// Answers the customer. A human's answer meets `first_response` and opens a new case; a bot's does neither.
impl Act for Respond {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["responded"]);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_channel(self.channel.as_ref())
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Work(WorkEvent::Responded(responded))] => {
                Recorded::of(responded.personal.open().map(|text| Self {
                    case_id: case.id,
                    text: text.text.clone(),
                    channel: responded.channel.clone(),
                    automatic: Some(responded.automatic),
                }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let automatic = self.automatic.unwrap_or(false);
        let status = draft.case.status_when_answered(automatic);
        let personal = Personal::Plain(WrittenText { text: self.text.clone() });
        draft.emit(Responded { channel: self.channel.clone(), automatic, status, personal });
        Ok(())
    }
}
