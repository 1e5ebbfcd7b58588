//! `agent_presence`: one row for each time that an agent began or ceased to take cases on.

use docket_messages::{AgentId, Position, Presence, PresenceChanged, Timestamp, Version};

read_model! {
    /// A row of `agent_presence`.
    PresenceRow in "agent_presence" by ["agent", "version"] {
        agent: AgentId,
        version: Version,
        at: Timestamp,
        presence: Presence,
        position: Position,
    }
}

impl PresenceRow {
    pub(crate) fn of(version: Version, at: Timestamp, position: Position, changed: &PresenceChanged) -> Self {
        Self { agent: changed.agent.clone(), version, at, presence: changed.presence, position }
    }
}
