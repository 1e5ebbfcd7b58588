//! `day_outcomes`: clocks that were met and breached each day, by queue, priority and clock.

use std::ops::AddAssign;

use chrono::NaiveDate;
use docket_messages::{ClockName, Name, Timestamp};

use super::Sign;
use crate::column::OrNone;
use crate::models::clocks::ClockRow;

read_model! {
    /// A row of `day_outcomes`.
    OutcomeDayRow in "day_outcomes" by ["day", "queue", "priority", "clock"] filled to 60 {
        day: NaiveDate,
        group: Group,
        counts: Counts,
    }
}

/// What is counted together.
pub(crate) type Key = (NaiveDate, Group);

/// What is counted together of a day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Group {
    pub queue: OrNone<Name>,
    priority: OrNone<Name>,
    clock: ClockName,
}

columns!(Group { queue: OrNone<Name>, priority: OrNone<Name>, clock: ClockName, });

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    pub met: i64,
    pub breached: i64,
}

columns!(Counts { met: i64, breached: i64 });

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.met += other.met;
        self.breached += other.breached;
    }
}

/// That a clock was met or breached, whichever came first.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub at: Timestamp,
    pub group: Group,
    is_met: bool,
}

columns!(Outcome { at: Timestamp, group: Group, is_met: bool });

impl Outcome {
    pub(super) const ALL: &str = "SELECT outcome_at AS at, coalesce(outcome_queue, '') AS queue,
        coalesce(outcome_priority, '') AS priority, clock, breached_at IS NULL AS is_met
        FROM clock_states WHERE outcome_at IS NOT NULL AND NOT is_left_out";

    /// That of a clock, if it has one that counts.
    pub(crate) fn of(clock: &ClockRow) -> Option<Self> {
        let at = clock.outcome_at.filter(|_| !clock.is_left_out)?;
        let group = Group {
            queue: OrNone(clock.outcome_queue.clone()),
            priority: OrNone(clock.outcome_priority.clone()),
            clock: clock.clock,
        };
        Some(Self { at, group, is_met: clock.breached_at.is_none() })
    }

    pub(super) fn counts(&self, sign: Sign) -> Counts {
        Counts { met: sign.if_so(self.is_met), breached: sign.if_so(!self.is_met) }
    }
}
