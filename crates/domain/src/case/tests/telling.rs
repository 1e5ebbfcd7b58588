//! Events and clocks in one line each, as tests expect them.

use docket_messages::{CaseEvent, ClockState, ClockView};
use serde_json::Value;

use super::moment::tell;

/// An event: its name, its main fact, what caused it when no command did, and its own instant if it has one.
pub fn line(event: &CaseEvent) -> String {
    let body = &serde_json::to_value(event).unwrap()[event.name()];
    let fact = fact(event.name(), body);
    let fact = if fact.is_empty() { fact } else { format!(" {fact}") };
    let cause = body["cause"].as_str().map_or_else(String::new, |cause| format!(" by {}", cause.replace('_', " ")));
    let at = event.at().map_or_else(String::new, |at| format!(", {}", tell(at)));
    format!("{}{fact}{cause}{at}", event.name())
}

/// What matters of an event; nothing of one that is not named.
fn fact(name: &str, body: &Value) -> String {
    let text = |field: &str| body[field].as_str().map_or_else(|| body[field].to_string(), ToOwned::to_owned);
    match name {
        "classified" => text("priority"),
        "routed" if body["rule"].is_null() => text("queue"),
        "routed" => format!("{} by rule {}", text("queue"), text("rule")),
        "assigned" | "unassigned" | "offerDeclined" | "offerExpired" => text("agent"),
        "offered" => format!("{} until {}", text("agent"), tell(text("expiresAt").parse().unwrap())),
        "pended" => text("reason"),
        "escalated" | "deescalated" => text("level"),
        "notified" => {
            let to: Vec<&str> = body["to"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            format!("{} of {}/{}", to.join(" "), text("clock"), text("instance"))
        }
        "effortLogged" => format!("{} s", text("seconds")),
        "linked" | "linkRequested" => text("relation"),
        "linkRefused" => format!("{} {}", text("relation"), text("code")),
        "parentAccepted" => format!("of {}", text("children")),
        "passingOn" => format!("{} to {}", text("of"), text("children")),
        "passedOn" => format!("{}: {} and {} not", text("of"), text("taken"), text("refused")),
        "articleAttached" | "articleDetached" => text("articleId"),
        "mergeRefused" | "closed" => text("code"),
        "surveyRequested" | "surveyAnswered" | "surveyExpired" => format!("{}/{}", text("survey"), text("cycle")),
        clock if clock.starts_with("clock") => format!("{}/{}", text("clock"), text("instance")),
        _ => String::new(),
    }
}

/// A clock: its state, what matters in that state, and its breach.
pub fn clock_line(clock: &ClockView) -> String {
    let state = match clock.state {
        ClockState::Running => format!("running, due {}", clock.due_at.map_or("never".to_owned(), tell)),
        ClockState::Paused => format!("paused, {} s left", clock.remaining_seconds),
        ClockState::Met => format!("met {}", clock.met_at.map_or("never".to_owned(), tell)),
        ClockState::Cancelled => "cancelled".to_owned(),
    };
    let breach = clock.breached_at.map_or_else(String::new, |at| format!(", breached {}", tell(at)));
    format!("{state}{breach}")
}
