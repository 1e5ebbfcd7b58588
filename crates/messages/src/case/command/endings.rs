//! How a case ends, comes back, and is rated.

use serde::{Deserialize, Serialize};

use crate::{CaseId, Name, Survey, Text, number};

command_bodies! {
    /// Declares the case solved.
    Resolve = "resolve" like case!(r#","code":"solved","steps":"Sent a new one.""#) => {
        /// The case.
        case_id: CaseId,
        /// The resolution code.
        code: Name,
        /// What was done.
        steps: Text,
        /// The knowledge article that solved it.
        #[serde(skip_serializing_if = "Option::is_none")]
        article_id: Option<Name>,
    }
    /// Says whether the customer agrees that the case is solved.
    Confirm = "confirm" like case!(r#","accepted":true"#) => {
        /// The case.
        case_id: CaseId,
        /// Whether the customer agrees; if not, the case is reopened.
        accepted: bool,
        /// What the customer said.
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<Text>,
    }
    /// Ends the case.
    Close = "close" like case!(r#","code":"completed""#) => {
        /// The case.
        case_id: CaseId,
        /// The closure code.
        code: Name,
        /// A comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<Text>,
    }
    /// Brings the case back.
    Reopen = "reopen" like case!(r#","reason":"It broke again.""#) => {
        /// The case.
        case_id: CaseId,
        /// Why.
        reason: Text,
    }
    /// Withdraws the case.
    Cancel = "cancel" like case!(r#","reason":"Sent by mistake.""#) => {
        /// The case.
        case_id: CaseId,
        /// Why.
        reason: Text,
    }
    /// Asks the customer for a rating.
    RequestSurvey = "requestSurvey" like case!(r#","survey":"csat""#) => {
        /// The case.
        case_id: CaseId,
        /// The kind.
        survey: Survey,
    }
    /// Records the customer's rating.
    AnswerSurvey = "answerSurvey" like case!(r#","survey":"csat","score":5"#) => {
        /// The case.
        case_id: CaseId,
        /// The kind.
        survey: Survey,
        /// The score.
        #[serde(deserialize_with = "number::small")]
        score: u32,
        /// A comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<Text>,
    }
}
