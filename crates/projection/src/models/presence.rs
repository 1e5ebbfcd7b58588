//! `agent_presence`: one row for each time that an agent began or ceased to take cases on.

use docket_messages::{Position, PresenceChanged, Timestamp, Version};

use crate::bulk::{Rows, Table};

pub(crate) const TABLE: Table = Table {
    name: "agent_presence",
    columns: &["agent", "version", "at", "presence", "position"],
    key: &["agent", "version"],
};

pub(crate) fn write(rows: &mut Rows, version: Version, at: Timestamp, position: Position, changed: &PresenceChanged) {
    rows.row()
        .text(changed.agent.as_str())
        .int(version.get())
        .at(at)
        .text(changed.presence.as_str())
        .bigint(i64::try_from(position.get()).unwrap_or(i64::MAX));
}
