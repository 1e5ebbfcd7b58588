//! `cases`: one row per case, as it is now.

use docket_messages::{
    AgentId, CaseEntry, CaseFacts, CaseId, Classification, CustomerId, Name, Opened, Position, Status, Timestamp,
    Version,
};

use crate::models::measures::Measures;

read_model! {
    /// A row of `cases`.
    CaseRow in "cases" by ["case_id"] filled to 80
        indexed by cases_active ("(queue) WHERE is_active(status)")
    {
        case_id: CaseId,
        facts: CaseFacts,
        wake_at: Option<Timestamp>,
        version: Version,
        position: Position,
        responses_known: bool,
        is_backdated: bool,
        measures: Measures,
    }
}

columns!(CaseFacts {
    status: Status,
    class: Classification,
    channel: Name,
    queue: Option<Name>,
    assignee: Option<AgentId>,
    customer_id: Option<CustomerId>,
    parent_id: Option<CaseId>,
    merged_into: Option<CaseId>,
    opened_at: Timestamp,
    first_response_at: Option<Timestamp>,
    first_resolved_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    reopen_count: u32,
    reassign_count: u32,
    transfer_count: u32,
    escalation_level: u32,
    resolution_code: Option<Name>,
    closure_code: Option<Name>,
    csat: Option<u32>,
    language: Option<Name>,
    tier: Option<Name>,
});

columns!(Classification {
    case_type as "type": Name,
    category: Option<Name>,
    subcategory: Option<Name>,
    impact: Option<Name>,
    urgency: Option<Name>,
    priority: Option<Name>,
});

impl CaseRow {
    /// The row of a case that was just opened.
    pub(crate) fn opened(case_id: CaseId, opened: &Opened, at: Timestamp) -> Self {
        Self {
            case_id,
            facts: CaseFacts::opened(opened, at),
            wake_at: None,
            version: Version(0),
            position: Position(0),
            responses_known: opened.responses_unknown != Some(true),
            is_backdated: false,
            measures: Measures::default(),
        }
    }

    /// Notes where the case is after an entry.
    pub(crate) fn settle(&mut self, entry: &CaseEntry, position: Position, recorded_at: Timestamp) {
        self.is_backdated = entry.is_history(recorded_at);
        self.version = entry.version;
        self.position = position;
        self.wake_at = entry.wake_at;
    }
}
