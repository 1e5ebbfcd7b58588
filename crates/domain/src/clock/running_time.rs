//! The stretches of time in which a clock ran, and what they come to by a calendar.

use std::fmt;
use std::sync::Arc;

use docket_calendar::Calendar;
use docket_messages::Timestamp;

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
        let counted = if self.counted.is_by(calendar) { self.counted.up_to.as_slice() } else { &[] };
        let index = counted.partition_point(|up_to| *up_to < amount);
        let mut total = index.checked_sub(1).and_then(|before| counted.get(before)).copied().unwrap_or(0);
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;
    use docket_calendar::hours::Interval as Hours;
    use docket_calendar::zones::Zones;

    const MINUTE: i64 = 60_000;

    /// A minute of 2 November 2026, a Monday.
    fn at(minute: i64) -> Timestamp {
        "2026-11-02T00:00:00Z".parse::<Timestamp>().unwrap().plus_millis(minute * MINUTE)
    }

    fn stretch(from: i64, to: i64) -> Interval {
        Interval { from: at(from), to: at(to) }
    }

    /// Open from 01:00 to 03:00, which are the minutes 60 to 180.
    fn night() -> Arc<Calendar> {
        let hours = vec![Hours::parse("01:00-03:00").unwrap()];
        let weekly = HashMap::from([(chrono::Weekday::Mon, hours)]);
        Arc::new(Calendar::new(Zones::bundled().get("UTC").unwrap(), weekly, BTreeMap::new(), &[]))
    }

    /// It ran in three stretches, each of which has 20 open minutes: up to minute 80, 110 and 150.
    fn thrice() -> RunningTime {
        let mut ran = RunningTime::from(at(0));
        for (stop, go_on) in [(80, 90), (110, 130)] {
            ran.stop(at(stop));
            ran.go_on(at(go_on));
        }
        ran.stop(at(150));
        ran
    }

    #[test]
    fn it_has_run_while_it_was_not_left_out() {
        let ran = RunningTime::from_without(at(10), &[stretch(0, 10), stretch(20, 30), stretch(35, 40)]);
        assert_eq!(ran.over, [stretch(10, 20), stretch(30, 35)]);
        assert_eq!((ran.since, ran.wall_millis(at(50))), (Some(at(40)), 25 * MINUTE));
        let all = RunningTime::from_without(at(10), &[stretch(10, 20)]);
        assert_eq!((all.over.len(), all.since), (0, Some(at(20))));
    }

    #[test]
    fn a_stop_that_is_undone_was_none() {
        let mut ran = thrice();
        ran.undo_stop(&[]);
        assert_eq!((ran.since, ran.wall_millis(at(160))), (Some(at(130)), (80 + 20 + 30) * MINUTE));
        ran.stop(at(150));
        assert_eq!(ran, thrice());
        ran.undo_stop(&[stretch(140, 145)]);
        assert_eq!((ran.since, ran.wall_millis(at(150))), (Some(at(145)), (80 + 20 + 10 + 5) * MINUTE));
    }

    #[test]
    fn one_after_the_other_comes_to_both() {
        let both = thrice().and_then(&thrice());
        assert_eq!((both.over.len(), both.wall_millis(at(500))), (6, 2 * 120 * MINUTE));
    }

    #[test]
    fn an_amount_is_passed_where_the_open_time_comes_to_it() {
        let calendar = night();
        let mut counted = thrice();
        counted.count(&calendar);
        let mut half = thrice();
        half.over.truncate(1);
        half.count(&calendar);
        half.over = thrice().over;
        // By what was counted before, by a part of it, or by nothing: the same.
        for ran in [thrice(), counted, half] {
            assert_eq!(ran.open_millis(&calendar, at(200)), 60 * MINUTE);
            let passes = |minutes: i64| ran.passes(&calendar, minutes * MINUTE);
            assert_eq!((passes(0), passes(10), passes(20)), (Some(at(0)), Some(at(70)), Some(at(80))));
            assert_eq!((passes(21), passes(40), passes(41)), (Some(at(91)), Some(at(110)), Some(at(131))));
            assert_eq!((passes(60), passes(61)), (Some(at(150)), None));
        }
        let mut going_on = thrice();
        going_on.go_on(at(160));
        assert_eq!(going_on.passes(&calendar, 65 * MINUTE), Some(at(165)));
    }

    #[test]
    fn what_is_counted_by_a_calendar_is_counted_once() {
        let (calendar, other) = (night(), night());
        let mut ran = thrice();
        assert_eq!(ran.known(&calendar), (0, 0));
        ran.count(&calendar);
        assert_eq!((ran.known(&calendar), ran.known(&other)), ((60 * MINUTE, 3), (0, 0)));
        assert_eq!(format!("{:?}", ran.counted), "3 counted");
        ran.go_on(at(160));
        ran.stop(at(170));
        ran.count(&calendar);
        assert_eq!(ran.known(&calendar), (70 * MINUTE, 4));
        ran.count(&other);
        assert_eq!((ran.known(&calendar), ran.known(&other)), ((0, 0), (70 * MINUTE, 4)));
        // What a stop that is undone came to counts no more.
        ran.undo_stop(&[]);
        assert_eq!(ran.known(&other), (60 * MINUTE, 3));
    }
}
