//! `cases`: one row per case, as it is now.

use docket_messages::{
    AgentId, CaseEntry, CaseFacts, CaseId, Classification, CustomerId, Name, Opened, Position, Status, Timestamp,
    Version,
};

use crate::column::{Column, Columns as _};
use crate::models::measures::Measures;
use crate::models::times::Times;

read_model! {
    /// A row of `cases`.
    CaseRow in "cases" by ["case_no"] beside ["type", "category", "channel", "tier", "first_queue"] filled to 60
        once for each cases_id ("(case_id)")
        indexed by cases_active ("(case_no) WHERE is_active")
        indexed by cases_customer ("(customer_id, category, opened_at, case_id) INCLUDE (first_resolved_at)")
        indexed by cases_time ("USING brin (opened_at, first_response_at, first_resolved_at, resolved_at, unanswered_since) \
            WITH (pages_per_range = 32)")
    {
        /// The position of its first entry. What is kept of a case stands by this number and not by its id, which is
        /// random: so what is worked on lies together, and a command costs the same however many cases there are.
        case_no: Position,
        case_id: CaseId,
        facts: CaseFacts,
        wake_at: Option<Timestamp>,
        version: Version,
        position: Position,
        responses_known: bool,
        is_backdated: bool,
        measures: Measures,
        times: Times,
        /// Whether it counts in the backlog. Its status changes more often: an index on that would be written with it.
        is_active: bool,
        /// The queue that its first entry left it in.
        opened_in: Option<Name>,
        /// The version since which it is what `case_history` says of it.
        since_version: Version,
        /// The moment of that version.
        since_at: Timestamp,
    }
}

/// Columns that `docket.cases` does not show, or that are said beside an entry; none of [`Times`] is shown there.
const NOT_SHOWN: [&str; 10] = [
    "case_no",
    "case_id",
    "version",
    "position",
    "previous_queue",
    "unanswered_since",
    "obligations",
    "opened_in",
    "since_version",
    "since_at",
];

/// Which columns `docket.cases` shows and entries change, of all columns in their order.
pub(crate) fn shown() -> Vec<bool> {
    let times = Times::columns();
    let is_shown = |column: &Column| {
        !NOT_SHOWN.contains(&column.name) && times.iter().all(|of_times| of_times.name != column.name)
    };
    CaseRow::columns().iter().map(is_shown).collect()
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
    pub(crate) fn opened(case_id: CaseId, position: Position, opened: &Opened, at: Timestamp) -> Self {
        Self {
            case_no: position,
            case_id,
            facts: CaseFacts::opened(opened, at),
            wake_at: None,
            version: Version(0),
            position: Position(0),
            responses_known: opened.responses_unknown != Some(true),
            is_backdated: false,
            measures: Measures::default(),
            times: Times::default(),
            is_active: opened.status.is_active(),
            opened_in: None,
            since_version: Version(0),
            since_at: at,
        }
    }

    /// Notes where the case is after an entry.
    pub(crate) fn settle(&mut self, entry: &CaseEntry, position: Position, recorded_at: Timestamp) {
        self.is_backdated = entry.is_history(recorded_at);
        self.version = entry.version;
        self.position = position;
        self.wake_at = entry.wake_at;
        self.is_active = self.facts.status.is_active();
    }
}
