//! Cases that are offered to agents.

use serde::{Deserialize, Serialize};

use super::ReasonText;
use crate::{AgentId, Personal, Timestamp};

body! {
    /// Body of `offered`: the case was offered to an agent.
    Offered {
        /// To whom.
        agent: AgentId,
        /// The last instant for an answer.
        expires_at: Timestamp,
    }
    /// Body of `offerDeclined`.
    OfferDeclined {
        /// Who does not want the case.
        agent: AgentId,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ReasonText>>,
    }
    /// Body of `offerExpired`.
    OfferExpired {
        /// Who did not answer.
        agent: AgentId,
        /// When the time ran out.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    }
}
