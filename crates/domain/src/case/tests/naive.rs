//! Deadlines the slow and obvious way: minute by minute, by the hours that a person reads in the sample.

use chrono::{Datelike, Timelike};
use docket_messages::Timestamp;

use super::moment::AMSTERDAM;

pub const MINUTE_MS: i64 = 60_000;

/// What the sample promises for a priority: minutes, and whether they are counted around the clock.
#[derive(Debug, Clone, Copy)]
pub struct Promise {
    pub minutes: i64,
    pub around_the_clock: bool,
}

pub fn first_response(priority: &str) -> Promise {
    promise(priority, [30, 120, 240, 510])
}

pub fn resolution(priority: &str) -> Promise {
    promise(priority, [240, 510, 3 * 510, 5 * 510])
}

fn promise(priority: &str, [critical, high, moderate, low]: [i64; 4]) -> Promise {
    match priority {
        "critical" => Promise { minutes: critical, around_the_clock: true },
        "high" => Promise { minutes: high, around_the_clock: false },
        "moderate" => Promise { minutes: moderate, around_the_clock: false },
        _ => Promise { minutes: low, around_the_clock: false },
    }
}

/// Whether the office is open in the minute that begins then.
pub fn is_open(instant: Timestamp) -> bool {
    let local = AMSTERDAM.local(instant);
    let is_holiday = [(1, 1), (4, 27), (12, 25), (12, 26)].contains(&(local.month(), local.day()));
    let minute = local.hour() * 60 + local.minute();
    let in_hours = (510..750).contains(&minute) || (810..1080).contains(&minute);
    local.weekday().num_days_from_monday() < 5 && !is_holiday && in_hours
}

/// A span from its first minute up to, without, its last; without an end it lasts.
pub type Span = (Timestamp, Option<Timestamp>);

/// Where a clock stands at last.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    Due(Timestamp),
    PausedWithSeconds(i64),
}

/// Where a clock stands that started then, was paused so, and has this promise now.
pub fn standing(start: Timestamp, pauses: &[Span], promise: Promise) -> Standing {
    let is_paused = |now: Timestamp| pauses.iter().any(|(from, to)| *from <= now && to.is_none_or(|to| now < to));
    let stopped = pauses.iter().find(|(_, to)| to.is_none()).map(|(from, _)| *from);
    let mut left = promise.minutes;
    let mut now = start;
    loop {
        if stopped.is_some_and(|stopped| now >= stopped) {
            return Standing::PausedWithSeconds(left * 60);
        }
        if !is_paused(now) && (promise.around_the_clock || is_open(now)) {
            left -= 1;
        }
        now = now.plus_millis(MINUTE_MS);
        if left == 0 && stopped.is_none() {
            return Standing::Due(now);
        }
    }
}
