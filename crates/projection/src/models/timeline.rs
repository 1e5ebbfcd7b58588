//! `case_timeline`: one row per event, without anything personal.

use docket_messages::{CaseEntry, CaseEvent, CaseId, Detail, Position, Version};

use crate::bulk::{Rows, Table};

pub(crate) const TABLE: Table = Table {
    name: "case_timeline",
    columns: || vec!["case_id", "version", "position", "at", "by", "on_behalf_of", "event", "policy", "detail"],
    key: &["case_id", "version"],
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
