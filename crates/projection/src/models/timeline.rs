//! `case_timeline`: one row per event, without anything personal.

use docket_messages::{CaseId, Entry, Event, Position, Version};
use serde_json::Value;

use crate::bulk::{Rows, Table};

pub(crate) const TABLE: Table = Table {
    name: "case_timeline",
    columns: &["case_id", "version", "position", "at", "by", "on_behalf_of", "event", "policy", "detail"],
    key: &[],
};

/// Writes one event of an entry.
///
/// # Errors
/// When the event's body cannot be written as JSON, which no event's can.
pub(crate) fn write(
    rows: &mut Rows,
    case: CaseId,
    version: Version,
    position: Position,
    entry: &Entry,
    event: &Event,
) -> Result<(), serde_json::Error> {
    let detail = serde_json::to_string(&detail(event)?)?;
    rows.row()
        .uuid(case)
        .int(version.get())
        .bigint(i64::try_from(position.get()).unwrap_or(i64::MAX))
        .at(event.at().unwrap_or(entry.at))
        .text(entry.by.as_str())
        .opt_text(entry.on_behalf_of.as_ref().map(docket_messages::OnBehalfOf::as_str))
        .text(event.name())
        .int(entry.policy.get())
        .json(detail);
    Ok(())
}

/// The body of an event as the log has it, less what is personal. Its own instant is the row's `at`.
fn detail(event: &Event) -> Result<Value, serde_json::Error> {
    let Value::Object(named) = serde_json::to_value(event)? else { return Ok(Value::Null) };
    let mut body = named.into_iter().next().map_or(Value::Null, |(_, body)| body);
    if let Value::Object(fields) = &mut body {
        fields.remove("personal");
        fields.remove("at");
    }
    Ok(body)
}
