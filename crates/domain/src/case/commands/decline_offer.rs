use docket_messages::{CaseEvent, DeclineOffer, OfferDeclined, Rejection};

use super::accept_offer::require_offer;
use super::reason;
use crate::case::draft::Draft;

/// Declines a case that was offered, so that it goes to the next.
pub(in crate::case) fn decline_offer(draft: &mut Draft<'_>, command: &DeclineOffer) -> Result<(), Rejection> {
    require_offer(&draft.case, &command.agent)?;
    let personal = reason(command.reason.as_ref());
    draft.emit(CaseEvent::OfferDeclined(OfferDeclined { agent: command.agent.clone(), personal }));
    Ok(())
}
