//! From the text of a document to a policy, or to everything that is wrong with it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use chrono::Weekday;
use docket_messages::policy::{self as rule, Document};
use docket_messages::{PolicyVersion, Timestamp, nfc};

use super::check::{self, Finding, Findings};
use super::{Policy, locate};
use crate::calendar::Calendar;
use crate::calendar::hours::{Holiday, Interval, weekday};
use crate::zones::{Zone, Zones};

/// The longest document that is looked at.
const DOCUMENT_LIMIT: usize = 256 * 1024;

/// Compiles a document. What was published was checked by the rules of its day; stricter ones since must not make the
/// log unreadable.
pub(super) fn compile(
    text: &str,
    version: PolicyVersion,
    now: Timestamp,
    zones: &Zones,
    was_published: bool,
) -> Result<Policy, Vec<Finding>> {
    if text.len() > DOCUMENT_LIMIT {
        let message = format!("the document has {} bytes; at most {DOCUMENT_LIMIT} are allowed", text.len());
        return Err(vec![Finding { message, path: String::new(), span: None, line: None }]);
    }
    // So that two ways to type a name are one key, which the document must not have twice.
    let text = &*nfc(text);
    let document: Document = toml::from_str(text).map_err(|error| vec![Finding::of_toml(text, &error)])?;
    let mut findings = Findings::default();
    let calendars = calendars(&document, zones, (!was_published).then_some(now), &mut findings);
    zone(&document.reporting.zone, zones, "reporting", &mut findings);
    if !was_published {
        check::document(&document, &calendars, now, &mut findings);
    }
    let findings = findings.into_vec();
    if findings.is_empty() {
        let clock_rules = document.clocks.clone();
        return Ok(Policy { version, since: now, document, calendars, clock_rules });
    }
    Err(locate::locate(text, findings))
}

/// Compiles the calendars. Those that come into force at an instant must open soon after it.
fn calendars(
    document: &Document,
    zones: &Zones,
    from: Option<Timestamp>,
    findings: &mut Findings,
) -> BTreeMap<docket_messages::Name, Arc<Calendar>> {
    let mut compiled = BTreeMap::new();
    for (name, rule) in &document.calendars {
        let path = format!("calendars.{name}");
        let before = findings.len();
        let calendar = calendar(rule, zones, &path, findings);
        if findings.len() > before {
            continue;
        }
        if from.is_some_and(|from| !calendar.opens_within_two_years(from)) {
            findings.add(&path, format!("the calendar `{name}` does not open within two years; give it hours"));
        }
        compiled.insert(name.clone(), Arc::new(calendar));
    }
    compiled
}

fn calendar(rule: &rule::Calendar, zones: &Zones, path: &str, findings: &mut Findings) -> Calendar {
    let zone = zone(&rule.zone, zones, path, findings);
    let mut weekly = HashMap::new();
    for (day, texts) in &rule.hours {
        let path = format!("{path}.hours.{day}");
        match weekday(day) {
            Some(weekday) => {
                weekly.insert(weekday, intervals(texts, &path, findings));
            }
            None => findings.add(&path, format!("`{day}` is not a weekday; write monday to sunday")),
        }
    }
    let mut dates = BTreeMap::new();
    for (date, texts) in &rule.dates {
        let path = format!("{path}.dates.{date}");
        match date.parse() {
            Ok(date) => {
                dates.insert(date, intervals(texts, &path, findings));
            }
            Err(_) => findings.add(&path, format!("`{date}` is not a date; write it as 2026-12-24")),
        }
    }
    let mut holidays = Vec::with_capacity(rule.holidays.len());
    for (index, text) in rule.holidays.iter().enumerate() {
        match Holiday::parse(text) {
            Ok(holiday) => holidays.push(holiday),
            Err(wrong) => findings.add(&format!("{path}.holidays[{index}]"), wrong),
        }
    }
    Calendar::new(zone, weekly, dates, &holidays)
}

/// The zone that a table names.
fn zone(name: &str, zones: &Zones, path: &str, findings: &mut Findings) -> Zone {
    zones.get(name).unwrap_or_else(|| {
        let message = format!("`{name}` is not a time zone; write one of the IANA names, such as Europe/Berlin");
        findings.add(&format!("{path}.zone"), message);
        Zone::utc()
    })
}

fn intervals(texts: &[String], path: &str, findings: &mut Findings) -> Vec<Interval> {
    Interval::parse_day(texts).unwrap_or_else(|(index, wrong)| {
        findings.add(&format!("{path}[{index}]"), wrong);
        Vec::new()
    })
}

/// A calendar that never opens.
pub(super) fn never() -> &'static Arc<Calendar> {
    static NEVER: LazyLock<Arc<Calendar>> =
        LazyLock::new(|| Arc::new(Calendar::new(Zone::utc(), HashMap::new(), BTreeMap::new(), &[])));
    &NEVER
}

/// A calendar that never closes, for what counts every second.
pub(super) fn always() -> &'static Arc<Calendar> {
    static ALWAYS: LazyLock<Arc<Calendar>> = LazyLock::new(|| {
        let whole = vec![Interval { from_minute: 0, to_minute: 1_440 }];
        let weekly = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        let weekly = weekly.into_iter().map(|day| (day, whole.clone())).collect();
        Arc::new(Calendar::new(Zone::utc(), weekly, BTreeMap::new(), &[]))
    });
    &ALWAYS
}
