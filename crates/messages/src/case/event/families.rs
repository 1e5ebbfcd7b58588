//! Links, parents and children, and parts that go on by themselves.

use serde::{Deserialize, Serialize};

use super::{Cause, OpenedText, Relation};
use crate::{CaseId, Name, Personal, Timestamp, Version};

body! {
    /// Body of `linked`.
    Linked {
        /// The other case.
        to: CaseId,
        /// How this case stands to it.
        relation: Relation,
    }
    /// Body of `linkRequested`: the other case is asked to be the parent or a child.
    LinkRequested {
        /// The other case.
        to: CaseId,
        /// What it is to be to this case.
        relation: Relation,
        /// When, if the command was back-dated: then the steps that follow are, too.
        #[serde(skip_serializing_if = "Option::is_none")]
        occurred_at: Option<Timestamp>,
    }
    /// Body of `linkRefused`.
    LinkRefused {
        /// The other case.
        to: CaseId,
        /// What it was to be to this case.
        relation: Relation,
        /// Why it refused: the code of its rejection.
        code: Name,
    }
    /// Body of `parentAccepted`: what happens to the case is passed on to its children from now on.
    ParentAccepted {
        /// How many children it has.
        children: u32,
    }
    /// Body of `passingOn`: something that happened to the case is passed on to its children.
    PassingOn {
        /// The version of the event that is passed on.
        of: Version,
        /// The first so many children, in the order in which they came.
        children: u32,
    }
    /// Body of `passedOn`: all children have been told.
    PassedOn {
        /// The version of the event that was passed on.
        of: Version,
        /// How many children took it over.
        taken: u32,
        /// How many did not: they were resolved or over, or a rule of theirs forbade it.
        refused: u32,
    }
    /// Body of `splitRequested`: a part of the case, or what a customer writes when it is closed, is to go on as a case
    /// of its own.
    SplitRequested {
        /// That case.
        into: CaseId,
        /// Its type, if another.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        case_type: Option<Name>,
        /// Its category, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        category: Option<Name>,
        /// Its subcategory, if another.
        #[serde(skip_serializing_if = "Option::is_none")]
        subcategory: Option<Name>,
        /// How the customer came with it, if otherwise.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<Name>,
        /// Its impact.
        impact: Name,
        /// Its urgency.
        urgency: Name,
        /// Why nobody asked for it.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// Its subject and description.
        personal: Personal<OpenedText>,
    }
}
