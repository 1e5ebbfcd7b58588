//! What happens beside cases: policies, agents, claims and customers.

use serde::{Deserialize, Serialize};

use super::Presence;
use crate::{AgentId, CaseId, CustomerId, Name, Survey};

body! {
    /// Body of `policyPublished`.
    PolicyPublished {
        /// The whole document, as it was sent.
        document: String,
        /// The release of the zone database that it was checked with, such as `2026f`; absent in old entries.
        #[serde(skip_serializing_if = "Option::is_none")]
        zone_version: Option<String>,
    }
    /// Body of `presenceChanged`, of an agent.
    PresenceChanged {
        /// The agent.
        agent: AgentId,
        /// Whether cases are taken on now.
        presence: Presence,
    }
    /// Body of `caseProposed`, of a claim: the case that its agent is to have, if it still can be had.
    CaseProposed {
        /// The case.
        case_id: CaseId,
        /// Who claims.
        agent: AgentId,
        /// From which queue.
        queue: Name,
    }
    /// Body of `surveyReserved`, of a customer: from here on for a time no other survey of the kind is asked for.
    SurveyReserved {
        /// The customer.
        customer_id: CustomerId,
        /// The kind of survey.
        survey: Survey,
        /// The case that it is about.
        case_id: CaseId,
        /// The resolution cycle of that case.
        cycle: u32,
    }
}
