use super::*;
use crate::zones::Zones;
use chrono::Timelike;
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn weekly(zone: &str, hours: &[&str], days: &[&str]) -> Calendar {
    let texts: Vec<String> = hours.iter().map(|&h| h.to_owned()).collect();
    let day = Interval::parse_day(&texts).unwrap();
    let weekly = days.iter().map(|day_name| (hours::weekday(day_name).unwrap(), day.clone())).collect();
    Calendar::new(Zones::bundled().get(zone).unwrap(), weekly, BTreeMap::new(), &[])
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn office() -> Calendar {
    let mut calendar = weekly("Europe/Amsterdam", &["08:30-12:30", "13:30-18:00"], &DAYS[..5]);
    calendar.yearly_holidays = [(1, 1), (4, 27), (12, 25), (12, 26)].into();
    calendar
}

const HOUR: i64 = 3_600_000;

#[test]
fn a_night_with_a_change_of_time_is_as_long_as_it_really_is() {
    for (zone, date, hours) in [
        ("Europe/Berlin", "2026-03-29", 3),
        ("America/New_York", "2026-03-08", 3),
        ("Europe/Berlin", "2026-10-25", 5),
        ("America/New_York", "2026-11-01", 5),
        ("Australia/Sydney", "2026-10-04", 3),
        ("Australia/Sydney", "2026-04-05", 5),
    ] {
        let mut calendar = weekly(zone, &["00:00-04:00"], &[]);
        calendar.dates.insert(date.parse().unwrap(), Interval::parse_day(&["00:00-04:00".into()]).unwrap());
        assert_eq!(calendar.elapsed(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")), hours * HOUR, "{date}");
    }
}

#[test]
fn a_deadline_is_the_end_of_the_interval_that_consumes_the_last_second() {
    // Friday 17:00 local, one hour: 18:00 on that day, not 08:30 on Monday.
    assert_eq!(office().deadline(at("2026-11-20T16:00:00Z"), HOUR), at("2026-11-20T17:00:00Z"));
}

#[test]
fn a_deadline_passes_lunch_nights_weekends_and_holidays() {
    // Thursday 24 December 2026, 17:00 local; 25 is a holiday, 26 a Saturday.
    assert_eq!(office().deadline(at("2026-12-24T16:00:00Z"), 2 * HOUR), at("2026-12-28T08:30:00Z"));
}

#[test]
fn an_edge_that_does_not_exist_moves_on_by_the_length_of_the_gap() {
    let calendar = weekly("Europe/Berlin", &["02:30-04:00"], &DAYS);
    // 29 March 2026: 02:30 becomes 03:30, so the interval is half an hour.
    assert_eq!(calendar.elapsed(at("2026-03-29T00:00:00Z"), at("2026-03-29T12:00:00Z")), HOUR / 2);
    // Lord Howe, 4 October 2026: clocks go from 02:00 to 02:30, so 02:10 becomes 02:40.
    let calendar = weekly("Australia/Lord_Howe", &["02:10-04:00"], &DAYS);
    assert_eq!(calendar.elapsed(at("2026-10-03T15:00:00Z"), at("2026-10-03T20:00:00Z")), 80 * 60_000);
}

#[test]
fn a_calendar_counts_by_what_its_zone_has_decided_lately() {
    // British Columbia stays on UTC-7 in the winter of 2026: 09:00 to 17:00 is 16:00Z to 00:00Z.
    let calendar = weekly("America/Vancouver", &["09:00-17:00"], &DAYS[..5]);
    assert_eq!(calendar.deadline(at("2026-11-03T08:00:00Z"), 8 * HOUR), at("2026-11-04T00:00:00Z"));
}

#[test]
fn date_specific_hours_replace_the_weekly_ones_and_holidays() {
    let mut calendar = office();
    calendar.dates.insert("2026-12-25".parse().unwrap(), Interval::parse_day(&["10:00-11:00".into()]).unwrap());
    assert_eq!(calendar.elapsed(at("2026-12-25T00:00:00Z"), at("2026-12-26T00:00:00Z")), HOUR);
}

#[test]
fn a_year_of_the_calendar_is_one_of_its_zone() {
    // New Year's Eve in New York is New Year in UTC already, and New Year in Sydney is still New Year's Eve there.
    let new_york = weekly("America/New_York", &["20:00-22:00"], &DAYS);
    assert_eq!(new_york.elapsed(at("2027-01-01T01:30:00Z"), at("2027-01-01T02:30:00Z")), HOUR);
    assert_eq!(new_york.deadline(at("2027-01-01T01:00:00Z"), HOUR), at("2027-01-01T02:00:00Z"));
    let sydney = weekly("Australia/Sydney", &["05:00-07:00"], &DAYS);
    assert_eq!(sydney.elapsed(at("2026-12-31T18:00:00Z"), at("2026-12-31T19:00:00Z")), HOUR);
}

#[test]
fn intervals_that_a_change_of_time_lets_overlap_count_once() {
    // 29 March 2026: 02:45 becomes 03:45, so the first interval reaches into the second.
    let calendar = weekly("Europe/Berlin", &["01:00-02:45", "03:00-04:00"], &DAYS);
    assert_eq!(calendar.elapsed(at("2026-03-29T00:00:00Z"), at("2026-03-29T12:00:00Z")), 2 * HOUR);
}

#[test]
fn the_next_working_day_is_today_when_today_opens() {
    let mut calendar = weekly("Europe/Amsterdam", &["02:00-04:00"], &DAYS);
    // 25 October 2026 has 02:30 twice; this is the second.
    assert_eq!(calendar.next_working_day(at("2026-10-25T01:30:00Z")), at("2026-10-25T01:30:00Z"));
    calendar.holidays.insert("2026-11-02".parse().unwrap());
    assert_eq!(calendar.next_working_day(at("2026-11-02T09:00:00Z")), at("2026-11-03T09:00:00Z"));
}

/// A calendar that opens on one date only.
fn only_on(zone: &str, date: &str, hours: &str) -> Calendar {
    let mut calendar = weekly(zone, &["09:00-17:00"], &[]);
    calendar.dates.insert(date.parse().unwrap(), Interval::parse_day(&[hours.to_owned()]).unwrap());
    calendar
}

#[test]
fn a_calendar_opens_soon_if_it_does_within_two_years_and_not_only_before() {
    assert!(only_on("UTC", "2027-06-01", "09:00-17:00").opens_within_two_years(at("2026-01-01T00:00:00Z")));
    let today = only_on("UTC", "2026-01-01", "09:00-10:00");
    assert!(today.opens_within_two_years(at("2026-01-01T09:59:59Z")));
    assert!(!today.opens_within_two_years(at("2026-01-01T10:00:00Z")));
    assert!(!today.opens_within_two_years(at("2026-01-01T12:00:00Z")));
    // An hour that the change of time skips.
    assert!(!only_on("Europe/Berlin", "2026-03-29", "02:00-03:00").opens_within_two_years(at("2026-03-01T00:00:00Z")));
}

#[test]
fn what_is_left_of_a_calendar_are_its_weeks_and_its_dates() {
    // At most 53 weeks in each of the 244 years up to 2270.
    let mondays = weekly("UTC", &["09:00-10:00"], &DAYS[..1]);
    assert_eq!(mondays.left(at("2026-06-01T00:00:00Z")), Left { millis: 244 * 53 * HOUR, days: 244 * 53 });
    let once = only_on("UTC", "2026-06-01", "09:00-11:00");
    assert_eq!(once.left(at("2026-05-31T00:00:00Z")), Left { millis: 2 * HOUR, days: 1 });
    // The day that has begun is none that is still to come, but the rest of it is.
    assert_eq!(once.left(at("2026-06-01T10:00:00Z")), Left { millis: HOUR, days: 0 });
    assert_eq!(once.left(at("2026-06-02T00:00:00Z")), Left { millis: 0, days: 0 });
}

#[test]
fn hours_are_those_of_a_day_and_may_touch() {
    let day = |texts: &[&str]| Interval::parse_day(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
    assert_eq!(day(&["12:00-16:00", "08:00-12:00"]).unwrap().len(), 2);
    assert_eq!(day(&["08:00-12:00", "12:00-16:00"]).unwrap().len(), 2);
    assert_eq!(day(&["08:00-12:00", "11:59-16:00"]).unwrap_err().0, 1);
    assert_eq!(Interval::parse("00:00-24:00").unwrap().to_minute, 1_440);
    for wrong in ["8:00-12:00", "08:0-12:00", "08:00-23:60", "08:00-24:30", "08:00-25:00", "08:00-25:30", "08:00-08:00"]
    {
        assert!(Interval::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_calendar_that_never_opens_is_seen() {
    assert!(!weekly("UTC", &["09:00-17:00"], &[]).opens_within_two_years(at("2026-01-01T00:00:00Z")));
    assert!(office().opens_within_two_years(at("2026-01-01T00:00:00Z")));
}

/// The slow and obvious way: is this moment open? So many milliseconds from one to the next.
fn open_moments(calendar: &Calendar, from: Timestamp, to: Timestamp, step: i64) -> i64 {
    let mut moments = 0;
    let mut now = from.as_millis();
    while now < to.as_millis() {
        let local = calendar.zone.local(Timestamp::from_millis(now));
        let minute = local.hour() * 60 + local.minute();
        let is_open = |i: &Interval| (i.from_minute..i.to_minute).contains(&minute);
        moments += i64::from(calendar.intervals(local.date()).iter().any(is_open));
        now += step;
    }
    moments
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn elapsed_undoes_deadline(start in 1_500_000_000_000_i64..1_900_000_000_000, d in 0_i64..40_000_000_000) {
        let start = Timestamp::from_millis(start);
        for calendar in [office(), weekly("America/New_York", &["00:00-24:00"], &DAYS)] {
            prop_assert_eq!(calendar.elapsed(start, calendar.deadline(start, d)), d);
        }
    }

    #[test]
    fn elapsed_adds_up(a in 1_500_000_000_000_i64..1_900_000_000_000, b in 0_i64..9_000_000_000, c in 0_i64..9_000_000_000) {
        let calendar = office();
        let (a, b, c) = (Timestamp::from_millis(a), Timestamp::from_millis(a + b), Timestamp::from_millis(a + b + c));
        prop_assert_eq!(calendar.elapsed(a, b) + calendar.elapsed(b, c), calendar.elapsed(a, c));
    }

    #[test]
    fn elapsed_counts_every_open_minute(start in 24_000_000_i64..31_000_000, minutes in 0_i64..20_000) {
        let (from, to) = (Timestamp::from_millis(start * 60_000), Timestamp::from_millis((start + minutes) * 60_000));
        let calendar = office();
        prop_assert_eq!(calendar.elapsed(from, to), open_moments(&calendar, from, to, 60_000) * 60_000);
    }

    #[test]
    fn elapsed_counts_every_open_second(start in 1_700_000_000_i64..1_800_000_000, seconds in 0_i64..20_000) {
        let (from, to) = (Timestamp::from_millis(start * 1000), Timestamp::from_millis((start + seconds) * 1000));
        let calendar = office();
        prop_assert_eq!(calendar.elapsed(from, to), open_moments(&calendar, from, to, 1000) * 1000);
    }

    #[test]
    fn business_days_are_the_next_dates_that_open(start in 1_500_000_000_000_i64..1_900_000_000_000, days in 1_u32..40) {
        let (calendar, start) = (office(), Timestamp::from_millis(start));
        let close = calendar.after_business_days(start, days);
        // Walking from one close to the next is the same.
        let walked = (0..days).fold(start, |at, _| calendar.after_business_days(at, 1));
        prop_assert_eq!(close, walked);
        prop_assert_eq!(calendar.deadline(start, calendar.elapsed(start, close)), close);
    }
}
