use docket_messages::{
    CaseEvent, Cause, FamilyEvent, MessageReceived, Personal, Receive, Rejection, Resumed, Status, WorkEvent,
    WrittenText,
};

use super::follow_up;
use crate::case::Case;
use crate::case::act::{Act, Asks, Recorded, Rules, Statuses};
use crate::case::draft::Draft;
use crate::policy::Policy;

/// Records a message of the customer. Unless it only says thanks, it resumes a case that waits for the
/// customer, and reopens a resolved one; what it does to a closed one, the policy says.
impl Act for Receive {
    const RULES: Rules = Rules::new(Statuses::RECEIVING, &["messageReceived", "resumed", "reopened", "splitRequested"])
        .asks(Asks::OtherCase);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_channel(self.channel.as_ref())
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        let [CaseEvent::Work(WorkEvent::MessageReceived(received)), rest @ ..] = facts else { return Recorded::Never };
        // What a follow-up is called depends on what was said of this case.
        if rest.iter().any(|event| matches!(event, CaseEvent::Family(FamilyEvent::SplitRequested(_)))) {
            return Recorded::InPart;
        }
        Recorded::of(received.personal.open().map(|text| Self {
            case_id: case.id,
            text: text.text.clone(),
            channel: received.channel.clone(),
            ack: Some(received.ack),
        }))
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let ack = self.ack.unwrap_or(false);
        let personal = Personal::Plain(WrittenText { text: self.text.clone() });
        draft.emit(MessageReceived { channel: self.channel.clone(), ack, personal });
        let (status, cause) = (Status::Open, Some(Cause::Message));
        match draft.case.status() {
            Status::PendingCustomer if !ack => {
                draft.emit(Resumed { status, cause });
            }
            Status::Resolved if !ack => draft.reopen(cause, None),
            Status::Closed if !ack && !draft.is_backdated => follow_up::written_to_closed(draft, self)?,
            Status::New
            | Status::Open
            | Status::PendingCustomer
            | Status::PendingThirdParty
            | Status::PendingInternal
            | Status::Resolved
            | Status::Closed
            | Status::Cancelled
            | Status::Merged => {}
        }
        Ok(())
    }
}
