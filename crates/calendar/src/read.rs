//! From a calendar as a policy writes it to one that counts.

use std::collections::{BTreeMap, HashMap};

use docket_messages::policy as rule;

use crate::Calendar;
use crate::hours::{Holiday, Interval, weekday};
use crate::zones::{Zone, Zones};

impl Calendar {
    /// Compiles a calendar, and tells what is wrong with it: where (`hours.monday[0]`), and a sentence. What is wrong
    /// counts as closed, and a zone that is none as UTC.
    #[must_use]
    pub fn compile(rule: &rule::Calendar, zones: &Zones, wrong: &mut impl FnMut(&str, String)) -> Self {
        let zone = Zone::named(&rule.zone, zones).unwrap_or_else(|message| {
            wrong("zone", message);
            Zone::utc()
        });
        let mut weekly = HashMap::new();
        for (day, texts) in &rule.hours {
            let path = format!("hours.{day}");
            match weekday(day) {
                Some(weekday) => {
                    weekly.insert(weekday, intervals(texts, &path, wrong));
                }
                None => wrong(&path, format!("`{day}` is not a weekday; write monday to sunday")),
            }
        }
        let mut dates = BTreeMap::new();
        for (date, texts) in &rule.dates {
            let path = format!("dates.{date}");
            match date.parse() {
                Ok(date) => {
                    dates.insert(date, intervals(texts, &path, wrong));
                }
                Err(_) => wrong(&path, format!("`{date}` is not a date; write it as 2026-12-24")),
            }
        }
        let mut holidays = Vec::with_capacity(rule.holidays.len());
        for (index, text) in rule.holidays.iter().enumerate() {
            match Holiday::parse(text) {
                Ok(holiday) => holidays.push(holiday),
                Err(message) => wrong(&format!("holidays[{index}]"), message),
            }
        }
        Self::new(zone, weekly, dates, &holidays)
    }
}

fn intervals(texts: &[String], path: &str, wrong: &mut impl FnMut(&str, String)) -> Vec<Interval> {
    Interval::parse_day(texts).unwrap_or_else(|(index, message)| {
        wrong(&format!("{path}[{index}]"), message);
        Vec::new()
    })
}
