use docket_messages::{CaseEvent, DeclineOffer, OfferDeclined, OfferEvent, Rejection};

use super::accept_offer::require_offer;
use super::reason;
use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses, opened};
use crate::case::draft::Draft;

/// Declines a case that was offered, so that it goes to the next.
impl Act for DeclineOffer {
    const RULES: Rules = Rules::new(Statuses::ACTIVE, &["offerDeclined"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Offer(OfferEvent::OfferDeclined(declined))] => {
                let reason = opened(declined.personal.as_ref());
                Recorded::of(reason.map(|text| Self {
                    case_id: case.id,
                    agent: declined.agent.clone(),
                    reason: text.and_then(|text| text.reason.clone()),
                }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        require_offer(&draft.case, &self.agent)?;
        let personal = reason(self.reason.as_ref());
        draft.emit(OfferDeclined { agent: self.agent.clone(), personal });
        Ok(())
    }
}
