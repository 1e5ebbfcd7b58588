//! Events of an iCalendar file (RFC 5545), as whole days. Days are dates here, in no zone, whatever the file says of
//! zones.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use docket_calendar::zones::Zone;
use docket_messages::Timestamp;
use icalendar::{Component, Event as Source};
use rrule::RRuleSet;

use crate::error::{AnyError, plain};
use crate::zones;

/// The most days that one event may last.
const LONGEST: i64 = 366;
/// The most occurrences of one event that are looked at.
const OCCURRENCES: u16 = 4_096;

/// An event, or what became of one occurrence of another.
pub(super) struct Event {
    /// What tells it and its occurrences from others; empty when the file does not say.
    pub uid: String,
    /// The occurrence that it stands for.
    pub stands_for: Option<Occurrence>,
    /// How often it was changed: only the last change counts.
    pub sequence: u32,
    /// Whether it does not take place.
    pub is_cancelled: bool,
    /// What it is called.
    pub name: String,
    /// Its first day.
    pub start: NaiveDate,
    /// The days that it lasts; none when it has a time of day, so that it closes no day.
    pub days: u64,
    /// By which it comes again, in whole days.
    rule: Option<String>,
    more: Vec<NaiveDate>,
    left_out: Vec<NaiveDate>,
}

/// One occurrence of an event that comes again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Occurrence {
    /// The day on which it would be.
    pub day: NaiveDate,
    /// Whether all later ones are meant as well.
    pub and_later: bool,
}

/// A time as a file writes it.
#[derive(Clone, Copy)]
enum Written {
    Day(NaiveDate),
    /// What clocks show somewhere.
    Local(NaiveDateTime),
    Utc(NaiveDateTime),
}

impl Written {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let time = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
        match text.strip_suffix('Z') {
            Some(utc) => time(utc).map(Self::Utc),
            None if text.len() == 8 => NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(Self::Day),
            None => time(text).map(Self::Local),
        }
    }

    /// The day that is meant. A day's beginning in UTC is in the day before or on the same day, so the nearest midnight
    /// is meant.
    fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Local(time) => time.date(),
            Self::Utc(time) => (time + TimeDelta::hours(12)).date(),
        }
    }

    fn is_midnight(self) -> bool {
        match self {
            Self::Day(_) => true,
            Self::Local(time) => time.time() == NaiveTime::MIN,
            Self::Utc(_) => false,
        }
    }
}

impl Event {
    pub(super) fn read(source: &Source) -> Result<Self, AnyError> {
        let name = source.get_summary().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
        let failed = |what: &str| plain(format!("the event `{name}` has {what}"));
        let written = |property: &str| -> Result<Option<Written>, AnyError> {
            let text = source.property_value(property);
            let read =
                |text| Written::parse(text).ok_or_else(|| failed(&format!("a {property} that is no time: {text}")));
            text.map(read).transpose()
        };
        let start = written("DTSTART")?.ok_or_else(|| failed("no DTSTART"))?;
        let zone = parameter(source, "DTSTART", "TZID").and_then(|name| zones::current().get(name));
        let stands_for = written("RECURRENCE-ID")?.map(|id| Occurrence {
            day: id.day(),
            and_later: parameter(source, "RECURRENCE-ID", "RANGE")
                .is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE")),
        });
        let days = lasts(source, start, written("DTEND")?).map_err(|wrong| failed(&wrong))?;
        let dates = |property: &str| -> Result<Vec<NaiveDate>, AnyError> {
            let day = |text: &str| {
                let begin = text.split('/').next().unwrap_or(text);
                let read = Written::parse(begin).map(Written::day);
                read.ok_or_else(|| failed(&format!("a {property} that is no time: {text}")))
            };
            listed(source, property).map(day).collect()
        };
        Ok(Self {
            uid: source.get_uid().unwrap_or("").to_owned(),
            stands_for,
            sequence: source.property_value("SEQUENCE").and_then(|text| text.trim().parse().ok()).unwrap_or(0),
            is_cancelled: source
                .property_value("STATUS")
                .is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")),
            start: start.day(),
            days,
            rule: source.property_value("RRULE").map(|rule| until_a_day(rule, start, zone.as_ref())),
            more: dates("RDATE")?,
            left_out: dates("EXDATE")?,
            name,
        })
    }

    /// The first days of its occurrences between two days.
    pub(super) fn starts(&self, from: NaiveDate, to: NaiveDate) -> Result<Vec<NaiveDate>, AnyError> {
        let Some(rule) = &self.rule else {
            let days = std::iter::once(self.start).chain(self.more.iter().copied());
            return Ok(days.filter(|day| !self.left_out.contains(day)).collect());
        };
        let midnight = |day: NaiveDate| day.format("%Y%m%dT000000Z").to_string();
        let mut text = format!("DTSTART:{}\nRRULE:{rule}\n", midnight(self.start));
        for (property, days) in [("RDATE", &self.more), ("EXDATE", &self.left_out)] {
            text.extend(days.iter().map(|day| format!("{property}:{}\n", midnight(*day))));
        }
        let failed = |wrong: String| plain(format!("`{}` of {}: {wrong}", self.name, self.start));
        let set: RRuleSet = text.parse().map_err(|error| failed(format!("{error}")))?;
        let utc = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().with_timezone(&rrule::Tz::UTC);
        let found = set.after(utc(from)).before(utc(to)).all(OCCURRENCES);
        if found.limited {
            return Err(failed(format!("its rule `{rule}` comes again too often to be a holiday")));
        }
        Ok(found.dates.iter().map(chrono::DateTime::date_naive).collect())
    }
}

/// How many whole days an event lasts.
fn lasts(source: &Source, start: Written, end: Option<Written>) -> Result<u64, String> {
    let duration = source.property_value("DURATION").map(seconds).transpose()?;
    let is_whole_day_in_outlook =
        source.property_value("X-MICROSOFT-CDO-ALLDAYEVENT").is_some_and(|text| text.eq_ignore_ascii_case("TRUE"));
    let to_end = end.map(|end| (end.day() - start.day()).num_days());
    // An end by duration: what is not a whole number of days has a time of day.
    let by_duration = duration.map(|seconds| (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) == 0));
    let is_whole = match (start, end) {
        (Written::Day(_), _) => true,
        (Written::Local(_) | Written::Utc(_), _) if is_whole_day_in_outlook => true,
        (Written::Local(_), Some(end)) => start.is_midnight() && end.is_midnight() && to_end > Some(0),
        (Written::Local(_), None) => {
            start.is_midnight() && by_duration.is_some_and(|(days, is_even)| is_even && days > 0)
        }
        (Written::Utc(_), _) => false,
    };
    if !is_whole {
        return Ok(0);
    }
    let days = to_end.or(by_duration.map(|(days, _)| days)).unwrap_or(1).max(1);
    if days > LONGEST {
        return Err(format!("{days} days; no holiday lasts longer than {LONGEST}"));
    }
    Ok(u64::try_from(days).unwrap_or(1))
}

/// The seconds of a duration such as `P2D`, `P1W` or `PT36H`.
fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || format!("a DURATION that is none: {text}");
    let (mut total, mut number) = (0_i64, String::new());
    for letter in text.trim().trim_start_matches('+').strip_prefix('P').ok_or_else(wrong)?.chars() {
        let unit = match letter {
            '0'..='9' => {
                number.push(letter);
                continue;
            }
            'T' => continue,
            'W' => 604_800,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => return Err(wrong()),
        };
        let count: i64 = std::mem::take(&mut number).parse().map_err(|_| wrong())?;
        total = count.checked_mul(unit).and_then(|more| total.checked_add(more)).ok_or_else(wrong)?;
    }
    if number.is_empty() { Ok(total) } else { Err(wrong()) }
}

/// A rule of whole days ends with a day, however the file writes that: of an instant it is the day in the zone of the
/// event.
fn until_a_day(rule: &str, start: Written, zone: Option<&Zone>) -> String {
    let day = |until: &str| match (Written::parse(until), start) {
        (Some(Written::Utc(instant)), Written::Local(_)) => {
            let local = zone.map(|zone| zone.local(Timestamp::from(instant.and_utc())).date());
            local.unwrap_or_else(|| Written::Utc(instant).day()).format("%Y%m%d").to_string()
        }
        _ => until.get(..8).unwrap_or(until).to_owned(),
    };
    let part = |part: &str| match part.split_once('=') {
        Some((key, until)) if key.eq_ignore_ascii_case("UNTIL") => format!("UNTIL={}T000000Z", day(until)),
        Some(_) | None => part.to_owned(),
    };
    rule.to_ascii_uppercase().split(';').map(part).collect::<Vec<_>>().join(";")
}

/// Every value of a property that may stand more than once, with several values each.
fn listed<'s>(source: &'s Source, property: &str) -> impl Iterator<Item = &'s str> {
    let many = source.multi_properties().get(property).into_iter().flatten();
    let one = source.properties().get(property);
    many.chain(one).flat_map(|property| property.value().split(',')).filter(|text| !text.trim().is_empty())
}

fn parameter<'s>(source: &'s Source, property: &str, parameter: &str) -> Option<&'s str> {
    let parameters = source.properties().get(property)?.params();
    parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(parameter)).map(|(_, found)| found.value())
}
