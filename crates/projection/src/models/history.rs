//! `case_history`: what cases were, from when until when. What a case is now stands in `cases`, until that has an end.

use docket_messages::{AgentId, CaseEntry, Name, Position, Status, Timestamp, Version};

use crate::models::cases::CaseRow;

read_model! {
    /// A row of `case_history`.
    HistoryRow in "case_history" by ["case_no", "version"]
        indexed by case_history_time ("USING brin (until_at, from_at) WITH (pages_per_range = 32)")
    {
        case_no: Position,
        stretch: Stretch,
        until_at: Timestamp,
        /// When the case began, for its age.
        opened_at: Timestamp,
        /// What it became.
        next_status: Status,
        next_queue: Option<Name>,
        next_assignee: Option<AgentId>,
    }
}

/// What a case is for some time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stretch {
    /// The version of the entry that made it so.
    pub version: Version,
    /// The moment of that entry.
    pub from_at: Timestamp,
    pub status: Status,
    pub queue: Option<Name>,
    assignee: Option<AgentId>,
    priority: Option<Name>,
    case_type: Name,
    category: Option<Name>,
}

columns!(Stretch {
    version: Version,
    from_at: Timestamp,
    status: Status,
    queue: Option<Name>,
    assignee: Option<AgentId>,
    priority: Option<Name>,
    case_type as "type": Name,
    category: Option<Name>,
});

impl Stretch {
    /// What a case is now.
    pub(crate) fn of(case: &CaseRow) -> Self {
        Self {
            version: case.since_version,
            from_at: case.since_at,
            status: case.facts.status,
            queue: case.facts.queue.clone(),
            assignee: case.facts.assignee.clone(),
            priority: case.facts.class.priority.clone(),
            case_type: case.facts.class.case_type.clone(),
            category: case.facts.class.category.clone(),
        }
    }

    /// Whether the case is still what this says.
    pub(crate) fn holds_for(&self, case: &CaseRow) -> bool {
        self.status == case.facts.status
            && self.queue == case.facts.queue
            && self.assignee == case.facts.assignee
            && self.priority == case.facts.class.priority
            && self.case_type == case.facts.class.case_type
            && self.category == case.facts.class.category
    }

    /// The row of a stretch that an entry has ended.
    pub(crate) fn ended(self, case: &CaseRow, entry: &CaseEntry) -> HistoryRow {
        HistoryRow {
            case_no: case.case_no,
            stretch: self,
            until_at: entry.at,
            opened_at: case.facts.opened_at,
            next_status: case.facts.status,
            next_queue: case.facts.queue.clone(),
            next_assignee: case.facts.assignee.clone(),
        }
    }
}
