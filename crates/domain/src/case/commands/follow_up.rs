use docket_messages::policy::MessageToClosed;
use docket_messages::{
    CaseId, Cause, Line, OpenedText, Personal, Receive, Rejection, RejectionCode, SplitRequested, Status,
};

use super::reopen::closed_too_long_ago;
use super::split::missing;
use crate::case::Case;
use crate::case::draft::Draft;
use crate::case::due::is_closed_by;
use crate::case::process::next_version;
use crate::case::request::Request;

/// Does what the policy says of a message to a closed case: reopens it, or opens a follow-up, which has the class, the
/// fields and the customer of this case, and the message as its description. See [`crate::case::process`] for how that
/// goes on.
pub(super) fn written_to_closed(draft: &mut Draft<'_>, command: &Receive) -> Result<(), Rejection> {
    match draft.policy().document.lifecycle.message_to_closed {
        MessageToClosed::Record => Ok(()),
        MessageToClosed::Reopen if closed_too_long_ago(draft).is_none() => {
            draft.reopen(Some(Cause::Message), None);
            Ok(())
        }
        MessageToClosed::Reopen | MessageToClosed::FollowUp => ask_for_follow_up(draft, command),
    }
}

/// Whether a message may open a follow-up, which copies what the case is about: the case is closed, or is by the time
/// that the message is decided.
pub(super) fn may_copy_subject(case: &Case, message: &Receive, request: &Request<'_>) -> bool {
    let is_answered = request.policies.current().document.lifecycle.message_to_closed != MessageToClosed::Record;
    let is_closed = || match case.status() {
        Status::Closed => true,
        Status::Resolved => is_closed_by(case, request.policies, request.now),
        Status::New
        | Status::Open
        | Status::PendingCustomer
        | Status::PendingThirdParty
        | Status::PendingInternal
        | Status::Cancelled
        | Status::Merged => false,
    };
    is_answered && message.ack != Some(true) && request.occurred_at.is_none() && is_closed()
}

fn ask_for_follow_up(draft: &mut Draft<'_>, command: &Receive) -> Result<(), Rejection> {
    draft.case.refuse_while_waiting("caseId")?;
    let (case, class) = (&draft.case, &draft.case.facts.class);
    let subject = match draft.texts.and_then(|texts| texts.subject.as_ref()) {
        Some(subject) => subject.clone(),
        None => unknown_subject(case.id)?,
    };
    let requested = SplitRequested {
        into: CaseId::of_split(case.id, next_version(case)),
        case_type: None,
        category: None,
        subcategory: None,
        channel: command.channel.clone(),
        impact: class.impact.clone().ok_or_else(|| missing("impact"))?,
        urgency: class.urgency.clone().ok_or_else(|| missing("urgency"))?,
        cause: Some(Cause::Message),
        personal: Personal::Plain(OpenedText { subject, description: Some(command.text.clone()) }),
    };
    draft.emit(requested);
    Ok(())
}

/// What a follow-up is about when what its case is about cannot be opened.
fn unknown_subject(case: CaseId) -> Result<Line, Rejection> {
    let subject = Line::parse(format!("Follow-up of {case}"));
    subject.map_err(|invalid| Rejection::new(RejectionCode::BadRequest, invalid.to_string()))
}
