//! Intake: a case begins.

use serde::{Deserialize, Serialize};

use super::{Cause, SkillNeed};
use crate::{CaseId, CustomerId, Fields, Line, Name, Personal, Status, Text, Timestamp};

body! {
    /// Body of `opened`. The classification follows in `classified`.
    Opened {
        /// What the case is about, as the policy names it.
        #[serde(rename = "type")]
        case_type: Name,
        /// The status that the case has now.
        status: Status,
        /// How the customer came.
        channel: Name,
        /// The customer, if known.
        #[serde(skip_serializing_if = "Option::is_none")]
        customer_id: Option<CustomerId>,
        /// The customer's language.
        #[serde(skip_serializing_if = "Option::is_none")]
        language: Option<Name>,
        /// The customer's tier.
        #[serde(skip_serializing_if = "Option::is_none")]
        tier: Option<Name>,
        /// What the customer is entitled to, such as a support plan.
        #[serde(skip_serializing_if = "Option::is_none")]
        entitlement: Option<Name>,
        /// The case that this one belongs to.
        #[serde(skip_serializing_if = "Option::is_none")]
        parent_id: Option<CaseId>,
        /// The case that this one takes up.
        #[serde(skip_serializing_if = "Option::is_none")]
        follow_up_of: Option<CaseId>,
        /// Whether its history does not say what was answered, so that nothing can be said of answers that were owed.
        #[serde(skip_serializing_if = "Option::is_none")]
        responses_unknown: Option<bool>,
        /// True when it came with a description; in entries from before texts were sealed, the text itself tells.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        described: Option<bool>,
        /// Subject and description.
        personal: Personal<OpenedText>,
    }
    /// What is personal in `opened`.
    OpenedText {
        /// The need in one line.
        subject: Line,
        /// The need in full.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<Text>,
    }
    /// Body of `classified`: the whole classification as it is now.
    Classified {
        /// The type.
        #[serde(rename = "type")]
        case_type: Name,
        /// The category.
        #[serde(skip_serializing_if = "Option::is_none")]
        category: Option<Name>,
        /// The subcategory.
        #[serde(skip_serializing_if = "Option::is_none")]
        subcategory: Option<Name>,
        /// How much is affected.
        impact: Name,
        /// How soon it matters.
        urgency: Name,
        /// What the policy's matrix makes of the two.
        priority: Name,
        /// Custom fields that are not personal: those that were set by this command.
        #[serde(default, skip_serializing_if = "Fields::is_empty")]
        fields: Fields,
        /// The names of the custom fields that are personal: those that were set by this command. In entries from before
        /// texts were sealed, the fields themselves tell.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        personal_fields: Vec<Name>,
        /// Custom fields that are personal: those that were set by this command.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ClassifiedText>>,
    }
    /// What is personal in `classified`.
    ClassifiedText {
        /// The fields by name.
        #[serde(default, skip_serializing_if = "Fields::is_empty")]
        fields: Fields,
    }
    /// Body of `routed`.
    Routed {
        /// The queue that the case is in now.
        queue: Name,
        /// The policy's rule that chose it, counted from 1; absent when somebody chose.
        #[serde(skip_serializing_if = "Option::is_none")]
        rule: Option<u32>,
        /// What moved it, when no command did.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// What an agent must know to be given the case.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        skills: Vec<SkillNeed>,
        /// When it fell due, if before the command of its entry.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// Why somebody chose it.
        #[serde(skip_serializing_if = "Option::is_none")]
        personal: Option<Personal<ReasonText>>,
    }
    /// A reason in free text.
    ReasonText {
        /// The reason.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Text>,
    }
}
