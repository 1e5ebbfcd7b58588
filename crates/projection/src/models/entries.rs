//! `case_entries`: one row per entry, with its events, without anything personal. `docket.case_timeline` shows a row for
//! each event.

use docket_messages::{CaseEntry, Detail, Position, Timestamp};

use crate::before::Changes;
use crate::bulk::{Index, Rows, Table};
use crate::column::Column;
use crate::row::oid;

pub(crate) const TABLE: Table = Table {
    name: "case_entries",
    columns: || {
        vec![
            Column::new("case_no", oid::BIGINT),
            Column::new("position", oid::BIGINT),
            Column::new("version", oid::INTEGER),
            Column::new("at", oid::TIMESTAMPTZ),
            Column::new("by", oid::TEXT),
            Column::nullable("on_behalf_of", oid::TEXT),
            Column::new("policy", oid::INTEGER),
            Column::new("events", oid::TEXTS),
            Column::new("details", oid::TEXTS),
            // When each happened, if one has a moment of its own.
            Column::nullable("event_at", oid::TIMESTAMPTZS),
            Column::new("before", oid::TEXT),
        ]
    },
    // Not the version: an entry without events has that of the one before.
    key: &["case_no", "position"],
    beside_key: &[],
    fill: 100,
    indexes: &[Index::new("case_entries_position", "USING brin (position) WITH (pages_per_range = 32)")],
    is_looked_up: true,
};

/// Writes an entry.
///
/// # Errors
/// When an event's detail cannot be written as JSON, which no event's can.
pub(crate) fn write(
    rows: &mut Rows,
    case_no: Position,
    position: Position,
    entry: &CaseEntry,
    details: &[Detail<'_>],
    before: &Changes,
) -> Result<(), serde_json::Error> {
    let moments: Option<Vec<Timestamp>> = entry
        .events
        .iter()
        .any(|event| event.at().is_some())
        .then(|| entry.events.iter().map(|event| event.at().unwrap_or(entry.at)).collect());
    rows.row()
        .with(&case_no)
        .with(&position)
        .with(&entry.version)
        .with(&entry.at)
        .text(entry.by.as_str())
        .with(&entry.on_behalf_of)
        .with(&entry.policy)
        .texts(entry.events.iter().map(|event| event.name()))
        .jsons(details)?
        .times(moments.as_deref())
        .json(before)?;
    Ok(())
}
