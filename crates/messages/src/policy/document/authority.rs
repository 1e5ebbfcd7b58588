//! Who may do what.

use serde::{Deserialize, Serialize};

use crate::Name;

/// How a policy comes into force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Whether it takes two principals: one who proposes the next policy, and another one who approves it.
    #[serde(default)]
    pub four_eyes: bool,
}

/// What a role may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The commands and queries: `case.intake`, `agent.presence`, `policy.publish`, `claim.force`, or `case.*`.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Whether it may name somebody that it acts for.
    #[serde(default)]
    pub delegate: bool,
    /// Whether it may say when something happened.
    #[serde(default)]
    pub backdate: bool,
}

/// A principal.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrincipalRule {
    /// Its roles.
    #[serde(default)]
    pub roles: Vec<Name>,
}
