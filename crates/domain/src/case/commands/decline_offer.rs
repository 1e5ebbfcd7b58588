use docket_messages::{DeclineOffer, OfferDeclined, Rejection};

use super::accept_offer::require_offer;
use super::reason;
use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Declines a case that was offered, so that it goes to the next.
impl Act for DeclineOffer {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["offerDeclined"]);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        require_offer(&draft.case, &self.agent)?;
        let personal = reason(self.reason.as_ref());
        draft.emit(OfferDeclined { agent: self.agent.clone(), personal });
        Ok(())
    }
}
