//! A case as people read it.

use docket_eventlog::Recorded;
use docket_messages::{AnyEntry, CaseView, ClockView, FieldValue, Timestamp};

use crate::commands::log::{events, who};
use crate::output;

/// Prints what the case is, its clocks, and what happened to it up to its position.
pub fn print(view: &CaseView, entries: &[Recorded]) {
    let subject = view.subject.as_ref().map_or_else(
        || "(its subject cannot be opened)".to_owned(),
        |line| output::in_line(line.as_str()).into_owned(),
    );
    output::say(&format!("{subject}\ncase {}, {}\n", view.case_id, view.status.as_str()));
    for (what, value) in facts(view) {
        output::say(&format!("  {what:<15} {}", output::in_line(&value)));
    }
    if !view.clocks.is_empty() {
        let header = ["clock", "state", "due", "left", "breached"];
        output::say(&format!("\n{}", output::table(&header, view.clocks.iter().map(clock))));
    }
    output::say("");
    for recorded in entries.iter().filter(|recorded| recorded.position <= view.position) {
        happened(recorded).iter().for_each(|line| output::say(&output::in_line(line)));
    }
}

/// What is known of the case.
fn facts(view: &CaseView) -> Vec<(String, String)> {
    let text = |value: Option<&dyn ToString>| value.map(ToString::to_string);
    let when = |at: Option<Timestamp>| at.map(minute);
    fn known<T: ToString>(value: Option<&T>) -> Option<&dyn ToString> {
        value.map(|value| value as &dyn ToString)
    }
    let counts = format!(
        "reopened {}, reassigned {}, transferred {}, escalation level {}",
        view.reopen_count, view.reassign_count, view.transfer_count, view.escalation_level
    );
    let facts = [
        ("type", Some(view.case_type.to_string())),
        ("category", text(known(view.category.as_ref()))),
        ("subcategory", text(known(view.subcategory.as_ref()))),
        ("priority", text(known(view.priority.as_ref()))),
        ("impact", text(known(view.impact.as_ref()))),
        ("urgency", text(known(view.urgency.as_ref()))),
        ("queue", text(known(view.queue.as_ref()))),
        ("assignee", text(known(view.assignee.as_ref()))),
        ("customer", text(known(view.customer_id.as_ref()))),
        ("channel", Some(view.channel.to_string())),
        ("parent", text(known(view.parent_id.as_ref()))),
        ("goes on in", text(known(view.merged_into.as_ref()))),
        ("opened", Some(minute(view.opened_at))),
        ("first response", when(view.first_response_at)),
        ("resolved", when(view.resolved_at)),
        ("resolution", text(known(view.resolution_code.as_ref()))),
        ("closed", when(view.closed_at)),
        ("closure", text(known(view.closure_code.as_ref()))),
        ("csat", text(known(view.csat.as_ref()))),
        ("so far", Some(counts)),
        ("version", Some(format!("{}, at position {}", view.version, view.position))),
    ];
    let known = facts.into_iter().filter_map(|(what, value)| Some((what.to_owned(), value?)));
    let own = view.fields.iter().map(|(name, value)| (name.to_string(), field(value)));
    known.chain(own).collect()
}

fn field(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) => text.clone(),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Flag(flag) => flag.to_string(),
    }
}

fn clock(clock: &ClockView) -> Vec<String> {
    let when = |at: Option<Timestamp>| at.map_or("-".to_owned(), minute);
    vec![
        format!("{} {}", clock.clock, clock.instance),
        clock.state.as_str().to_owned(),
        when(clock.due_at),
        span(i64::from(clock.remaining_seconds)),
        when(clock.breached_at),
    ]
}

/// So much time, in the unit that fits it.
fn span(seconds: i64) -> String {
    let (sign, seconds) = (if seconds < 0 { "-" } else { "" }, seconds.unsigned_abs());
    match seconds {
        0..3_600 => format!("{sign}{} min", seconds / 60),
        _ => format!("{sign}{}:{:02} h", seconds / 3_600, seconds / 60 % 60),
    }
}

/// An entry: when, what and who on one line, and what followed below it.
fn happened(recorded: &Recorded) -> Vec<String> {
    let position = recorded.position;
    match AnyEntry::decode(&recorded.payload) {
        Ok(entry) => {
            let first = format!("{position:>8}  {}  {} by {}", minute(entry.at), entry.verb, who(&entry));
            std::iter::once(first).chain(wrapped(&events(&entry))).collect()
        }
        Err(error) => vec![format!("{position:>8}  unreadable: {error}")],
    }
}

/// A list, on as many indented lines as it needs.
fn wrapped(list: &str) -> Vec<String> {
    /// Where the list begins.
    const INDENT: usize = 10;
    /// Where a line ends.
    const WIDTH: usize = 80;
    let mut lines: Vec<String> = Vec::new();
    for word in list.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{:INDENT$}{word}", "")),
        }
    }
    lines
}

/// A time to the minute, in UTC.
fn minute(at: Timestamp) -> String {
    at.to_chrono().format("%Y-%m-%d %H:%M").to_string()
}
