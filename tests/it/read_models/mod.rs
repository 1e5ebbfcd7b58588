//! The read models: what analysts query in schema `docket`.

mod arguments;
mod breaches;
mod by_hand;
mod comments;
mod grafana;
mod interrupted;
mod numbers;
mod past;
mod promises;
mod reviews;
mod twice;
mod zone;

use serde_json::Value;

/// The columns that others rely on, by relation.
const COLUMNS: [(&str, &str); 10] = [
    ("position", "position, recorded_at, lag_seconds"),
    (
        "cases",
        "case_id, status, type, category, subcategory, impact, urgency, priority, channel, queue, assignee, \
         customer_id, parent_id, merged_into, opened_at, first_response_at, first_resolved_at, resolved_at, \
         closed_at, reopen_count, reassign_count, transfer_count, escalation_level, resolution_code, \
         closure_code, csat, version, position",
    ),
    ("case_history", "case_id, version, from_at, until_at, status, queue, assignee, priority, type, category"),
    ("case_timeline", "case_id, version, position, at, by, on_behalf_of, event, policy, detail"),
    (
        "clocks",
        "case_id, clock, instance, state, target_seconds, calendar, policy, started_at, due_at, \
         remaining_seconds, met_at, breached_at, elapsed_seconds, business_elapsed_seconds",
    ),
    ("queues", "queue, open, unassigned, pending, oldest_opened_at, oldest_age, at_risk, breached"),
    ("backlog_aging", "queue, priority, type, bucket, cases"),
    ("sla_attainment", "day, queue, priority, clock, met, breached, attainment"),
    ("csat_daily", "day, queue, responses, satisfied, csat, average"),
    ("resolutions_daily", "day, queue, priority, type, resolved, responses_known, unanswered, unanswered_rate"),
];

/// The columns of a relation.
fn columns(relation: &str) -> Vec<&'static str> {
    let found = COLUMNS.iter().find(|(name, _)| *name == relation);
    found.unwrap_or_else(|| panic!("no relation `{relation}`")).1.split(',').map(str::trim).collect()
}

/// The values of a row in the order of the columns.
fn values(row: &Value, columns: &[&str]) -> Vec<Value> {
    columns.iter().map(|column| row[column].clone()).collect()
}

/// Asserts that a row in SQL is the view that the log gives, column by column.
fn assert_same(row: &Value, view: &Value, columns: &[&str]) {
    for column in columns {
        let (stored, folded) = (&row[column], &view[camel(column)]);
        assert!(same(stored, folded), "`{column}` is {stored} in SQL and {folded} in the log: {row} {view}");
    }
}

fn same(stored: &Value, folded: &Value) -> bool {
    let time = |value: &Value| value.as_str().and_then(|text| chrono::DateTime::parse_from_rfc3339(text).ok());
    stored == folded || time(stored).is_some_and(|stored| Some(stored) == time(folded))
}

fn camel(column: &str) -> String {
    let mut words = column.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..])
}
