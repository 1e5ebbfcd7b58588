//! `clock_states`: clocks as their last event left them. The view `clocks` adds what only time has made true.

use docket_messages::{CaseId, Cause, ClockChange, ClockName, ClockReading, ClockState, Name, Timestamp};

use crate::bulk::{Rows, Table};

pub(crate) const TABLE: Table = Table {
    name: "clock_states",
    columns: &[
        "case_id",
        "clock",
        "instance",
        "state",
        "target_seconds",
        "calendar",
        "policy",
        "started_at",
        "due_at",
        "warn_at",
        "remaining_seconds",
        "met_at",
        "breached_at",
        "elapsed_seconds",
        "business_elapsed_seconds",
        "outcome_queue",
        "outcome_priority",
        "is_left_out",
    ],
    key: &["case_id", "clock", "instance"],
};

/// A row of `clock_states`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClockRow {
    pub case_id: CaseId,
    pub state: ClockState,
    pub reading: ClockReading,
    pub met_at: Option<Timestamp>,
    pub breached_at: Option<Timestamp>,
    pub outcome: Option<Outcome>,
    /// Whether it was cancelled since the case goes on in another one.
    pub is_left_out: bool,
}

/// Where a clock ran, and what the priority was, when it was met or breached, whichever came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub queue: Option<Name>,
    pub priority: Option<Name>,
}

impl ClockRow {
    pub(crate) fn started(case_id: CaseId, reading: &ClockReading) -> Self {
        let (state, reading) = (ClockState::Running, reading.clone());
        Self { case_id, state, reading, met_at: None, breached_at: None, outcome: None, is_left_out: false }
    }

    /// The clock's name and instance.
    pub(crate) fn id(&self) -> (ClockName, u32) {
        (self.reading.clock, self.reading.instance)
    }

    /// Applies a change of this clock at an instant; it ran as `outcome` says.
    pub(crate) fn apply(&mut self, change: ClockChange, reading: &ClockReading, at: Timestamp, outcome: Outcome) {
        self.reading = reading.clone();
        self.is_left_out = change == ClockChange::Cancelled && reading.cause == Some(Cause::Merge);
        match change {
            ClockChange::Started | ClockChange::Retargeted | ClockChange::Warned => {}
            ClockChange::Paused => self.state = ClockState::Paused,
            ClockChange::Resumed => self.state = ClockState::Running,
            ClockChange::Cancelled => self.state = ClockState::Cancelled,
            ClockChange::Met => {
                self.state = ClockState::Met;
                self.met_at = Some(at);
                self.outcome.get_or_insert(outcome);
            }
            ClockChange::Breached => {
                self.breached_at = Some(reading.breached_at(at));
                self.outcome.get_or_insert(outcome);
            }
        }
    }

    pub(crate) fn write(&self, rows: &mut Rows) {
        let reading = &self.reading;
        let outcome = self.outcome.as_ref();
        rows.row()
            .uuid(self.case_id)
            .text(reading.clock.as_str())
            .int(reading.instance)
            .text(self.state.as_str())
            .bigint(i64::from(reading.target_seconds))
            .text(reading.calendar.as_str())
            .int(reading.policy.get())
            .at(reading.started_at)
            .opt_at(reading.due_at)
            .opt_at(reading.warn_at)
            .bigint(i64::from(reading.remaining_seconds))
            .opt_at(self.met_at)
            .opt_at(self.breached_at)
            .bigint(i64::from(reading.elapsed_seconds))
            .bigint(i64::from(reading.business_elapsed_seconds))
            .opt_text(outcome.and_then(|outcome| outcome.queue.as_ref()).map(Name::as_str))
            .opt_text(outcome.and_then(|outcome| outcome.priority.as_ref()).map(Name::as_str))
            .flag(self.is_left_out);
    }
}
