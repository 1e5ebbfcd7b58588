//! What an agent may be asked.

use serde::{Deserialize, Serialize};

use super::Presence;
use crate::body::{self, BodyField};
use crate::{AgentId, Rejection};

/// Says whether an agent takes on cases: the body of `agent.presence`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetPresence {
    /// The agent.
    pub agent: AgentId,
    /// Whether cases are taken on.
    pub presence: Presence,
}

impl SetPresence {
    /// The fields of the body.
    pub const FIELDS: &[BodyField] = &[
        BodyField::of("agent", "AgentId", "The agent."),
        BodyField::of("presence", "Presence", "Whether cases are taken on."),
    ];

    /// Reads the body of the command.
    ///
    /// # Errors
    /// A `bad_request` rejection that says where and what.
    pub fn read(body: &[u8]) -> Result<Self, Rejection> {
        let command: Self = body::read(body, Self::FIELDS)?;
        body::require(Self::FIELDS.first(), &command.agent)?;
        Ok(command)
    }
}
