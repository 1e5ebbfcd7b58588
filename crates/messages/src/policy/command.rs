//! Publishing a policy, and asking for the one in force.

use serde::{Deserialize, Serialize};

use crate::Rejection;
use crate::body::{self, BodyField};

/// Publishes a policy: the body of `policy.publish`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublishPolicy {
    /// The TOML text of the policy.
    pub document: String,
}

impl PublishPolicy {
    /// The fields of the body.
    pub const FIELDS: &[BodyField] = &[BodyField::of("document", "String", "The TOML text of the policy.")];

    /// Reads the body of the command.
    ///
    /// # Errors
    /// A `bad_request` rejection that says where and what.
    pub fn read(body: &[u8]) -> Result<Self, Rejection> {
        body::read(body, Self::FIELDS)
    }
}

/// Asks for the policy in force: the body of `policy.get`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetPolicy {}

impl GetPolicy {
    /// Reads the body of the query.
    ///
    /// # Errors
    /// A `bad_request` rejection that says where and what.
    pub fn read(body: &[u8]) -> Result<Self, Rejection> {
        body::read(body, &[])
    }
}
