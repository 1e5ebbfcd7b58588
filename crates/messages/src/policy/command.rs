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

/// Proposes a policy: the body of `policy.propose`. It comes into force when somebody else approves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProposePolicy {
    /// The TOML text of the policy.
    pub document: String,
}

impl ProposePolicy {
    /// The fields of the body.
    pub const FIELDS: &[BodyField] = PublishPolicy::FIELDS;

    /// Reads the body of the command.
    ///
    /// # Errors
    /// A `bad_request` rejection that says where and what.
    pub fn read(body: &[u8]) -> Result<Self, Rejection> {
        body::read(body, Self::FIELDS)
    }
}

/// Approves a proposal: the body of `policy.approve`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApprovePolicy {
    /// The number of the proposal.
    pub proposal: u32,
}

impl ApprovePolicy {
    /// The fields of the body.
    pub const FIELDS: &[BodyField] = &[BodyField::of("proposal", "u32", "The number of the proposal.")];

    /// Reads the body of the command.
    ///
    /// # Errors
    /// A `bad_request` rejection that says where and what.
    pub fn read(body: &[u8]) -> Result<Self, Rejection> {
        body::read(body, Self::FIELDS)
    }
}

/// A command to the policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PolicyCommand {
    /// Publishes a document.
    Publish(PublishPolicy),
    /// Proposes one.
    Propose(ProposePolicy),
    /// Approves one that was proposed.
    Approve(ApprovePolicy),
}

impl PolicyCommand {
    /// The verbs.
    pub const VERBS: [&str; 3] = ["publish", "propose", "approve"];

    /// Its verb.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Publish(_) => "publish",
            Self::Propose(_) => "propose",
            Self::Approve(_) => "approve",
        }
    }

    /// Reads the body of a command; none if there is no such verb.
    pub fn read(verb: &str, body: &[u8]) -> Option<Result<Self, Rejection>> {
        match verb {
            "publish" => Some(PublishPolicy::read(body).map(Self::Publish)),
            "propose" => Some(ProposePolicy::read(body).map(Self::Propose)),
            "approve" => Some(ApprovePolicy::read(body).map(Self::Approve)),
            _ => None,
        }
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
