//! The policy document: everything that a manager decides about their desk, as one TOML text.
//!
//! These types are the shape of the document. What makes a document consistent is decided in
//! `docket-domain`, which compiles it. `docs/POLICY.md` explains every table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AgentId, ClockName, FieldValue, Name, PrincipalName, Status, Survey};

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
    /// What a role may do.
    pub roles: Table<Role>,
    /// Who has which roles.
    pub principals: BTreeMap<PrincipalName, PrincipalRule>,
}

/// A type of case. Required are custom fields, or `category`, `subcategory`, `customerId`, `description`,
/// `queue`, `assignee`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseType {
    /// What an intake must bring.
    #[serde(default)]
    pub required_at_intake: Vec<Name>,
    /// What must be known to resolve.
    #[serde(default)]
    pub required_at_resolve: Vec<Name>,
    /// What must be known to close.
    #[serde(default)]
    pub required_at_close: Vec<Name>,
}

/// A category.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Its subcategories.
    #[serde(default)]
    pub subcategories: Vec<Name>,
}

/// A custom field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What its values are.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// The values of a choice.
    #[serde(default)]
    pub values: Vec<String>,
    /// Whether its values are personal data; they are, unless the policy says otherwise.
    #[serde(default = "yes")]
    pub personal: bool,
}

impl Field {
    /// Whether it can have a value.
    #[must_use]
    pub fn can_be(&self, value: &FieldValue) -> bool {
        match (self.field_type, value) {
            (FieldType::Text, FieldValue::Text(_))
            | (FieldType::Number, FieldValue::Number(_))
            | (FieldType::Boolean, FieldValue::Flag(_)) => true,
            (FieldType::Date, FieldValue::Text(text)) => text.parse::<chrono::NaiveDate>().is_ok(),
            (FieldType::Choice, FieldValue::Text(text)) => self.values.contains(text),
            (
                FieldType::Text | FieldType::Number | FieldType::Boolean | FieldType::Date | FieldType::Choice,
                FieldValue::Text(_) | FieldValue::Number(_) | FieldValue::Flag(_),
            ) => false,
        }
    }
}

fn yes() -> bool {
    true
}

/// What the values of a custom field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Free text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A date, `2026-11-22`.
    Date,
    /// One of `values`.
    Choice,
}

/// The impact x urgency matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// The priorities, highest first.
    pub priorities: Vec<Name>,
    /// The impacts, highest first.
    pub impact: Vec<Name>,
    /// The urgencies, highest first.
    pub urgency: Vec<Name>,
    /// Impact, then urgency, to priority.
    pub priority: Table<Table<Name>>,
}

/// Opening hours in one time zone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The IANA time zone.
    pub zone: String,
    /// Weekday (`monday` …) to intervals, `"08:30-12:30"`.
    pub hours: BTreeMap<String, Vec<String>>,
    /// Days closed: `12-25` every year, `2026-04-06` once.
    #[serde(default)]
    pub holidays: Vec<String>,
    /// Date to the intervals that replace the weekly ones on it.
    #[serde(default)]
    pub dates: BTreeMap<String, Vec<String>>,
}

/// What a clock does beside counting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRule {
    /// The pending statuses that pause it.
    #[serde(default)]
    pub paused_in: Vec<Status>,
    /// The fraction of the target at which it is at risk.
    #[serde(default = "three_quarters")]
    pub warn_at: f64,
    /// Whether a resolution is an answer, too.
    #[serde(default)]
    pub met_by_resolution: bool,
    /// Whether a response by a bot is one.
    #[serde(default)]
    pub met_by_bots: bool,
}

impl Default for ClockRule {
    /// What holds for a clock that the policy says nothing of.
    fn default() -> Self {
        Self { paused_in: Vec::new(), warn_at: three_quarters(), met_by_resolution: false, met_by_bots: false }
    }
}

fn three_quarters() -> f64 {
    0.75
}

/// A service-level target. What a condition leaves out matches everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Which clock.
    pub clock: ClockName,
    /// For these priorities.
    #[serde(default)]
    pub priority: Vec<Name>,
    /// For these types.
    #[serde(default, rename = "type")]
    pub case_type: Vec<Name>,
    /// For these customer tiers.
    #[serde(default)]
    pub tier: Vec<Name>,
    /// For these entitlements.
    #[serde(default)]
    pub entitlement: Vec<Name>,
    /// The calendar to count by.
    pub calendar: Name,
    /// How long, in open seconds. Exactly one of the five says how long.
    #[serde(default)]
    pub seconds: Option<u32>,
    /// How long, in business days by date: up to the close of the last of them.
    #[serde(default)]
    pub business_days: Option<u32>,
    /// How long, in calendar days: to the same time of day.
    #[serde(default)]
    pub calendar_days: Option<u32>,
    /// How long, in weeks: to the same time of day.
    #[serde(default)]
    pub weeks: Option<u32>,
    /// How long, in months: to the same day and time, or the last day of a month that is shorter.
    #[serde(default)]
    pub months: Option<u32>,
    /// What becomes of a deadline in calendar days, weeks or months that lands on a closed day.
    #[serde(default)]
    pub roll: Option<Roll>,
}

/// What becomes of a deadline that lands on a closed day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// It moves to the next day that is not closed.
    NextWorkingDay,
}

/// What a warning or a breach does. What a condition leaves out matches everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationRule {
    /// Of which clock.
    pub clock: ClockName,
    /// What the clock does.
    pub on: Passing,
    /// For these priorities.
    #[serde(default)]
    pub priority: Vec<Name>,
    /// For these types.
    #[serde(default, rename = "type")]
    pub case_type: Vec<Name>,
    /// While the case is in these queues.
    #[serde(default)]
    pub queue: Vec<Name>,
    /// The level to raise the case to, unless it is there or above.
    #[serde(default)]
    pub level: Option<u32>,
    /// The queue to move it to.
    #[serde(default)]
    pub to_queue: Option<Name>,
    /// The agent to assign it to.
    #[serde(default)]
    pub assign: Option<AgentId>,
    /// Who is to be told.
    #[serde(default)]
    pub notify: Vec<Name>,
}

/// What time alone makes of a running clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Passing {
    /// It passes its warning instant.
    Warning,
    /// It passes its deadline.
    Breach,
}

/// A reason to wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendReason {
    /// The pending status that it means.
    pub status: Status,
}

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
    /// How many units the agent has in hand at most.
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

/// What a parent passes on to its children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parents {
    /// Of what happens to it. Closing a parent closes its children in any case.
    pub pass_on: Vec<PassedOn>,
}

impl Default for Parents {
    /// Everything.
    fn default() -> Self {
        Self { pass_on: vec![PassedOn::Priority, PassedOn::Status, PassedOn::Responses, PassedOn::Resolution] }
    }
}

/// Something that a parent passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassedOn {
    /// Impact and urgency, and so the priority.
    Priority,
    /// That it waits, goes on, or is resolved, with code and steps.
    Status,
    /// Public responses by people.
    Responses,
    /// How it was resolved.
    Resolution,
}

/// A way to solve a case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolutionCode {
    /// What it means.
    #[serde(default)]
    pub description: String,
}

/// A way to end a case.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosureCode {
    /// What it means.
    #[serde(default)]
    pub description: String,
    /// The statuses from which it may close, beside `resolved`.
    #[serde(default)]
    pub also_from: Vec<Status>,
}

/// Reopening and auto-close.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    /// Days of 24 hours for which a closed case may be reopened.
    pub reopen_closed_within_days: u32,
    /// Who has a case that comes back.
    #[serde(default)]
    pub reopened_owner: ReopenedOwner,
    /// What becomes of a case that comes back again and again.
    #[serde(default)]
    pub reopened_often: Option<ReopenedOften>,
    /// The closure code with which a case closes once the customer has confirmed its resolution.
    #[serde(default)]
    pub close_on_confirm: Option<Name>,
    /// What becomes of a message to a closed case.
    #[serde(default)]
    pub message_to_closed: MessageToClosed,
    /// Closes a case that stayed resolved.
    #[serde(default)]
    pub auto_close: Option<AutoClose>,
}

/// What becomes of a message to a closed case, unless it only says thanks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageToClosed {
    /// It reopens the case while that may be reopened, and opens a follow-up later.
    #[default]
    Reopen,
    /// It opens a follow-up.
    FollowUp,
    /// It is recorded, and nothing follows.
    Record,
}

/// Who has a case that comes back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReopenedOwner {
    /// The agent who had it.
    #[default]
    Keep,
    /// Nobody: it waits in its queue.
    Reset,
}

/// What becomes of a case that comes back again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenedOften {
    /// From this reopening on.
    pub times: u32,
    /// The level to raise the case to, unless it is there or above.
    pub level: u32,
}

/// Closes a case that stayed resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoClose {
    /// Days of 24 hours after resolving.
    pub after_days: u32,
    /// The closure code.
    pub code: Name,
}

/// A survey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveyRule {
    /// Days of 24 hours in which it may be answered.
    pub expires_after_days: u32,
    /// Days of 24 hours for which a customer who was asked is not asked again, on whatever case.
    #[serde(default)]
    pub suppress_days: Option<u32>,
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
