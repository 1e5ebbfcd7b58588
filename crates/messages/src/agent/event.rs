//! What happens to an agent.

use serde::{Deserialize, Serialize};

use crate::AgentId;
use crate::names::word;

events! {
    /// Something that happened to an agent.
    AgentEvent of Agent {
        /// The agent began or ceased to take cases on.
        PresenceChanged(PresenceChanged) = "presenceChanged",
    }
}

body! {
    /// Body of `presenceChanged`.
    PresenceChanged {
        /// The agent.
        agent: AgentId,
        /// Whether cases are taken on now.
        presence: Presence,
    }
}

/// Whether an agent takes on cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Presence {
    /// Takes cases on.
    Online,
    /// At work, and takes nothing new on.
    Busy,
    /// Not at work.
    Offline,
}

impl TryFrom<String> for Presence {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        word(Self::ALL, Self::as_str, &text)
    }
}

impl Presence {
    /// Every presence.
    pub const ALL: [Self; 3] = [Self::Online, Self::Busy, Self::Offline];

    /// The name on the wire and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Busy => "busy",
            Self::Offline => "offline",
        }
    }
}
