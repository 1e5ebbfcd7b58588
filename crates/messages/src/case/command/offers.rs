//! Cases that agents take on, or are offered.

use serde::{Deserialize, Serialize};

use crate::{AgentId, CaseId, Name, Text};

command_bodies! {
    /// Takes the case on for an agent; without a case, the next one of the queue.
    Claim = "claim" like r#"{"queue":"frontline","agent":"ana"}"# => {
        /// The case; left out, the next one of the queue.
        #[serde(skip_serializing_if = "Option::is_none")]
        case_id: Option<CaseId>,
        /// The queue; needed when the case is left out.
        #[serde(skip_serializing_if = "Option::is_none")]
        queue: Option<Name>,
        /// The agent.
        agent: AgentId,
        /// Whether the agent gets the case even if offline, without room, or not of its queue.
        #[serde(skip_serializing_if = "Option::is_none")]
        force: Option<bool>,
    }
    /// Takes on a case that was offered.
    AcceptOffer = "acceptOffer" like case!(r#","agent":"ana""#) => {
        /// The case.
        case_id: CaseId,
        /// The agent to whom it was offered.
        agent: AgentId,
    }
    /// Declines a case that was offered, so that it goes to the next.
    DeclineOffer = "declineOffer" like case!(r#","agent":"ana","reason":"End of shift.""#) => {
        /// The case.
        case_id: CaseId,
        /// The agent to whom it was offered.
        agent: AgentId,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Text>,
    }
}
