use docket_messages::{AcceptOffer, AgentId, Rejection, RejectionCode};

use super::claim::take;
use crate::case::Case;
use crate::case::draft::Draft;

/// Takes on a case that was offered. Taking on one's own case changes nothing.
pub(in crate::case) fn accept_offer(draft: &mut Draft<'_>, command: &AcceptOffer) -> Result<(), Rejection> {
    if draft.case.assignee.as_ref() == Some(&command.agent) {
        return Ok(());
    }
    require_offer(&draft.case, &command.agent)?;
    take(draft, &command.agent, None);
    Ok(())
}

/// Refuses whoever has no offer, or no longer has it.
pub(super) fn require_offer(case: &Case, agent: &AgentId) -> Result<(), Rejection> {
    if case.offer.as_ref().is_some_and(|offer| offer.agent == *agent) {
        return Ok(());
    }
    let message = "the case is not offered to this agent, or no longer is; claim it, or another one";
    Err(Rejection::new(RejectionCode::NotOffered, message).at("agent"))
}
