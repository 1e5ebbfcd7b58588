//! What happens to a claim.

use serde::{Deserialize, Serialize};

use crate::{AgentId, CaseId, Name};

events! {
    /// Something that happened to a claim.
    ClaimEvent of Claim {
        /// A case was found for the agent.
        CaseProposed(CaseProposed) = "caseProposed",
    }
}

body! {
    /// Body of `caseProposed`: the case that the claim's agent is to have, if it still can be had.
    CaseProposed {
        /// The case.
        case_id: CaseId,
        /// Who claims.
        agent: AgentId,
        /// From which queue.
        queue: Name,
    }
}
