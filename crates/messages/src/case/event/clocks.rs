//! Clocks.

use serde::{Deserialize, Serialize};

use super::Cause;
use crate::{ClockName, Name, PolicyVersion, Timestamp};

body! {
    /// A clock as it stands after an event: all that a report needs, with no calendar at hand.
    ClockReading {
        /// Which clock.
        clock: ClockName,
        /// The n-th of its kind on this case, counted from 1.
        instance: u32,
        /// The policy version that it started under.
        policy: PolicyVersion,
        /// The calendar that it counts by.
        calendar: Name,
        /// The target, in open seconds of the calendar.
        target_seconds: u32,
        /// Milliseconds that the target has beyond its whole seconds: from a start in the middle of a second to the
        /// close of a day.
        #[serde(skip_serializing_if = "Option::is_none")]
        target_millis: Option<u32>,
        /// Whether every second counts, since the target is in calendar days, weeks or months.
        #[serde(skip_serializing_if = "Option::is_none")]
        wall: Option<bool>,
        /// When it started.
        started_at: Timestamp,
        /// The deadline; absent while paused.
        #[serde(skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
        /// When it is at risk; absent while paused.
        #[serde(skip_serializing_if = "Option::is_none")]
        warn_at: Option<Timestamp>,
        /// Open seconds left, as of the event; negative when late.
        remaining_seconds: i32,
        /// Seconds run, pauses left out, as of the event.
        elapsed_seconds: u32,
        /// Seconds run in which the calendar is open, whatever the unit of the target; pauses left out, as of the
        /// event.
        business_elapsed_seconds: u32,
        /// Why it happened, where the event's name does not say.
        #[serde(skip_serializing_if = "Option::is_none")]
        cause: Option<Cause>,
        /// When it fell due, if before the command of its entry.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
    }
}

impl ClockReading {
    /// When a breach that is recorded at `said_at` happened: at the deadline, however late it is recorded, unless a
    /// change of the target caused it.
    #[must_use]
    pub fn breached_at(&self, said_at: Timestamp) -> Timestamp {
        match self.cause {
            Some(Cause::Retarget) => said_at,
            Some(_) | None => self.due_at.unwrap_or(said_at).min(said_at),
        }
    }
}
