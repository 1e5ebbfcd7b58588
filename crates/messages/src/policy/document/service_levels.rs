//! Service levels: calendars, clocks, targets, escalations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AgentId, ClockName, Name, Status};

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
