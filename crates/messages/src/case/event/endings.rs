//! How cases end, and come back.

use serde::{Deserialize, Serialize};

use super::{Cause, ReasonText};
use crate::{Name, Personal, Status, Text, Timestamp};

body! {
    /// Body of `resolved`.
    Resolved {
        /// The resolution code, as the policy names it.
        code: Name,
        /// The status that the case has now.
        status: Status,
        /// The knowledge article that solved it.
        #[serde(skip_serializing_if = "Option::is_none")]
        article_id: Option<Name>,
        /// What was done.
        personal: Personal<ResolvedText>,
    }
    /// What is personal in `resolved`.
    ResolvedText {
        /// The steps taken.
        steps: Text,
    }
    /// Body of `resolutionConfirmed`.
    ResolutionConfirmed {
        /// What the customer said.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClosedText>>,
    }
    /// Body of `resolutionRejected`.
    ResolutionRejected {
        /// What the customer said.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClosedText>>,
    }
    /// Body of `closed`.
    Closed {
        /// The closure code, as the policy names it.
        code: Name,
        /// The status that the case has now.
        status: Status,
        /// When it fell due, if time closed it.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// What closed it, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// A comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClosedText>>,
    }
    /// What is personal in `closed`, `surveyAnswered` and the answers to a resolution.
    ClosedText {
        /// The comment.
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<Text>,
    }
    /// Body of `reopened`.
    Reopened {
        /// The status that the case has now.
        status: Status,
        /// What reopened it, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ReasonText>>,
    }
    /// Body of `cancelled`.
    Cancelled {
        /// The status that the case has now.
        status: Status,
        /// Why.
        personal: Personal<ReasonText>,
    }
}
