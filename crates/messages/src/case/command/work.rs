//! Work on a case: who has it, what is said, and what it waits for.

use serde::{Deserialize, Serialize};

use crate::{AgentId, CaseId, Name, Text, Timestamp, number};

command_bodies! {
    /// Gives the case to an agent.
    Assign = "assign" like case!(r#","agent":"ana""#) => {
        /// The case.
        case_id: CaseId,
        /// The agent.
        agent: AgentId,
        /// The queue to move it to first.
        #[serde(skip_serializing_if = "Option::is_none")]
        queue: Option<Name>,
    }
    /// Takes the case from its agent.
    Unassign = "unassign" like case!(r#","reason":"End of shift.""#) => {
        /// The case.
        case_id: CaseId,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Text>,
    }
    /// Records a message of the customer.
    Receive = "receive" like case!(r#","text":"Is there any news?","channel":"email""#) => {
        /// The case.
        case_id: CaseId,
        /// The message.
        text: Text,
        /// How it came.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<Name>,
        /// Whether it wants no answer ("thanks").
        #[serde(skip_serializing_if = "Option::is_none")]
        ack: Option<bool>,
    }
    /// Answers the customer.
    Respond = "respond" like case!(r#","text":"We are looking into it.""#) => {
        /// The case.
        case_id: CaseId,
        /// The answer.
        text: Text,
        /// How it went.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<Name>,
        /// Whether a bot answered.
        #[serde(skip_serializing_if = "Option::is_none")]
        automatic: Option<bool>,
    }
    /// Makes an internal note.
    Note = "note" like case!(r#","text":"Called twice; nobody answered.""#) => {
        /// The case.
        case_id: CaseId,
        /// The note.
        text: Text,
    }
    /// Lets the case wait.
    Pend = "pend" like case!(r#","reason":"awaiting_customer""#) => {
        /// The case.
        case_id: CaseId,
        /// Why, as the policy names it.
        reason: Name,
        /// When to look at it again.
        #[serde(skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    }
    /// Takes the case up again.
    Resume = "resume" like case!("") => {
        /// The case.
        case_id: CaseId,
    }
    /// Raises the case.
    Escalate = "escalate" like case!(r#","reason":"The customer is a hospital.","level":2"#) => {
        /// The case.
        case_id: CaseId,
        /// Why.
        reason: Text,
        /// The level; left out, one more than now.
        #[serde(default, deserialize_with = "number::small_maybe", skip_serializing_if = "Option::is_none")]
        level: Option<u32>,
        /// The queue to move it to.
        #[serde(skip_serializing_if = "Option::is_none")]
        queue: Option<Name>,
    }
    /// Lowers the case by one level.
    Deescalate = "deescalate" like case!(r#","reason":"It is out.""#) => {
        /// The case.
        case_id: CaseId,
        /// Why.
        reason: Text,
    }
    /// Brings the running clocks under the policy in force.
    RebaseClocks = "rebaseClocks" like case!("") => {
        /// The case.
        case_id: CaseId,
    }
    /// Records time that somebody worked on the case.
    LogEffort = "logEffort" like case!(r#","seconds":600,"activity":"call""#) => {
        /// The case.
        case_id: CaseId,
        /// How long.
        #[serde(deserialize_with = "number::small")]
        seconds: u32,
        /// At what.
        #[serde(skip_serializing_if = "Option::is_none")]
        activity: Option<Name>,
    }
    /// Attaches a knowledge article, or records that none was found.
    Attach = "attach" like case!(r#","articleId":"KB-42""#) => {
        /// The case.
        case_id: CaseId,
        /// The article. Exactly one of the two is said.
        #[serde(skip_serializing_if = "Option::is_none")]
        article_id: Option<Name>,
        /// What was searched for in vain.
        #[serde(skip_serializing_if = "Option::is_none")]
        search: Option<Text>,
    }
    /// Takes a knowledge article off.
    Detach = "detach" like case!(r#","articleId":"KB-42""#) => {
        /// The case.
        case_id: CaseId,
        /// The article.
        article_id: Name,
    }
}
