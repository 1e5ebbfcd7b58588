//! Holidays from iCalendar files (RFC 5545): whole-day events, with those that come again.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use icalendar::{Calendar, CalendarComponent};
use toml_edit::{Array, DocumentMut, Item, Value};

use crate::error::{AnyError, plain};

mod events;

use events::{Event, Occurrence};

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
        let mut events = Vec::new();
        let text = with_names_in_capitals(text);
        for calendar in calendars(&text) {
            let calendar: Calendar =
                calendar.parse().map_err(|error| plain(format!("it is not an iCalendar file: {error}")))?;
            for component in &calendar.components {
                if let CalendarComponent::Event(source) = component {
                    events.push(Event::read(source)?);
                }
            }
        }
        let mut holidays = Self { days: BTreeMap::new(), timed: 0 };
        let newest: Vec<&Event> = events.iter().filter(|event| is_last_change(event, &events)).collect();
        for event in newest.iter().filter(|event| !event.is_cancelled) {
            holidays.timed += usize::from(event.days == 0);
            match event.stands_for {
                Some(_) => holidays.add(event, event.start, years),
                None => holidays.add_series(event, &newest, years)?,
            }
        }
        Ok(holidays)
    }

    /// Adds an event with all its occurrences, but for those that something else stands for.
    fn add_series(&mut self, event: &Event, all: &[&Event], years: &RangeInclusive<i32>) -> Result<(), AnyError> {
        let changes: Vec<(&Event, Occurrence)> = all
            .iter()
            .filter(|other| !event.uid.is_empty() && other.uid == event.uid)
            .filter_map(|other| other.stands_for.map(|occurrence| (*other, occurrence)))
            .collect();
        let (first, last) = bounds(years)?;
        for day in event.starts(first, last)? {
            if changes.iter().any(|(_, occurrence)| occurrence.day == day) {
                continue;
            }
            let earlier = changes.iter().filter(|(_, occurrence)| occurrence.and_later && occurrence.day < day);
            match earlier.max_by_key(|(_, occurrence)| occurrence.day) {
                Some((change, _)) if change.is_cancelled => {}
                Some((change, occurrence)) => {
                    let moved = day.checked_add_signed(change.start - occurrence.day).unwrap_or(day);
                    self.add(change, moved, years);
                }
                None => self.add(event, day, years),
            }
        }
        Ok(())
    }

    /// Adds the days of an event that begins on a day.
    fn add(&mut self, event: &Event, start: NaiveDate, years: &RangeInclusive<i32>) {
        let days = start.iter_days().take(usize::try_from(event.days).unwrap_or(1));
        for day in days.filter(|day| years.contains(&day.year())) {
            self.days.entry(day).or_insert_with(|| event.name.clone());
        }
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

/// Names may be written in any case (RFC 5545, section 2); the parser and what follows know them in capitals.
fn with_names_in_capitals(text: &str) -> String {
    let capitals = |line: &str| {
        let name = line.find([':', ';']).unwrap_or(0);
        // A line that goes on from the one before has no name.
        if line.starts_with([' ', '\t']) {
            return line.to_owned();
        }
        let (name, rest) = line.split_at(name);
        match name.to_ascii_uppercase() {
            name if name == "BEGIN" || name == "END" => name + &rest.to_ascii_uppercase(),
            name => name + rest,
        }
    };
    text.trim_start_matches('\u{feff}').split_inclusive('\n').map(capitals).collect()
}

/// The calendars of a file, which may hold several.
fn calendars(text: &str) -> Vec<&str> {
    let begins = text.match_indices("\nBEGIN:VCALENDAR").map(|(newline, _)| newline + 1);
    let starts: Vec<usize> = std::iter::once(0).chain(begins).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let parts = starts.iter().zip(ends).filter_map(|(start, end)| text.get(*start..end));
    parts.filter(|part| !part.trim().is_empty()).collect()
}

/// Whether nobody has changed an event after this. Some files give every event the same id, so only a number counts.
fn is_last_change(event: &Event, all: &[Event]) -> bool {
    let is_same = |other: &Event| other.uid == event.uid && other.stands_for == event.stands_for;
    event.uid.is_empty() || !all.iter().any(|other| is_same(other) && other.sequence > event.sequence)
}

/// Between which days an event must begin to reach into some years: it may last, and an occurrence may have moved.
fn bounds(years: &RangeInclusive<i32>) -> Result<(NaiveDate, NaiveDate), AnyError> {
    let bounds = NaiveDate::from_ymd_opt(years.start() - 1, 1, 1).zip(NaiveDate::from_ymd_opt(years.end() + 1, 12, 31));
    let bounds = bounds.filter(|(first, last)| first.year() > 0 && last.year() < 10_000);
    bounds.ok_or_else(|| {
        plain(format!("there is no calendar for {} to {}; give years with four digits", years.start(), years.end()))
    })
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

    /// The closed days of some years in a file of these events, each a list of lines.
    fn closed(years: RangeInclusive<i32>, events: &[&str]) -> Vec<String> {
        let holidays = Holidays::read(&file(events), &years).unwrap();
        holidays.days.keys().map(ToString::to_string).collect()
    }

    fn file(events: &[&str]) -> String {
        let events: String = events
            .iter()
            .map(|lines| format!("BEGIN:VEVENT\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VEVENT\n"))
            .collect();
        format!("BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-TIMEZONE:America/New_York\n{events}END:VCALENDAR\n")
            .replace('\n', "\r\n")
    }

    #[test]
    fn names_may_be_written_in_any_case() {
        let text = file(&["uid:1\nsummary:King's Day\ndtstart;value=date:20200427\nrrule:freq=yearly;until=20270101"]);
        let text = text.replace("BEGIN:VEVENT", "begin:vevent").replace("END:VEVENT", "End:vEvent");
        let holidays = Holidays::read(&text, &(2026..=2027)).unwrap();
        let days: Vec<_> = holidays.days.iter().map(|(day, name)| format!("{day} {name}")).collect();
        assert_eq!(days, ["2026-04-27 King's Day"]);
        let kings_day = "UID:1\nDTSTART;VALUE=DATE:20200427\nRRULE:FREQ=YEARLY";
        let moved = "UID:1\nrecurrence-id;value=date;range=thisandfuture:20250427\nDTSTART;VALUE=DATE:20250426";
        assert_eq!(closed(2025..=2026, &[kings_day, moved]), ["2025-04-26", "2026-04-26"]);
    }

    #[test]
    fn an_occurrence_that_was_moved_is_closed_on_its_new_day_only() {
        let kings_day = "UID:1\nSUMMARY:King's Day\nDTSTART;VALUE=DATE:20200427\nRRULE:FREQ=YEARLY";
        let moved = "UID:1\nSUMMARY:King's Day\nRECURRENCE-ID;VALUE=DATE:20250427\nDTSTART;VALUE=DATE:20250426";
        assert_eq!(closed(2024..=2026, &[kings_day, moved]), ["2024-04-27", "2025-04-26", "2026-04-27"]);
        let off = "UID:1\nRECURRENCE-ID;VALUE=DATE:20250427\nDTSTART;VALUE=DATE:20250427\nSTATUS:CANCELLED";
        assert_eq!(closed(2024..=2026, &[kings_day, off]), ["2024-04-27", "2026-04-27"]);
        let a_party = "UID:1\nRECURRENCE-ID;VALUE=DATE:20250427\nDTSTART:20250427T190000";
        assert_eq!(closed(2024..=2026, &[kings_day, a_party]), ["2024-04-27", "2026-04-27"]);
        let for_good = "UID:1\nRECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20250427\nDTSTART;VALUE=DATE:20250426";
        assert_eq!(closed(2024..=2026, &[kings_day, for_good]), ["2024-04-27", "2025-04-26", "2026-04-26"]);
    }

    #[test]
    fn the_last_change_of_an_event_counts() {
        let first = "UID:1\nSEQUENCE:0\nDTSTART;VALUE=DATE:20260501";
        let last = "UID:1\nSEQUENCE:2\nDTSTART;VALUE=DATE:20260502";
        assert_eq!(closed(2026..=2026, &[last, first]), ["2026-05-02"]);
        // Files that give each event the same id are none the worse for it.
        assert_eq!(closed(2026..=2026, &[first, "UID:1\nDTSTART;VALUE=DATE:20260601"]), ["2026-05-01", "2026-06-01"]);
    }

    #[test]
    fn a_duration_says_how_many_days() {
        let christmas = |duration: &str| format!("UID:1\nDTSTART;VALUE=DATE:20261225\nDURATION:{duration}");
        assert_eq!(closed(2026..=2026, &[&christmas("P2D")]), ["2026-12-25", "2026-12-26"]);
        assert_eq!(closed(2026..=2026, &[&christmas("PT48H")]), ["2026-12-25", "2026-12-26"]);
        assert_eq!(closed(2026..=2026, &[&christmas("P1W")]).len(), 7);
        assert!(Holidays::read(&file(&[&christmas("2 days")]), &(2026..=2026)).is_err());
    }

    #[test]
    fn whole_days_are_dates_whatever_zone_the_file_is_of() {
        let weekly =
            "UID:1\nDTSTART;VALUE=DATE:20260403\nRRULE:FREQ=WEEKLY;UNTIL=20260501\nEXDATE;VALUE=DATE:20260410,20260417";
        assert_eq!(closed(2026..=2026, &[weekly]), ["2026-04-03", "2026-04-24", "2026-05-01"]);
        let by_time =
            "UID:1\nDTSTART;VALUE=DATE:20260424\nRRULE:FREQ=WEEKLY;UNTIL=20260501T000000Z\nRDATE;VALUE=DATE:20260505";
        assert_eq!(closed(2026..=2026, &[by_time]), ["2026-04-24", "2026-05-01", "2026-05-05"]);
    }

    #[test]
    fn a_rule_ends_with_a_day_of_the_zone_of_its_event() {
        let until = |zone: &str, start: &str, until: &str| {
            let event =
                format!("UID:1\nDTSTART;TZID={zone}:{start}T000000\nDURATION:P1D\nRRULE:FREQ=YEARLY;UNTIL={until}");
            closed(2025..=2027, &[&event])
        };
        // The first of May in Amsterdam, to its beginning and to its end; and of February in Tokyo.
        for end in ["20260430T220000Z", "20260501T215959Z"] {
            assert_eq!(until("Europe/Amsterdam", "20240501", end), ["2025-05-01", "2026-05-01"], "{end}");
        }
        assert_eq!(until("Asia/Tokyo", "20240211", "20260210T150000Z"), ["2025-02-11", "2026-02-11"]);
        assert_eq!(until("America/New_York", "20240501", "20260501T040000Z"), ["2025-05-01", "2026-05-01"]);
    }

    #[test]
    fn whole_days_of_outlook_count() {
        let local = "UID:1\nDTSTART;TZID=W. Europe Standard Time:20261225T000000\nDTEND;TZID=W. Europe Standard Time:20261227T000000\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE";
        assert_eq!(closed(2026..=2026, &[local]), ["2026-12-25", "2026-12-26"]);
        // Midnight in Amsterdam, and in New York.
        for start in ["20261224T230000Z", "20261225T050000Z"] {
            let utc = format!("UID:1\nDTSTART:{start}\nDURATION:P1D\nX-MICROSOFT-CDO-ALLDAYEVENT:TRUE");
            assert_eq!(closed(2026..=2026, &[&utc]), ["2026-12-25"]);
        }
        let from_midnight_to_midnight = "UID:1\nDTSTART:20261225T000000\nDTEND:20261226T000000";
        assert_eq!(closed(2026..=2026, &[from_midnight_to_midnight]), ["2026-12-25"]);
        let party = "UID:1\nDTSTART:20261224T200000\nDTEND:20261226T000000";
        assert_eq!(closed(2026..=2026, &[party]), [] as [&str; 0]);
    }

    #[test]
    fn a_file_may_hold_several_calendars_and_begin_with_a_mark() {
        let one = |day: &str| file(&[&format!("UID:1\nDTSTART;VALUE=DATE:{day}")]);
        let both = format!("\u{feff}{}{}", one("20260501"), one("20260601"));
        let holidays = Holidays::read(&both, &(2026..=2026)).unwrap();
        assert_eq!(holidays.days.keys().map(ToString::to_string).collect::<Vec<_>>(), ["2026-05-01", "2026-06-01"]);
    }

    #[test]
    fn what_is_no_holiday_is_refused_by_its_name() {
        let wrong = |lines: &str| Holidays::read(&file(&[lines]), &(2026..=2026)).err().unwrap().to_string();
        assert!(
            wrong("SUMMARY:Sabbatical\nDTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20280101")
                .contains("`Sabbatical` has 730 days")
        );
        assert!(wrong("SUMMARY:Someday\nUID:1").contains("`Someday` has no DTSTART"));
        assert!(wrong("SUMMARY:Soon\nDTSTART:tomorrow").contains("`Soon` has a DTSTART that is no time: tomorrow"));
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        assert!(Holidays::read("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", &(2026..=2026)).is_err());
    }
}
