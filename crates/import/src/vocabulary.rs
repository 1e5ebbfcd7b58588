//! The words that a history uses and that a policy must list.

use std::collections::{BTreeMap, BTreeSet};

use docket_messages::{Name, Status};

/// The words of a history, collected while it is translated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Types of cases.
    pub types: BTreeSet<Name>,
    /// Categories with their subcategories.
    pub categories: BTreeMap<Name, BTreeSet<Name>>,
    /// Queues.
    pub queues: BTreeSet<Name>,
    /// Channels.
    pub channels: BTreeSet<Name>,
    /// Impacts. No import adds one to a policy: which priorities it leads to is the manager's to say.
    pub impacts: BTreeSet<Name>,
    /// Urgencies; like impacts.
    pub urgencies: BTreeSet<Name>,
    /// Resolution codes.
    pub resolution_codes: BTreeSet<Name>,
    /// Closure codes, which close from any status.
    pub closure_codes: BTreeSet<Name>,
    /// Pend reasons with the status that each means.
    pub pend_reasons: BTreeMap<Name, Status>,
}
