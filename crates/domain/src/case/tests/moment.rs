//! Moments as people say them: `mon 09:00`, `fri+1 17:30` (a week later), or `2026-03-29 00:00`.

use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, Timelike};
use docket_calendar::zones::{Zone, Zones};
use docket_messages::Timestamp;

/// Where the desk of the stories is.
pub static AMSTERDAM: LazyLock<Zone> = LazyLock::new(|| Zones::bundled().get("Europe/Amsterdam").unwrap());

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Weeks that are told by weekday.
const WEEKS: i64 = 8;

fn first_monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

/// The instant of a local time in Amsterdam.
pub fn at(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap_or_else(|| panic!("`{text}` is not a moment"));
    let date = match WEEKDAYS.iter().zip(0..).find(|(name, _)| day.starts_with(**name)) {
        Some((_, index)) => {
            let weeks: u64 = day.split_once('+').map_or(0, |(_, weeks)| weeks.parse().unwrap());
            first_monday() + Days::new(weeks * 7 + index)
        }
        None => day.parse().unwrap(),
    };
    let time = if time.len() == 5 { format!("{time}:00") } else { time.to_owned() };
    let local: NaiveDateTime = format!("{date}T{time}").parse().unwrap();
    AMSTERDAM.instant(local)
}

/// The same the other way round.
pub fn tell(instant: Timestamp) -> String {
    let local = AMSTERDAM.local(instant);
    let date = local.date();
    let days = (date - first_monday()).num_days();
    let day = if (0..WEEKS * 7).contains(&days) {
        let weekday = WEEKDAYS[usize::try_from(date.weekday().num_days_from_monday()).unwrap()];
        if days < 7 { weekday.to_owned() } else { format!("{weekday}+{}", days / 7) }
    } else {
        date.to_string()
    };
    let millis = local.and_utc().timestamp_subsec_millis();
    let millis = if millis == 0 { String::new() } else { format!(".{millis:03}") };
    let is_whole = local.second() == 0 && millis.is_empty();
    let seconds = if is_whole { String::new() } else { format!(":{:02}{millis}", local.second()) };
    format!("{day} {:02}:{:02}{seconds}", local.hour(), local.minute())
}

#[test]
fn a_moment_is_told_as_it_was_said() {
    for text in [
        "mon 09:00",
        "sun 23:59",
        "fri+1 17:30",
        "tue 09:00:30",
        "tue 09:00:00.001",
        "2026-03-29 00:00",
        "2027-06-01 12:00",
    ] {
        assert_eq!(tell(at(text)), text);
    }
}
