//! How long a target is: in open seconds, or in days, weeks and months.

use docket_calendar::Calendar;
use docket_messages::Timestamp;
use docket_messages::policy::{Roll, Target};

/// How long, in one of five units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Seconds(u32),
    BusinessDays(u32),
    CalendarDays(u32),
    Weeks(u32),
    Months(u32),
}

/// What a target says of how long it is; it is checked to say it once.
pub(super) fn spans(target: &Target) -> Vec<Span> {
    let spans = [
        target.seconds.map(Span::Seconds),
        target.business_days.map(Span::BusinessDays),
        target.calendar_days.map(Span::CalendarDays),
        target.weeks.map(Span::Weeks),
        target.months.map(Span::Months),
    ];
    spans.into_iter().flatten().collect()
}

/// The milliseconds that a target comes to for a clock that starts then, and whether every second counts.
pub(super) fn millis(target: &Target, calendar: &Calendar, start: Timestamp) -> (i64, bool) {
    let rolled = |due: Timestamp| match target.roll {
        Some(Roll::NextWorkingDay) => calendar.next_working_day(due),
        None => due,
    };
    let wall = |due: Timestamp| (rolled(due).millis_since(start).max(0), true);
    match spans(target).first() {
        Some(Span::Seconds(seconds)) => (i64::from(*seconds) * 1000, false),
        Some(Span::BusinessDays(days)) => {
            let due = calendar.after_business_days(start, *days);
            (calendar.elapsed(start, due), false)
        }
        Some(Span::CalendarDays(days)) => wall(calendar.after_days(start, *days)),
        Some(Span::Weeks(weeks)) => wall(calendar.after_days(start, weeks.saturating_mul(7))),
        Some(Span::Months(months)) => wall(calendar.after_months(start, *months)),
        None => (0, false),
    }
}
