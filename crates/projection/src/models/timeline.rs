//! `case_timeline`: one row per event, without anything personal.

use docket_messages::{CaseEntry, CaseEvent, CaseId, Detail, Position, Version};

use crate::bulk::{Rows, Table, oid};
use crate::column::Column;

pub(crate) const TABLE: Table = Table {
    name: "case_timeline",
    columns: || {
        vec![
            Column::new("case_id", oid::UUID),
            Column::new("version", oid::INTEGER),
            Column::new("position", oid::BIGINT),
            Column::new("at", oid::TIMESTAMPTZ),
            Column::new("by", oid::TEXT),
            Column::nullable("on_behalf_of", oid::TEXT),
            Column::new("event", oid::TEXT),
            Column::new("policy", oid::INTEGER),
            Column::new("detail", oid::JSONB),
        ]
    },
    key: &["case_id", "version"],
    fill: 100,
    indexes: &[],
};

/// Writes one event of an entry.
///
/// # Errors
/// When the event's detail cannot be written as JSON, which no event's can.
pub(crate) fn write(
    rows: &mut Rows,
    case: CaseId,
    version: Version,
    position: Position,
    entry: &CaseEntry,
    (event, detail): (&CaseEvent, &Detail<'_>),
) -> Result<(), serde_json::Error> {
    rows.row()
        .with(&case)
        .with(&version)
        .with(&position)
        .with(&event.at().unwrap_or(entry.at))
        .text(entry.by.as_str())
        .with(&entry.on_behalf_of)
        .text(event.name())
        .with(&entry.policy)
        .json(detail)
        .map(drop)
}
