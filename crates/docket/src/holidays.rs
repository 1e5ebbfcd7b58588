//! Holidays from iCalendar files (RFC 5545): whole-day events, with those that come again.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use icalendar::{Calendar, Component, DatePerhapsTime};
use toml_edit::{Array, DocumentMut, Item, Value};

use crate::error::{AnyError, plain};

/// The most days that one event may last.
const LONGEST: u64 = 366;
/// The most occurrences of one event that are looked at.
const OCCURRENCES: u16 = 4_096;

/// The days of a file that are closed, each with what it is called.
pub struct Holidays {
    /// By date.
    pub days: BTreeMap<NaiveDate, String>,
    /// Events that have a time of day, so they close no day.
    pub timed: usize,
}

impl Holidays {
    /// Reads the whole-day events of some years.
    pub fn read(text: &str, years: &RangeInclusive<i32>) -> Result<Self, AnyError> {
        let calendar: Calendar =
            text.parse().map_err(|error| plain(format!("it is not an iCalendar file: {error}")))?;
        let mut holidays = Self { days: BTreeMap::new(), timed: 0 };
        for event in calendar.calendar_events().filter(|event| event.property_value("STATUS") != Some("CANCELLED")) {
            let Some(DatePerhapsTime::Date(start)) = event.get_start() else {
                holidays.timed += 1;
                continue;
            };
            let name = event.get_summary().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
            let lasts = match event.get_end() {
                // The end is the day after the last.
                Some(DatePerhapsTime::Date(end)) => {
                    u64::try_from((end - start).num_days()).unwrap_or(1).clamp(1, LONGEST)
                }
                Some(DatePerhapsTime::DateTime(_)) | None => 1,
            };
            let starts = if event.property_value("RRULE").is_some() || event.property_value("RDATE").is_some() {
                let recurrence = event.get_recurrence();
                let recurrence = recurrence.map_err(|error| plain(format!("`{name}` of {start}: {error}")))?;
                recurrence.all(OCCURRENCES).dates.iter().map(chrono::DateTime::date_naive).collect()
            } else {
                vec![start]
            };
            for day in starts.into_iter().flat_map(|start| start.iter_days().take(usize::try_from(lasts).unwrap_or(1)))
            {
                if years.contains(&day.year()) {
                    holidays.days.entry(day).or_insert_with(|| name.clone());
                }
            }
        }
        Ok(holidays)
    }

    /// The list as a policy has it.
    pub fn to_toml(&self) -> String {
        let lines: String = self.days.iter().map(|(day, name)| format!("  \"{day}\", # {name}\n")).collect();
        format!("holidays = [\n{lines}]")
    }

    /// Adds those that a calendar of a policy does not have yet; gives back the policy, and how many came.
    pub fn added_to(&self, policy: &str, calendar: &str) -> Result<(String, usize), AnyError> {
        let mut document: DocumentMut = policy.parse().map_err(|error| plain(format!("it is not TOML: {error}")))?;
        let table = document.get_mut("calendars").and_then(|calendars| calendars.get_mut(calendar));
        let table = table.and_then(Item::as_table_like_mut);
        let table = table.ok_or_else(|| plain(format!("the policy has no calendar `{calendar}`")))?;
        let list = table.entry("holidays").or_insert_with(|| Item::Value(Value::Array(Array::new())));
        let list = list.as_array_mut().ok_or_else(|| plain(format!("the holidays of `{calendar}` are not a list")))?;
        let known: Vec<String> = list.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect();
        let is_known = |day: &NaiveDate| {
            known.iter().any(|text| *text == day.to_string() || *text == format!("{:02}-{:02}", day.month(), day.day()))
        };
        let new: Vec<&NaiveDate> = self.days.keys().filter(|day| !is_known(day)).collect();
        for day in &new {
            list.push(day.to_string());
        }
        Ok((document.to_string(), new.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//desk//EN\r\n\
        BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:King's Day\r\nDTSTART;VALUE=DATE:20200427\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:2\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:3\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Thanksgiving\r\nDTSTART;VALUE=DATE:20251127\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:4\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Lunch\r\nDTSTART:20260601T120000Z\r\nDTEND:20260601T130000Z\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n";

    fn days(years: RangeInclusive<i32>) -> Vec<String> {
        let holidays = Holidays::read(FILE, &years).unwrap();
        assert_eq!(holidays.timed, 1, "lunch closes no day");
        holidays.days.iter().map(|(day, name)| format!("{day} {name}")).collect()
    }

    #[test]
    fn days_that_last_and_days_that_come_again_are_listed_by_date() {
        assert_eq!(
            days(2026..=2027),
            [
                "2026-04-27 King's Day",
                "2026-11-26 Thanksgiving",
                "2026-12-25 Christmas",
                "2026-12-26 Christmas",
                "2027-04-27 King's Day",
                "2027-11-25 Thanksgiving",
            ]
        );
        assert_eq!(days(2019..=2019), [] as [&str; 0]);
    }

    #[test]
    fn a_calendar_gets_what_it_does_not_have_and_keeps_the_rest_as_it_is() {
        let policy = "# Ours.\n[calendars.office]\nzone = \"Europe/Amsterdam\" # local\nholidays = [\"04-27\"]\n";
        let holidays = Holidays::read(FILE, &(2026..=2026)).unwrap();
        let (with, count) = holidays.added_to(policy, "office").unwrap();
        assert_eq!(count, 3);
        assert_eq!(
            with,
            "# Ours.\n[calendars.office]\nzone = \"Europe/Amsterdam\" # local\n\
             holidays = [\"04-27\", \"2026-11-26\", \"2026-12-25\", \"2026-12-26\"]\n"
        );
        assert_eq!(holidays.added_to(&with, "office").unwrap().1, 0, "a second time there is nothing to add");
        assert!(holidays.added_to(policy, "shop").unwrap_err().to_string().contains("no calendar `shop`"));
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        assert!(Holidays::read("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", &(2026..=2026)).is_err());
    }
}
