//! The state of one case, as `docket.query` and `docket case show` give it back.

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, CaseId, ClockName, CustomerId, Fields, Line, Name, PolicyVersion, Position, Status, Timestamp, Version,
};

/// One case, folded from the log: the columns of `docket.cases`, its texts in brief, and its clocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each field is the column of docket.cases of the same name, documented there")]
pub struct CaseView {
    pub case_id: CaseId,
    pub status: Status,
    #[serde(rename = "type")]
    pub case_type: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcategory: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Name>,
    pub channel: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<AgentId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<CaseId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CaseId>,
    /// Absent when it cannot be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Line>,
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
    pub opened_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_resolved_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    pub reopen_count: u32,
    pub reassign_count: u32,
    pub transfer_count: u32,
    pub escalation_level: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_code: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closure_code: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csat: Option<u32>,
    pub version: Version,
    pub position: Position,
    #[serde(default)]
    pub clocks: Vec<ClockView>,
}

/// The state of a clock. A breach stands beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// Counting.
    Running,
    /// Not counting for now.
    Paused,
    /// What it waits for happened.
    Met,
    /// It no longer matters.
    Cancelled,
}

impl ClockState {
    /// The name on the wire and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Met => "met",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One clock of a case: the columns of `docket.clocks`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "each field is the column of docket.clocks of the same name, documented there")]
pub struct ClockView {
    pub clock: ClockName,
    pub instance: u32,
    pub state: ClockState,
    pub target_seconds: u32,
    pub calendar: Name,
    pub policy: PolicyVersion,
    pub started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    pub remaining_seconds: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at: Option<Timestamp>,
    pub elapsed_seconds: u32,
    pub business_elapsed_seconds: u32,
}
