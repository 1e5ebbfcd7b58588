//! What happens to the policy.

use serde::{Deserialize, Serialize};

events! {
    /// Something that happened to the policy.
    PolicyEvent of Policy {
        /// A policy came into force.
        PolicyPublished(PolicyPublished) = "policyPublished",
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
