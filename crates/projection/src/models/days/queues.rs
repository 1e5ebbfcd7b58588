//! `day_queues`: what happened each day in each queue.

use std::ops::AddAssign;

use chrono::NaiveDate;
use docket_messages::{Name, Status, Timestamp};

use super::Sign;
use crate::column::OrNone;
use crate::models::cases::CaseRow;
use crate::models::history::HistoryRow;

read_model! {
    /// A row of `day_queues`.
    QueueDayRow in "day_queues" by ["day", "queue"] filled to 60 {
        day: NaiveDate,
        queue: OrNone<Name>,
        counts: Counts,
    }
}

/// What is counted together.
pub(crate) type Key = (NaiveDate, OrNone<Name>);

/// What is counted of a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Counts {
    /// Cases that were opened, by the first queue that they came into.
    pub opened: i64,
    pub resolved: i64,
    pub closed: i64,
    pub reopened: i64,
    pub transferred_in: i64,
    pub transferred_out: i64,
    /// Cases that came into the backlog of the queue, and that went out of it.
    pub came: i64,
    pub went: i64,
    /// Clocks.
    pub breached: i64,
    pub met: i64,
}

columns!(Counts {
    opened: i64,
    resolved: i64,
    closed: i64,
    reopened: i64,
    transferred_in: i64,
    transferred_out: i64,
    came: i64,
    went: i64,
    breached: i64,
    met: i64,
});

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.opened += other.opened;
        self.resolved += other.resolved;
        self.closed += other.closed;
        self.reopened += other.reopened;
        self.transferred_in += other.transferred_in;
        self.transferred_out += other.transferred_out;
        self.came += other.came;
        self.went += other.went;
        self.breached += other.breached;
        self.met += other.met;
    }
}

/// How a case began.
#[derive(Debug, PartialEq)]
pub(crate) struct Opening {
    pub opened_at: Timestamp,
    first_queue: OrNone<Name>,
    /// The queue that its first entry left it in.
    opened_in: OrNone<Name>,
}

columns!(Opening { opened_at: Timestamp, first_queue: OrNone<Name>, opened_in: OrNone<Name>, });

impl Opening {
    pub(super) const ALL: &str =
        "SELECT opened_at, coalesce(first_queue, '') AS first_queue, coalesce(opened_in, '') AS opened_in FROM cases";

    pub(super) fn of(case: &CaseRow) -> Self {
        Self {
            opened_at: case.facts.opened_at,
            first_queue: OrNone(case.measures.first_queue.clone()),
            opened_in: OrNone(case.opened_in.clone()),
        }
    }

    pub(super) fn counts(self, sign: Sign) -> [(OrNone<Name>, Counts); 2] {
        let one = sign.if_so(true);
        [
            (self.first_queue, Counts { opened: one, ..Counts::default() }),
            (self.opened_in, Counts { came: one, ..Counts::default() }),
        ]
    }
}

/// That a case became something else.
#[derive(Debug)]
pub(crate) struct Turn {
    pub until_at: Timestamp,
    status: Status,
    queue: OrNone<Name>,
    next_status: Status,
    next_queue: OrNone<Name>,
}

columns!(Turn {
    until_at: Timestamp,
    status: Status,
    queue: OrNone<Name>,
    next_status: Status,
    next_queue: OrNone<Name>,
});

impl Turn {
    pub(super) const ALL: &str = "SELECT until_at, status, coalesce(queue, '') AS queue, next_status,
        coalesce(next_queue, '') AS next_queue FROM case_history";

    pub(crate) fn of(row: &HistoryRow) -> Self {
        Self {
            until_at: row.until_at,
            status: row.stretch.status,
            queue: OrNone(row.stretch.queue.clone()),
            next_status: row.next_status,
            next_queue: OrNone(row.next_queue.clone()),
        }
    }

    /// What it counts in the queue that the case was in, and in the one that it is in.
    pub(super) fn counts(self) -> [(OrNone<Name>, Counts); 2] {
        let so = |is_so| Sign::Plus.if_so(is_so);
        let (was_in, is_in) = (self.status.is_active(), self.next_status.is_active());
        let is_same_queue = self.queue == self.next_queue;
        let becomes = |status| self.next_status == status && self.status != status;
        let was_over = matches!(self.status, Status::Resolved | Status::Closed | Status::Cancelled);
        // What comes into a first queue, or goes back to none, is not moved.
        let is_moved = !is_same_queue && self.queue.0.is_some() && self.next_queue.0.is_some();
        let before = Counts {
            transferred_out: so(is_moved),
            went: so(was_in && !(is_in && is_same_queue)),
            ..Counts::default()
        };
        let after = Counts {
            resolved: so(becomes(Status::Resolved)),
            closed: so(becomes(Status::Closed)),
            reopened: so(is_in && was_over),
            transferred_in: so(is_moved),
            came: so(is_in && !(was_in && is_same_queue)),
            ..Counts::default()
        };
        [(self.queue, before), (self.next_queue, after)]
    }
}
