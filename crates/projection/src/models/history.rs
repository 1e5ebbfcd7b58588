//! `case_history`: what a case was, and from when until when.

use docket_messages::{AgentId, CaseId, Name, Status, Timestamp, Version};

use crate::models::cases::CaseRow;

read_model! {
    /// A row of `case_history`. The one without an end is the case's last.
    HistoryRow in "case_history" by ["case_id", "version"] filled to 70
        indexed by case_history_from ("(from_at)")
    {
        case_id: CaseId,
        version: Version,
        from_at: Timestamp,
        until_at: Option<Timestamp>,
        status: Status,
        queue: Option<Name>,
        assignee: Option<AgentId>,
        priority: Option<Name>,
        case_type as "type": Name,
        category: Option<Name>,
    }
}

impl HistoryRow {
    /// The row of a case from an entry on.
    pub(crate) fn of(case: &CaseRow, version: Version, from_at: Timestamp) -> Self {
        Self {
            case_id: case.case_id,
            version,
            from_at,
            until_at: None,
            status: case.facts.status,
            queue: case.facts.queue.clone(),
            assignee: case.facts.assignee.clone(),
            priority: case.facts.class.priority.clone(),
            case_type: case.facts.class.case_type.clone(),
            category: case.facts.class.category.clone(),
        }
    }

    /// Whether the case is still what this row says.
    pub(crate) fn holds_for(&self, case: &CaseRow) -> bool {
        self.status == case.facts.status
            && self.queue == case.facts.queue
            && self.assignee == case.facts.assignee
            && self.priority == case.facts.class.priority
            && self.case_type == case.facts.class.case_type
            && self.category == case.facts.class.category
    }
}
