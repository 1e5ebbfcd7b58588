//! How cases belong together.

use serde::{Deserialize, Serialize};

use crate::{CaseId, Line, Name, Relation, Text};

command_bodies! {
    /// Says how the case stands to another.
    Link = "link" like case!(r#","to":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02","relation":"related""#) => {
        /// The case.
        case_id: CaseId,
        /// The other case.
        to: CaseId,
        /// What the other case is to this one.
        relation: Relation,
    }
    /// Lets the case pass on to its children what happens to it.
    AcceptParent = "acceptParent" like case!("") => {
        /// The case.
        case_id: CaseId,
    }
    /// Lets a part of the case go on as a case of its own, which follows it up.
    Split = "split" like case!(r#","subject":"The invoice is wrong, too""#) => {
        /// The case.
        case_id: CaseId,
        /// The part in one line.
        subject: Line,
        /// The part in full.
        #[serde(skip_serializing_if = "Option::is_none")]
        description: Option<Text>,
        /// The type, if another.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        case_type: Option<Name>,
        /// The category, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        category: Option<Name>,
        /// The subcategory, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        subcategory: Option<Name>,
        /// The impact, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        impact: Option<Name>,
        /// The urgency, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        urgency: Option<Name>,
    }
    /// Lets the case go on in another one.
    Merge = "merge" like case!(r#","into":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02""#) => {
        /// The case that ends.
        case_id: CaseId,
        /// The case that goes on.
        into: CaseId,
    }
    /// Takes a merge back.
    Unmerge = "unmerge" like case!(r#","reason":"Two customers after all.""#) => {
        /// The case that was merged into another.
        case_id: CaseId,
        /// Why.
        reason: Text,
    }
}
