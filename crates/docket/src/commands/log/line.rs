//! An entry as a line.

use docket_eventlog::{Recorded, Subject};
use docket_messages::{AnyEntry, Entry, EntryKind, Event, Position, Timestamp, Via};
use serde::Serialize;

use crate::error::AnyError;
use crate::output;

/// What a line looks like.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// As it is stored.
    Raw,
}

/// A line of `--json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    position: Position,
    recorded_at: Timestamp,
    subject: String,
    entry: serde_json::Value,
}

/// A live command's moment and its recording differ by less than this.
const LIVE_MS: i64 = 1_000;

/// Prints an entry.
pub fn print(recorded: &Recorded, form: Form) -> Result<(), AnyError> {
    match form {
        Form::Raw => output::bytes(&recorded.payload),
        Form::Json => {
            let entry = serde_json::from_slice(&recorded.payload)
                .unwrap_or_else(|_| String::from_utf8_lossy(&recorded.payload).into_owned().into());
            let (position, recorded_at, subject) = (recorded.position, recorded.recorded_at, subject(recorded));
            return output::json(&Line { position, recorded_at, subject, entry });
        }
        Form::Text => output::say(&text(recorded)),
    }
    Ok(())
}

fn subject(recorded: &Recorded) -> String {
    recorded.subject.as_ref().map_or_else(|unknown| unknown.as_str().to_owned(), Subject::to_string)
}

fn text(recorded: &Recorded) -> String {
    let position = recorded.position;
    let entry = match AnyEntry::decode(&recorded.payload) {
        Ok(entry) => entry,
        Err(error) => return format!("{position:>8}  unreadable: {error}"),
    };
    let (at, verb, policy) = (entry.at, &entry.verb, entry.policy);
    let is_case = entry.kind == EntryKind::Case;
    let of = if is_case { entry.of.clone() } else { format!("{} {}", entry.kind.as_str(), entry.of) };
    let late = recorded.recorded_at.millis_since(at).abs() >= LIVE_MS;
    let recorded = if late { format!(", recorded {}", recorded.recorded_at) } else { String::new() };
    format!("{position:>8}  {at}  {verb:<13} {of}  by {}, policy {policy}{recorded}: {}", who(&entry), events(&entry))
}

/// Who asked, for whom, and whether it was the operator in that one's name.
pub fn who<E>(entry: &Entry<E>) -> String {
    let by_operator = match entry.via {
        Some(Via::Operator) => ", by the operator",
        None => "",
    };
    match &entry.on_behalf_of {
        Some(who) => format!("{} for {who}{by_operator}", entry.by),
        None => format!("{}{by_operator}", entry.by),
    }
}

/// What followed, by name.
pub fn events(entry: &AnyEntry) -> String {
    let names: Vec<&str> = entry.events.iter().map(Event::name).collect();
    if names.is_empty() { "nothing changed".to_owned() } else { names.join(", ") }
}
