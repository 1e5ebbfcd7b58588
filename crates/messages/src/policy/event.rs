//! What happens to the policy.

use serde::{Deserialize, Serialize};

events! {
    /// Something that happened to the policy.
    PolicyEvent of Policy {
        /// A policy came into force.
        PolicyPublished(PolicyPublished) = "policyPublished",
        /// Somebody proposes a policy.
        PolicyProposed(PolicyProposed) = "policyProposed",
        /// Somebody else approves a proposal.
        PolicyApproved(PolicyApproved) = "policyApproved",
    }
}

body! {
    /// Body of `policyPublished`.
    PolicyPublished {
        /// The whole document, as it was sent.
        document: String,
        /// The release of the zone database that it was checked with, such as `2026f`; absent in old entries.
        #[serde(skip_serializing_if = "Option::is_none")]
        zone_version: Option<String>,
    }
}

body! {
    /// Body of `policyProposed`.
    PolicyProposed {
        /// The number of the proposal, counted from 1.
        proposal: u32,
        /// The whole document, as it was sent.
        document: String,
        /// The release of the zone database that it was checked with.
        #[serde(skip_serializing_if = "Option::is_none")]
        zone_version: Option<String>,
    }
}

body! {
    /// Body of `policyApproved`. The policy comes into force by the `policyPublished` that follows it in the entry.
    PolicyApproved {
        /// The number of the proposal.
        proposal: u32,
    }
}

/// The proposal of a number among all, in the order in which they were made. They are counted from 1.
#[must_use]
pub fn proposal_of<T>(all: &[T], number: u32) -> Option<&T> {
    all.get(usize::try_from(number).ok()?.checked_sub(1)?)
}

impl PolicyEvent {
    /// The policy that came into force by it, if one did.
    #[must_use]
    pub fn published(&self) -> Option<&PolicyPublished> {
        match self {
            Self::PolicyPublished(published) => Some(published),
            Self::PolicyProposed(_) | Self::PolicyApproved(_) => None,
        }
    }

    /// The same of one that nobody else holds.
    #[must_use]
    pub fn into_published(self) -> Option<PolicyPublished> {
        match self {
            Self::PolicyPublished(published) => Some(published),
            Self::PolicyProposed(_) | Self::PolicyApproved(_) => None,
        }
    }
}
