//! Who works on what: queues, rules, agents.

use super::Table;
use serde::{Deserialize, Serialize};

use crate::{FieldValue, Name};

/// A queue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Whether its cases are given to agents; if not, agents claim them.
    #[serde(default)]
    pub push: bool,
    /// For how long a case is offered to an agent before it goes to the next; left out, it is theirs at once.
    #[serde(default)]
    pub offer_seconds: Option<u32>,
}

/// A routing rule. What a condition leaves out matches everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteRule {
    /// The queue that matching cases go to.
    pub queue: Name,
    /// For these types.
    #[serde(default, rename = "type")]
    pub case_type: Vec<Name>,
    /// For these categories.
    #[serde(default)]
    pub category: Vec<Name>,
    /// For these priorities.
    #[serde(default)]
    pub priority: Vec<Name>,
    /// For these channels.
    #[serde(default)]
    pub channel: Vec<Name>,
    /// For these languages.
    #[serde(default)]
    pub language: Vec<Name>,
    /// For these customer tiers.
    #[serde(default)]
    pub tier: Vec<Name>,
    /// For cases whose custom fields have one of these values each.
    #[serde(default)]
    pub fields: Table<Vec<FieldValue>>,
    /// What an agent must know to be given the case, and at what level at least.
    #[serde(default)]
    pub skills: Table<u32>,
    /// What an agent should know as well, for a time.
    #[serde(default)]
    pub relaxing: Vec<RelaxingSkill>,
}

/// A skill that is asked for until nobody with it was found for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelaxingSkill {
    /// The skill.
    pub skill: Name,
    /// The least level.
    pub level: u32,
    /// Seconds after which it is no longer asked for.
    pub after_seconds: u32,
}

/// An agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// The queues that the agent works on; none: all.
    #[serde(default)]
    pub queues: Vec<Name>,
    /// What the agent knows, and at what level, 1 to 10.
    #[serde(default)]
    pub skills: Table<u32>,
    /// How many units of work the agent may have at most.
    pub capacity: u32,
}

/// How much of an agent's capacity a case takes. What a condition leaves out matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// Units.
    pub units: u32,
    /// For these types.
    #[serde(default, rename = "type")]
    pub case_type: Vec<Name>,
    /// For these priorities.
    #[serde(default)]
    pub priority: Vec<Name>,
    /// For these channels.
    #[serde(default)]
    pub channel: Vec<Name>,
}
