//! The policy document: everything that a manager decides about their desk, as one TOML text.
//!
//! These types are the shape of the document. What makes a document consistent is decided in
//! `docket-domain`, which compiles it. `docs/POLICY.md` explains every table.

mod authority;
mod classes;
mod lifecycle;
mod routing;
mod service_levels;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AgentId, ClockName, Name, PrincipalName, Survey};

pub use authority::*;
pub use classes::*;
pub use lifecycle::*;
pub use routing::*;
pub use service_levels::*;

/// How numbers are reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reporting {
    /// The zone in which a day, a week or an hour of a report begins, by its IANA name.
    pub zone: String,
}

impl Default for Reporting {
    fn default() -> Self {
        Self { zone: "UTC".to_owned() }
    }
}

/// A table of the document, by name.
pub type Table<T> = BTreeMap<Name, T>;

/// The whole document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What the policy is called.
    pub name: String,
    /// How customers may come.
    pub channels: Vec<Name>,
    /// The types of cases.
    pub types: Table<CaseType>,
    /// The categories.
    #[serde(default)]
    pub categories: Table<Category>,
    /// The custom fields.
    #[serde(default)]
    pub fields: Table<Field>,
    /// The tiers that a customer may have; empty: any name.
    #[serde(default)]
    pub tiers: Vec<Name>,
    /// What a customer may be entitled to; empty: any name.
    #[serde(default)]
    pub entitlements: Vec<Name>,
    /// From impact and urgency to priority.
    pub matrix: Matrix,
    /// Opening hours.
    pub calendars: Table<Calendar>,
    /// What each clock does beside counting.
    #[serde(default)]
    pub clocks: BTreeMap<ClockName, ClockRule>,
    /// Service-level targets; the first that matches counts.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// What a warning or a breach does; every rule that matches acts.
    #[serde(default)]
    pub escalations: Vec<EscalationRule>,
    /// Why a case may wait.
    #[serde(default)]
    pub pend_reasons: Table<PendReason>,
    /// The queues.
    pub queues: Table<Queue>,
    /// Which queue a new case goes to; the first that matches counts.
    #[serde(default)]
    pub routes: Vec<RouteRule>,
    /// What an agent may know.
    #[serde(default)]
    pub skills: Vec<Name>,
    /// The agents; those that are not listed know nothing in particular.
    #[serde(default)]
    pub agents: BTreeMap<AgentId, Agent>,
    /// How much of an agent's capacity a case takes; the first that matches counts.
    #[serde(default)]
    pub weights: Vec<Weight>,
    /// What a parent passes on to its children.
    #[serde(default)]
    pub parents: Parents,
    /// How a case may be solved.
    pub resolution_codes: Table<ResolutionCode>,
    /// How a case may end.
    pub closure_codes: Table<ClosureCode>,
    /// Reopening and auto-close.
    pub lifecycle: Lifecycle,
    /// Surveys.
    #[serde(default)]
    pub surveys: BTreeMap<Survey, SurveyRule>,
    /// How numbers are reported.
    #[serde(default)]
    pub reporting: Reporting,
    /// How the next policy comes into force.
    #[serde(default)]
    pub publication: Publication,
    /// What a role may do.
    pub roles: Table<Role>,
    /// Who has which roles.
    pub principals: BTreeMap<PrincipalName, PrincipalRule>,
}
