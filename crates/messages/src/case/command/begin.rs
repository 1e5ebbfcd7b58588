//! What a case begins with: its intake, what it is about, and where it goes.

use serde::{Deserialize, Serialize};

use crate::{CaseId, CustomerId, Fields, Line, Name, Text, field};

command_bodies! {
    /// Opens a case.
    Intake = "intake" like r#"{"type":"question","subject":"Opening hours?","channel":"web","impact":"low","urgency":"low","customerId":"C-1001"}"# => {
        /// The case to open; left out, it is derived from principal and command id.
        #[serde(skip_serializing_if = "Option::is_none")]
        case_id: Option<CaseId>,
        /// What it is about.
        #[serde(rename = "type")]
        case_type: Name,
        /// The need in one line.
        subject: Line,
        /// The need in full.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<Text>,
        /// How the customer came.
        channel: Name,
        /// Who the customer is.
        #[serde(skip_serializing_if = "Option::is_none")]
        customer_id: Option<CustomerId>,
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
        /// Custom fields.
        #[serde(default, deserialize_with = "field::distinct", skip_serializing_if = "Fields::is_empty")]
        fields: Fields,
        /// Whether the history that it belongs to does not say what was answered; only for a back-dated intake.
        #[serde(skip_serializing_if = "Option::is_none")]
        responses_unknown: Option<bool>,
    }
    /// Changes the classification; what is left out stays.
    Classify = "classify" like case!(r#","category":"billing","subcategory":"invoice","impact":"high""#) => {
        /// The case.
        case_id: CaseId,
        /// The type.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        case_type: Option<Name>,
        /// The category.
        #[serde(skip_serializing_if = "Option::is_none")]
        category: Option<Name>,
        /// The subcategory.
        #[serde(skip_serializing_if = "Option::is_none")]
        subcategory: Option<Name>,
        /// How much is affected.
        #[serde(skip_serializing_if = "Option::is_none")]
        impact: Option<Name>,
        /// How soon it matters.
        #[serde(skip_serializing_if = "Option::is_none")]
        urgency: Option<Name>,
        /// Custom fields to set.
        #[serde(default, deserialize_with = "field::distinct", skip_serializing_if = "Fields::is_empty")]
        fields: Fields,
    }
    /// Moves the case to a queue.
    Route = "route" like case!(r#","queue":"billing","reason":"It is about an invoice.""#) => {
        /// The case.
        case_id: CaseId,
        /// The queue.
        queue: Name,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Text>,
    }
}
