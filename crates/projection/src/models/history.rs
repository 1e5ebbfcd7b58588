//! `case_history`: what a case was, and from when until when.

use docket_messages::{AgentId, CaseId, Name, Status, Timestamp, Version};

use crate::bulk::{Rows, Table};
use crate::models::cases::CaseRow;

pub(crate) const TABLE: Table = Table {
    name: "case_history",
    columns: &[
        "case_id", "version", "from_at", "until_at", "status", "queue", "assignee", "priority", "type", "category",
    ],
    key: &["case_id", "version"],
};

/// A row of `case_history`. The one without an end is the case's last.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HistoryRow {
    pub case_id: CaseId,
    pub version: Version,
    pub from_at: Timestamp,
    pub until_at: Option<Timestamp>,
    pub status: Status,
    pub queue: Option<Name>,
    pub assignee: Option<AgentId>,
    pub priority: Option<Name>,
    pub case_type: Name,
    pub category: Option<Name>,
}

impl HistoryRow {
    /// The row of a case from an entry on.
    pub(crate) fn of(case: &CaseRow, version: Version, from_at: Timestamp) -> Self {
        Self {
            case_id: case.case_id,
            version,
            from_at,
            until_at: None,
            status: case.status,
            queue: case.queue.clone(),
            assignee: case.assignee.clone(),
            priority: case.priority.clone(),
            case_type: case.case_type.clone(),
            category: case.category.clone(),
        }
    }

    /// Whether the case is still what this row says.
    pub(crate) fn holds_for(&self, case: &CaseRow) -> bool {
        self.status == case.status
            && self.queue == case.queue
            && self.assignee == case.assignee
            && self.priority == case.priority
            && self.case_type == case.case_type
            && self.category == case.category
    }

    pub(crate) fn write(&self, rows: &mut Rows) {
        rows.row()
            .uuid(self.case_id)
            .int(self.version.get())
            .at(self.from_at)
            .opt_at(self.until_at)
            .text(self.status.as_str())
            .opt_text(self.queue.as_ref().map(Name::as_str))
            .opt_text(self.assignee.as_ref().map(AgentId::as_str))
            .opt_text(self.priority.as_ref().map(Name::as_str))
            .text(self.case_type.as_str())
            .opt_text(self.category.as_ref().map(Name::as_str));
    }
}
