//! Opening hours as arithmetic on instants, and time zones as data.
//!
//! The clocks that decide count by it, and so do the numbers that are read. No clock, no I/O.
//!
//! Local interval edges are converted to UTC one by one and summed in UTC, so a night with a daylight-saving
//! change is as long as it really is. A local time that does not exist (spring forward) moves on by the length of
//! the gap; an ambiguous one (fall back) is the first occurrence.
//!
//! The law that ties the two functions together, for every start and duration:
//! `elapsed(start, deadline(start, d)) == d`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, OnceLock};

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Weekday};
use docket_messages::Timestamp;

pub mod hours;
mod read;
pub mod zones;

use hours::{Holiday, Interval};
use zones::Zone;

const FIRST_YEAR: i32 = 1969;
const LAST_YEAR: i32 = 2270;
/// How many days are looked through for one that is open: what is not open by then never is.
const DAYS_LIMIT: usize = 36_600;

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// A compiled calendar. All durations are in milliseconds.
#[derive(Debug)]
pub struct Calendar {
    zone: Zone,
    weekly: HashMap<Weekday, Vec<Interval>>,
    dates: BTreeMap<NaiveDate, Vec<Interval>>,
    yearly_holidays: BTreeSet<(u32, u32)>,
    holidays: BTreeSet<NaiveDate>,
    /// Opening times by local year, calculated when first needed. A cache of a pure function.
    years: Vec<OnceLock<Year>>,
}

/// For how long a calendar opens yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Open milliseconds.
    pub millis: i64,
    /// Days that open, without the first.
    pub days: i64,
}

#[derive(Debug)]
struct Year {
    opens: Vec<Open>,
    total: i64,
}

/// A stretch of open time, with the open milliseconds of its year before it.
#[derive(Debug, Clone, Copy)]
struct Open {
    from: i64,
    to: i64,
    before: i64,
}

impl Year {
    /// Open milliseconds of this year before the instant.
    fn before(&self, instant: i64) -> i64 {
        let passed = self.opens.partition_point(|open| open.from < instant);
        let Some(open) = passed.checked_sub(1).and_then(|i| self.opens.get(i)) else { return 0 };
        open.before + instant.min(open.to) - open.from
    }

    /// The instant at which so many open milliseconds of this year are used up; `0 < used <= total`.
    fn at(&self, used: i64) -> Option<i64> {
        let index = self.opens.partition_point(|open| open.before < used).checked_sub(1)?;
        let open = self.opens.get(index)?;
        Some(open.from + used - open.before)
    }
}

impl Calendar {
    /// A calendar in a zone, from hours that were parsed already.
    #[must_use]
    pub fn new(
        zone: Zone,
        weekly: HashMap<Weekday, Vec<Interval>>,
        dates: BTreeMap<NaiveDate, Vec<Interval>>,
        holidays: &[Holiday],
    ) -> Self {
        let mut yearly = BTreeSet::new();
        let mut once = BTreeSet::new();
        for holiday in holidays {
            match *holiday {
                Holiday::EveryYear { month, day } => {
                    yearly.insert((month, day));
                }
                Holiday::Once(date) => {
                    once.insert(date);
                }
            }
        }
        let years = (FIRST_YEAR..=LAST_YEAR).map(|_| OnceLock::new()).collect();
        Self { zone, weekly, dates, yearly_holidays: yearly, holidays: once, years }
    }

    /// One that never opens.
    #[must_use]
    pub fn never() -> &'static Arc<Self> {
        static NEVER: LazyLock<Arc<Calendar>> =
            LazyLock::new(|| Arc::new(Calendar::new(Zone::utc(), HashMap::new(), BTreeMap::new(), &[])));
        &NEVER
    }

    /// One that never closes, for what counts every second.
    #[must_use]
    pub fn always() -> &'static Arc<Self> {
        static ALWAYS: LazyLock<Arc<Calendar>> = LazyLock::new(|| {
            let whole = vec![Interval { from_minute: 0, to_minute: 1_440 }];
            let weekly = WEEK.into_iter().map(|day| (day, whole.clone())).collect();
            Arc::new(Calendar::new(Zone::utc(), weekly, BTreeMap::new(), &[]))
        });
        &ALWAYS
    }

    /// Open milliseconds from `start` to `end`; 0 when `end` is not later.
    #[must_use]
    pub fn elapsed(&self, start: Timestamp, end: Timestamp) -> i64 {
        let (start, end) = (start.as_millis(), end.as_millis());
        if end <= start {
            return 0;
        }
        // A local year may begin or end up to a day beside the UTC year, hence one more on each side.
        (utc_year(start) - 1..=utc_year(end) + 1)
            .filter_map(|year| self.year(year))
            .map(|year| year.before(end) - year.before(start))
            .sum()
    }

    /// The instant at which `open` milliseconds have passed since `start`: the end of the interval that
    /// consumes the last of them, never the beginning of the next. The start itself for 0 or less. The end
    /// of the calendar's range (the year 2270) if it does not open that much.
    #[must_use]
    pub fn deadline(&self, start: Timestamp, open: i64) -> Timestamp {
        if open <= 0 {
            return start;
        }
        let mut left = open;
        for year in (utc_year(start.as_millis()) - 1..=LAST_YEAR).filter_map(|year| self.year(year)) {
            let used = year.before(start.as_millis());
            let available = year.total - used;
            if left <= available {
                return year.at(used + left).map_or(start, Timestamp::from_millis);
            }
            left -= available;
        }
        Timestamp::from_millis(i64::MAX)
    }

    /// The close of the n-th business day after the day of `start`, by date.
    #[must_use]
    pub fn after_business_days(&self, start: Timestamp, days: u32) -> Timestamp {
        let business_days = self.local(start).date().iter_days().skip(1).take(DAYS_LIMIT);
        let mut business_days = business_days.filter(|date| !self.intervals(*date).is_empty());
        let last = usize::try_from(days.max(1) - 1).ok().and_then(|skipped| business_days.nth(skipped));
        let close = last.and_then(|date| Some((date, self.intervals(date).iter().map(|open| open.to_minute).max()?)));
        close.map_or(Timestamp::from_millis(i64::MAX), |(date, minute)| {
            Timestamp::from_millis(self.to_utc(date, minute))
        })
    }

    /// The same local time so many days later.
    #[must_use]
    pub fn after_days(&self, start: Timestamp, days: u32) -> Timestamp {
        let local = self.local(start);
        self.instant(local.checked_add_days(Days::new(u64::from(days))).unwrap_or(local))
    }

    /// The same local day and time so many months later, or the last day of a month that is shorter.
    #[must_use]
    pub fn after_months(&self, start: Timestamp, months: u32) -> Timestamp {
        let local = self.local(start);
        self.instant(local.checked_add_months(Months::new(months)).unwrap_or(local))
    }

    /// The instant itself, or the same local time on the next day that is not closed.
    #[must_use]
    pub fn next_working_day(&self, instant: Timestamp) -> Timestamp {
        let local = self.local(instant);
        let open = local.date().iter_days().take(DAYS_LIMIT).find(|date| !self.intervals(*date).is_empty());
        match open {
            Some(date) if date != local.date() => self.instant(date.and_time(local.time())),
            Some(_) | None => instant,
        }
    }

    fn local(&self, instant: Timestamp) -> NaiveDateTime {
        self.zone.local(instant)
    }

    fn instant(&self, local: NaiveDateTime) -> Timestamp {
        self.zone.instant(local)
    }

    /// Whether there is open time in the two years after the instant.
    #[must_use]
    pub fn opens_within_two_years(&self, from: Timestamp) -> bool {
        const TWO_YEARS_DAYS: usize = 2 * 366;
        let today = self.local(from).date();
        let is_open = |date: NaiveDate| {
            self.intervals(date).iter().any(|interval| {
                let closes = self.to_utc(date, interval.to_minute);
                closes > from.as_millis() && self.to_utc(date, interval.from_minute) < closes
            })
        };
        today.iter_days().take(TWO_YEARS_DAYS).any(is_open)
    }

    /// For how long it opens after an instant, at most, up to the end of its range.
    #[must_use]
    pub fn left(&self, from: Timestamp) -> Left {
        const WEEKS_OF_A_YEAR: i64 = 53;
        let weeks = i64::from(LAST_YEAR - utc_year(from.as_millis())).max(0) * WEEKS_OF_A_YEAR;
        let open_days = self.weekly.values().filter(|day| !day.is_empty()).count();
        let week: i64 = self.weekly.values().flatten().map(Interval::millis).sum();
        let today = self.local(from).date();
        let mut left = Left { millis: weeks * week, days: weeks * i64::try_from(open_days).unwrap_or(0) };
        for (date, intervals) in self.dates.range(today..).filter(|(_, intervals)| !intervals.is_empty()) {
            left.days += i64::from(*date > today);
            for interval in intervals {
                let closes = self.to_utc(*date, interval.to_minute);
                left.millis += (closes - self.to_utc(*date, interval.from_minute).max(from.as_millis())).max(0);
            }
        }
        left
    }

    fn year(&self, year: i32) -> Option<&Year> {
        let index = usize::try_from(year.checked_sub(FIRST_YEAR)?).ok()?;
        self.years.get(index).map(|slot| slot.get_or_init(|| self.build(year)))
    }

    fn build(&self, year: i32) -> Year {
        let mut edges: Vec<(i64, i64)> = Vec::with_capacity(800);
        let first = NaiveDate::from_yo_opt(year, 1).unwrap_or_default();
        for date in first.iter_days().take_while(|date| date.year() == year) {
            for interval in self.intervals(date) {
                let (from, to) = (self.to_utc(date, interval.from_minute), self.to_utc(date, interval.to_minute));
                if from < to {
                    edges.push((from, to));
                }
            }
        }
        edges.sort_unstable();
        let mut opens: Vec<Open> = Vec::with_capacity(edges.len());
        for (from, to) in edges {
            // A moved edge (spring forward) can make two intervals overlap; they count once.
            match opens.last_mut() {
                Some(last) if from <= last.to => last.to = last.to.max(to),
                _ => opens.push(Open { from, to, before: 0 }),
            }
        }
        let mut total = 0;
        for open in &mut opens {
            open.before = total;
            total += open.to - open.from;
        }
        Year { opens, total }
    }

    fn intervals(&self, date: NaiveDate) -> &[Interval] {
        if let Some(special) = self.dates.get(&date) {
            return special;
        }
        if self.holidays.contains(&date) || self.yearly_holidays.contains(&(date.month(), date.day())) {
            return &[];
        }
        self.weekly.get(&date.weekday()).map_or(&[], Vec::as_slice)
    }

    fn to_utc(&self, date: NaiveDate, minute: u32) -> i64 {
        let (days, minute) = (u64::from(minute / 1440), i64::from(minute % 1440));
        let midnight = date.checked_add_days(Days::new(days)).unwrap_or(date).and_hms_opt(0, 0, 0).unwrap_or_default();
        self.instant(midnight + TimeDelta::minutes(minute)).as_millis()
    }
}

fn utc_year(millis: i64) -> i32 {
    Timestamp::from_millis(millis).to_chrono().year()
}

#[cfg(test)]
mod tests;
