//! Steps: what Docket itself asks of a case, so that something between two cases goes on, or because a queue gives its
//! cases out. They are no commands, so no principal can send one.

use serde::{Deserialize, Serialize};

use crate::{AgentId, CaseEvent, CaseId, Name, Relation, Timestamp, Version};

command_bodies! {
    /// Gives a case to an agent whom nobody chose, or offers it, as its queue says.
    Push = "push" like case!(r#","queue":"frontline","agent":"ana""#) => {
        /// The case.
        case_id: CaseId,
        /// The queue that it is in.
        queue: Name,
        /// The agent.
        agent: AgentId,
    }
    /// Answers a case that asks to be the parent or a child of this one.
    AcceptLink = "acceptLink" like case!(r#","from":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02","relation":"parent""#) => {
        /// The case.
        case_id: CaseId,
        /// The case that asks.
        from: CaseId,
        /// What that case is to be to this one.
        relation: Relation,
    }
    /// Ends a link or a split that the other case has answered.
    SettleLink = "settleLink" like case!(r#","with":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02""#) => {
        /// The case that asked.
        case_id: CaseId,
        /// The case that answered.
        with: CaseId,
        /// The code of its rejection, if it refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        refused: Option<Name>,
    }
    /// Takes over what happened to the parent.
    Inherit = "inherit" like case!(r#","from":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02","event":{"resumed":{"status":"open"}}"#) => {
        /// The case.
        case_id: CaseId,
        /// The parent.
        from: CaseId,
        /// What happened to it.
        event: Box<CaseEvent>,
    }
    /// Notes that all children have been told.
    SettlePassing = "settlePassing" like case!(r#","of":7,"taken":3,"refused":0"#) => {
        /// The parent.
        case_id: CaseId,
        /// The version of the event that was passed on.
        of: Version,
        /// How many children took it over.
        taken: u32,
        /// How many did not.
        refused: u32,
    }
    /// Takes in a case that is to be merged into this one.
    Absorb = "absorb" like case!(r#","from":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02""#) => {
        /// The case that goes on.
        case_id: CaseId,
        /// The case that ends.
        from: CaseId,
        /// Since when its customer waits for an answer, if it does.
        #[serde(skip_serializing_if = "Option::is_none")]
        waiting_since: Option<Timestamp>,
    }
    /// Lets go of a case that was merged into this one.
    Release = "release" like case!(r#","from":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02""#) => {
        /// The case that goes on.
        case_id: CaseId,
        /// The case that was merged into it.
        from: CaseId,
    }
    /// Ends a merge, or taking one back, that the other case has answered.
    SettleMerge = "settleMerge" like case!(r#","with":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02""#) => {
        /// The case that asked.
        case_id: CaseId,
        /// The case that answered.
        with: CaseId,
        /// The code of its rejection, if it refused.
        #[serde(skip_serializing_if = "Option::is_none")]
        refused: Option<Name>,
        /// When the customer was first answered in the other case, for one that is taken back.
        #[serde(skip_serializing_if = "Option::is_none")]
        answered_at: Option<Timestamp>,
    }
}

commands! {
    /// The verb of a step, as entries have it.
    StepVerb,
    /// A step of Docket's own.
    CaseStep {
        Push,
        AcceptLink,
        SettleLink,
        Inherit,
        SettlePassing,
        Absorb,
        Release,
        SettleMerge,
    }
}
