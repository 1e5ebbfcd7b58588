//! `clock_states`: clocks as their last event left them. The view `clocks` adds what only time has made true.

use docket_messages::{
    AgentId, Cause, ClockChange, ClockName, ClockReading, ClockState, Name, PolicyVersion, Position, Timestamp,
};

read_model! {
    /// A row of `clock_states`.
    ClockRow in "clock_states" by ["case_no", "clock", "instance"] filled to 60
        indexed by clock_states_time ("USING brin (outcome_at, started_at, changed_at) WITH (pages_per_range = 32)")
    {
        case_no: Position,
        clock: ClockName,
        instance: u32,
        state: ClockState,
        target_seconds: i64,
        calendar: Name,
        policy: PolicyVersion,
        started_at: Timestamp,
        due_at: Option<Timestamp>,
        warn_at: Option<Timestamp>,
        remaining_seconds: i64,
        met_at: Option<Timestamp>,
        breached_at: Option<Timestamp>,
        elapsed_seconds: i64,
        business_elapsed_seconds: i64,
        /// When it was met or breached; a breach counts, if there are both.
        outcome_at: Option<Timestamp>,
        /// Where it ran when it was met or breached, whichever came first.
        outcome_queue: Option<Name>,
        /// What the priority was then.
        outcome_priority: Option<Name>,
        /// Who had the case then.
        outcome_assignee: Option<AgentId>,
        /// Whether it was cancelled since the case goes on in another one.
        is_left_out: bool,
        /// The moment of the last entry that changed it.
        changed_at: Timestamp,
    }
}

/// How the case was when a clock changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Then<'c> {
    /// The queue in which the clock ran.
    pub queue: Option<&'c Name>,
    /// The priority.
    pub priority: Option<&'c Name>,
    /// Who had it.
    pub assignee: Option<&'c AgentId>,
}

impl ClockRow {
    pub(crate) fn started(case_no: Position, reading: &ClockReading) -> Self {
        Self {
            case_no,
            clock: reading.clock,
            instance: reading.instance,
            state: ClockState::Running,
            target_seconds: i64::from(reading.target_seconds),
            calendar: reading.calendar.clone(),
            policy: reading.policy,
            started_at: reading.started_at,
            due_at: reading.due_at,
            warn_at: reading.warn_at,
            remaining_seconds: i64::from(reading.remaining_seconds),
            met_at: None,
            breached_at: None,
            elapsed_seconds: i64::from(reading.elapsed_seconds),
            business_elapsed_seconds: i64::from(reading.business_elapsed_seconds),
            outcome_at: None,
            outcome_queue: None,
            outcome_priority: None,
            outcome_assignee: None,
            is_left_out: false,
            changed_at: reading.started_at,
        }
    }

    /// The clock's name and instance.
    pub(crate) fn id(&self) -> (ClockName, u32) {
        (self.clock, self.instance)
    }

    /// Applies a change of this clock at an instant.
    pub(crate) fn apply(&mut self, change: ClockChange, reading: &ClockReading, at: Timestamp, then: Then<'_>) {
        let had_outcome = self.met_at.is_some() || self.breached_at.is_some();
        let mut row = Self {
            state: self.state,
            met_at: self.met_at,
            breached_at: self.breached_at,
            outcome_queue: self.outcome_queue.take(),
            outcome_priority: self.outcome_priority.take(),
            outcome_assignee: self.outcome_assignee.take(),
            is_left_out: change == ClockChange::Cancelled && reading.cause == Some(Cause::Merge),
            ..Self::started(self.case_no, reading)
        };
        match change {
            ClockChange::Started | ClockChange::Retargeted | ClockChange::Warned => {}
            ClockChange::Paused => row.state = ClockState::Paused,
            ClockChange::Resumed => row.state = ClockState::Running,
            ClockChange::Cancelled => row.state = ClockState::Cancelled,
            ClockChange::Met => {
                row.state = ClockState::Met;
                row.met_at = Some(at);
            }
            ClockChange::Breached => row.breached_at = Some(reading.breached_at(at)),
        }
        if !had_outcome && (row.met_at.is_some() || row.breached_at.is_some()) {
            (row.outcome_queue, row.outcome_priority) = (then.queue.cloned(), then.priority.cloned());
            row.outcome_assignee = then.assignee.cloned();
        }
        row.outcome_at = row.breached_at.or(row.met_at);
        *self = row;
    }
}
