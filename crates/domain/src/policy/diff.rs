//! What changes from one document to another, in words.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use docket_messages::policy::{Document, EscalationRule, Passing, RouteRule, Target, Weight};
use docket_messages::{ClockName, Name};
use serde_json::{Map, Value};

use super::span::{Span, spans};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The table or key that changes, such as `calendars.office.holidays`.
    pub path: String,
    /// What becomes of it.
    pub what: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.what)
    }
}

/// Compares two documents, table by table. Rules that are tried in order are compared in order.
#[must_use]
pub fn diff(old: &Document, new: &Document) -> Vec<Change> {
    let mut changes = Vec::new();
    // A document is plain data, so it is always written.
    if let (Ok(Value::Object(old)), Ok(Value::Object(new))) = (serde_json::to_value(old), serde_json::to_value(new)) {
        tables("", &old, &new, &mut changes);
    }
    rules("targets", &old.targets, &new.targets, describe_target, &mut changes);
    rules("escalations", &old.escalations, &new.escalations, describe_escalation, &mut changes);
    rules("routes", &old.routes, &new.routes, describe_route, &mut changes);
    rules("weights", &old.weights, &new.weights, describe_weight, &mut changes);
    changes
}

fn tables(path: &str, old: &Map<String, Value>, new: &Map<String, Value>, changes: &mut Vec<Change>) {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for key in keys {
        let is_rules = path.is_empty() && matches!(key.as_str(), "targets" | "escalations" | "routes" | "weights");
        if is_rules {
            continue;
        }
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (old.get(key), new.get(key)) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => tables(&path, old, new, changes),
            (Some(Value::Array(old)), Some(Value::Array(new))) => lists(&path, old, new, changes),
            (Some(old), Some(new)) if old != new => {
                let what = format!("{} instead of {}", shown(new), shown(old));
                changes.push(Change { path, what });
            }
            (Some(_), Some(_)) | (None, None) => {}
            (None, Some(new)) => changes.push(Change { path, what: format!("is new: {}", shown(new)) }),
            (Some(old), None) => changes.push(Change { path, what: format!("is gone; it was {}", shown(old)) }),
        }
    }
}

fn lists(path: &str, old: &[Value], new: &[Value], changes: &mut Vec<Change>) {
    let missing = |from: &[Value], all: &[Value]| {
        let missing: Vec<String> = all.iter().filter(|item| !from.contains(item)).map(shown).collect();
        missing.join(", ")
    };
    let (added, removed) = (missing(old, new), missing(new, old));
    let what = match (added.is_empty(), removed.is_empty()) {
        (false, false) => format!("adds {added}; drops {removed}"),
        (false, true) => format!("adds {added}"),
        (true, false) => format!("drops {removed}"),
        (true, true) if old != new => format!("the order is now {}", shown(&Value::Array(new.to_vec()))),
        (true, true) => return,
    };
    changes.push(Change { path: path.to_owned(), what });
}

/// Rules of which the first that matches counts: which come, which go, and which are tried at another place.
fn rules<R: PartialEq>(
    path: &str,
    old: &[R],
    new: &[R],
    describe: impl Fn(&R) -> (String, String),
    changes: &mut Vec<Change>,
) {
    let mut add = |what: String| changes.push(Change { path: path.to_owned(), what });
    let same = |one: &R, other: &R| describe(one).0 == describe(other).0;
    let is_in = |rules: &[R], rule: &R| rules.iter().any(|other| same(other, rule));
    for rule in old.iter().filter(|rule| !is_in(new, rule)) {
        let (condition, effect) = describe(rule);
        add(format!("no rule any more for {condition}; it was {effect}"));
    }
    for (place, rule) in (1..).zip(new) {
        let (condition, effect) = describe(rule);
        match (1..).zip(old).find(|(_, other)| same(other, rule)) {
            None => add(format!("a rule for {condition}, tried at place {place}: {effect}")),
            Some((_, other)) if other != rule => {
                add(format!("for {condition}: {effect} instead of {}", describe(other).1));
            }
            Some((before, _)) => {
                // Among the rules that both have.
                let rank =
                    |rules: &[R], others: &[R], place| rules.iter().take(place).filter(|it| is_in(others, it)).count();
                if rank(new, old, place) != rank(old, new, before) {
                    add(format!("the rule for {condition} is tried at place {place} instead of {before}"));
                }
            }
        }
    }
}

fn describe_target(target: &Target) -> (String, String) {
    let Target { clock, priority, case_type, tier, entitlement, calendar, roll, .. } = target;
    let condition =
        conditions(&[("priority", priority), ("type", case_type), ("tier", tier), ("entitlement", entitlement)]);
    let length: Vec<String> = spans(target).into_iter().map(length).collect();
    let rolled = if roll.is_some() { ", or the next working day" } else { "" };
    (format!("{} of {condition}", clock_name(*clock)), format!("{} of `{calendar}`{rolled}", length.join(" ")))
}

fn describe_escalation(rule: &EscalationRule) -> (String, String) {
    let EscalationRule { clock, on, priority, case_type, queue, level, to_queue, assign, notify } = rule;
    let on = match on {
        Passing::Warning => "warning",
        Passing::Breach => "breach",
    };
    let condition = conditions(&[("priority", priority), ("type", case_type), ("queue", queue)]);
    let notify: Vec<String> = notify.iter().map(|name| format!("`{name}`")).collect();
    let effects = [
        level.map(|level| format!("to level {level}")),
        to_queue.as_ref().map(|queue| format!("to queue `{queue}`")),
        assign.as_ref().map(|agent| format!("to `{agent}`")),
        (!notify.is_empty()).then(|| format!("tell {}", notify.join(" and "))),
    ];
    let effects: Vec<String> = effects.into_iter().flatten().collect();
    (format!("a {on} of {} of {condition}", clock_name(*clock)), effects.join(", "))
}

fn describe_route(rule: &RouteRule) -> (String, String) {
    let RouteRule { queue, case_type, category, priority, channel, language, tier, fields, skills, relaxing } = rule;
    let mut condition = conditions(&[
        ("type", case_type),
        ("category", category),
        ("priority", priority),
        ("channel", channel),
        ("language", language),
        ("tier", tier),
    ]);
    for (name, values) in fields {
        let values: Vec<String> = values.iter().map(|value| format!("`{}`", value.to_text())).collect();
        let _ = write!(condition, ", field {name} {}", values.join(" or "));
    }
    let needs = skills.iter().map(|(skill, level)| format!("`{skill}` {level}"));
    let dropped = relaxing.iter().map(|it| format!("`{}` {} for {}", it.skill, it.level, duration(it.after_seconds)));
    let needs: Vec<String> = needs.chain(dropped).collect();
    let asking = if needs.is_empty() { String::new() } else { format!(", asking for {}", needs.join(" and ")) };
    (condition, format!("to queue `{queue}`{asking}"))
}

fn describe_weight(weight: &Weight) -> (String, String) {
    let Weight { units, case_type, priority, channel } = weight;
    let condition = conditions(&[("type", case_type), ("priority", priority), ("channel", channel)]);
    (condition, format!("{units} units"))
}

fn conditions(conditions: &[(&str, &Vec<Name>)]) -> String {
    let given = conditions.iter().filter(|(_, names)| !names.is_empty());
    let given: Vec<String> = given
        .map(|(what, names)| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("{what} {}", names.join(" or "))
        })
        .collect();
    if given.is_empty() { "every case".to_owned() } else { given.join(" and ") }
}

fn clock_name(clock: ClockName) -> String {
    format!("the clock `{clock}`")
}

fn length(span: Span) -> String {
    let (count, unit) = match span {
        Span::Seconds(seconds) => return duration(seconds),
        Span::BusinessDays(days) => (days, "business day"),
        Span::CalendarDays(days) => (days, "calendar day"),
        Span::Weeks(weeks) => (weeks, "week"),
        Span::Months(months) => (months, "month"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Open seconds as people say them.
fn duration(seconds: u32) -> String {
    let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}")).collect();
    parts.join(" ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(is_so) => if *is_so { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("`{text}`"),
        Value::Array(items) if items.is_empty() => "nothing".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(table) => {
            let entries: Vec<String> = table
                .iter()
                .filter(|(_, value)| !matches!(value, Value::Array(items) if items.is_empty()))
                .map(|(key, value)| format!("{key} {}", shown(value)))
                .collect();
            if entries.is_empty() { "nothing more to say of it".to_owned() } else { entries.join(", ") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../../../../policies/sample.toml");

    /// What changes when a text in the sample policy is replaced by another.
    fn after(from: &str, to: &str) -> Vec<String> {
        assert!(SAMPLE.contains(from), "{from}");
        let read = |text: &str| toml::from_str::<Document>(text).unwrap();
        diff(&read(SAMPLE), &read(&SAMPLE.replacen(from, to, 1))).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nothing_changes_when_nothing_is_changed() {
        assert_eq!(after("name = ", "name = "), Vec::<String>::new());
    }

    #[test]
    fn lists_say_what_comes_and_what_goes() {
        assert_eq!(after(r#""chat", "web""#, r#""sms", "web""#), ["channels: adds `sms`; drops `chat`"]);
        assert_eq!(after(r#""01-01", "04-27""#, r#""01-01""#), ["calendars.office.holidays: drops `04-27`"]);
        assert_eq!(
            after(r#""chat", "web""#, r#""web", "chat""#),
            ["channels: the order is now `email`, `phone`, `web`, `chat`"]
        );
    }

    #[test]
    fn what_is_new_is_told_without_its_empty_lists() {
        assert_eq!(
            after("[types.question]", "[types.question]\n[types.order]\nrequired_at_close = [\"category\"]"),
            ["types.order: is new: required_at_close `category`"]
        );
        let office = "[calendars.office.hours]";
        assert_eq!(
            after(office, &format!("[calendars.office.dates]\n2026-12-24 = []\n{office}")),
            ["calendars.office.dates.2026-12-24: is new: nothing"]
        );
    }

    #[test]
    fn tables_come_go_and_change() {
        assert_eq!(
            after("[types.request]", "[types.order]"),
            [
                "types.order: is new: nothing more to say of it",
                "types.request: is gone; it was nothing more to say of it"
            ]
        );
        assert_eq!(
            after(r#"low = "moderate" }"#, r#"low = "low" }"#),
            ["matrix.priority.high.low: `low` instead of `moderate`"]
        );
    }

    #[test]
    fn a_target_says_its_open_time() {
        assert_eq!(
            after("seconds = 7200", "seconds = 5400"),
            [
                "targets: for the clock `first_response` of priority `high`: 1 h 30 min of `office` instead of 2 h of `office`"
            ]
        );
    }

    #[test]
    fn an_escalation_says_when_and_what_it_does() {
        let warning = "[[escalations]]\nclock = \"resolution\"\non = \"warning\"\npriority = [\"high\"]\n";
        let rule = |effect: &str| after("[queues.frontline]", &format!("{warning}{effect}\n[queues.frontline]"));
        let told = "escalations: a rule for a warning of the clock `resolution` of priority `high`, tried at place 1: ";
        assert_eq!(
            rule("level = 2\nnotify = [\"lead\", \"owner\"]"),
            [format!("{told}to level 2, tell `lead` and `owner`")]
        );
        assert_eq!(rule("to_queue = \"billing\"\nassign = \"ana\""), [format!("{told}to queue `billing`, to `ana`")]);
    }

    #[test]
    fn a_weight_says_its_units() {
        let weight = "[[weights]]\nunits = 2\nchannel = [\"phone\"]\n[[weights]]\nunits = 3\n[queues.frontline]";
        assert_eq!(
            after("[queues.frontline]", weight),
            [
                "weights: a rule for channel `phone`, tried at place 1: 2 units",
                "weights: a rule for every case, tried at place 2: 3 units",
            ]
        );
    }

    #[test]
    fn rules_that_change_places_are_told() {
        let mut old = toml::from_str::<Document>(SAMPLE).unwrap();
        old.targets.truncate(2);
        let mut new = old.clone();
        new.targets.reverse();
        let changes: Vec<String> = diff(&old, &new).iter().map(ToString::to_string).collect();
        assert_eq!(
            changes,
            [
                "targets: the rule for the clock `first_response` of priority `high` is tried at place 1 instead of 2",
                "targets: the rule for the clock `first_response` of priority `critical` is tried at place 2 instead of 1"
            ]
        );
    }
}
