//! How cases wait, end and come back, and what goes on to others.

use serde::{Deserialize, Serialize};

use crate::{Name, Status};

/// A reason to wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendReason {
    /// The pending status that it means.
    pub status: Status,
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
