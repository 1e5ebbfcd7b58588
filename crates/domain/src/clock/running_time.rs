//! The stretches of time in which a clock ran, and what they come to by a calendar.

use std::fmt;
use std::sync::Arc;

use docket_messages::Timestamp;

use crate::calendar::Calendar;

/// A stretch that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    /// Its first instant.
    pub(crate) from: Timestamp,
    /// The first instant after it.
    pub(crate) to: Timestamp,
}

/// Stretches of time, one after the other, of which the last may go on.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RunningTime {
    over: Vec<Interval>,
    since: Option<Timestamp>,
    wall_millis: i64,
    counted: Counted,
}

/// What the stretches that are over come to by one calendar, up to the end of each.
///
/// It only spares counting again, so two that differ in it alone are the same.
#[derive(Clone, Default)]
struct Counted {
    by: Option<Arc<Calendar>>,
    up_to: Vec<i64>,
}

impl PartialEq for Counted {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} counted", self.up_to.len())
    }
}

impl Counted {
    fn is_by(&self, calendar: &Arc<Calendar>) -> bool {
        self.by.as_ref().is_some_and(|by| Arc::ptr_eq(by, calendar))
    }

    fn total(&self) -> i64 {
        self.up_to.last().copied().unwrap_or(0)
    }
}

impl RunningTime {
    /// Something that runs from now on.
    pub(super) fn from(at: Timestamp) -> Self {
        Self { since: Some(at), ..Self::default() }
    }

    /// Something that has run since then, but for some stretches, which are in order.
    pub(super) fn from_without(at: Timestamp, without: &[Interval]) -> Self {
        let mut ran = Self::from(at);
        ran.leave_out(without);
        ran
    }

    /// Leaves stretches out of what runs; they are in order.
    fn leave_out(&mut self, without: &[Interval]) {
        let Some(since) = self.since else { return };
        for gap in without.iter().filter(|gap| gap.to > since) {
            if gap.from > since {
                self.stop(gap.from);
            }
            self.since = Some(gap.to);
        }
    }

    /// It runs again.
    pub(super) fn go_on(&mut self, at: Timestamp) {
        self.since = Some(at);
    }

    /// It stops, if it runs.
    pub(super) fn stop(&mut self, at: Timestamp) {
        if let Some(from) = self.since.take() {
            self.wall_millis += at.millis_since(from).max(0);
            self.over.push(Interval { from, to: at });
        }
    }

    /// It runs as if it had not stopped, but for some stretches.
    pub(super) fn undo_stop(&mut self, without: &[Interval]) {
        if let Some(Interval { from, to }) = self.over.pop() {
            self.wall_millis -= to.millis_since(from).max(0);
            self.counted.up_to.truncate(self.over.len());
            self.since = Some(from);
            self.leave_out(without);
        }
    }

    /// What ran before, and then this; both have stopped.
    pub(super) fn and_then(mut self, next: &Self) -> Self {
        self.over.extend_from_slice(&next.over);
        self.wall_millis += next.wall_millis;
        self
    }

    /// Remembers what the stretches come to by a calendar, so that asking is quick however many there are.
    pub(super) fn count(&mut self, calendar: &Arc<Calendar>) {
        if !self.counted.is_by(calendar) {
            self.counted = Counted { by: Some(Arc::clone(calendar)), up_to: Vec::with_capacity(self.over.len()) };
        }
        let mut total = self.counted.total();
        for stretch in self.over.iter().skip(self.counted.up_to.len()) {
            total += calendar.elapsed(stretch.from, stretch.to);
            self.counted.up_to.push(total);
        }
    }

    /// Milliseconds up to `at`.
    pub(super) fn wall_millis(&self, at: Timestamp) -> i64 {
        self.wall_millis + self.since.map_or(0, |since| at.millis_since(since).max(0))
    }

    /// Open milliseconds up to `at`.
    pub(super) fn open_millis(&self, calendar: &Arc<Calendar>, at: Timestamp) -> i64 {
        let (total, counted) = self.known(calendar);
        let rest = self.over.iter().skip(counted).map(|stretch| calendar.elapsed(stretch.from, stretch.to));
        total + rest.sum::<i64>() + self.since.map_or(0, |since| calendar.elapsed(since, at))
    }

    /// When so many open milliseconds have passed; none while it is stopped and has not passed them.
    pub(super) fn passes(&self, calendar: &Arc<Calendar>, amount: i64) -> Option<Timestamp> {
        let (mut total, mut index) = self.known(calendar);
        if amount <= total && index > 0 {
            index = self.counted.up_to.partition_point(|up_to| *up_to < amount);
            total = index.checked_sub(1).and_then(|before| self.counted.up_to.get(before)).copied().unwrap_or(0);
        }
        for stretch in self.over.iter().skip(index) {
            let open = calendar.elapsed(stretch.from, stretch.to);
            if amount <= total + open {
                return Some(calendar.deadline(stretch.from, amount - total));
            }
            total += open;
        }
        self.since.map(|since| calendar.deadline(since, amount - total))
    }

    /// What is counted by a calendar already, and of how many stretches.
    fn known(&self, calendar: &Arc<Calendar>) -> (i64, usize) {
        if self.counted.is_by(calendar) { (self.counted.total(), self.counted.up_to.len()) } else { (0, 0) }
    }
}
