//! `obligations`: one row for each message of a customer that waited for an answer and got it. The one that still waits
//! stands with the case.

use docket_messages::{CaseEntry, Position, Timestamp};

use crate::models::measures::{Answered, who};

read_model! {
    /// A row of `obligations`.
    ObligationRow in "obligations" by ["case_no", "instance"]
        indexed by obligations_time ("USING brin (answered_at, asked_at) WITH (pages_per_range = 32)")
    {
        case_no: Position,
        instance: u32,
        asked_at: Timestamp,
        answered_at: Timestamp,
        answered_by: String,
    }
}

impl ObligationRow {
    pub(crate) fn of(case_no: Position, answered: Answered, answered_at: Timestamp, entry: &CaseEntry) -> Self {
        let Answered { instance, asked_at } = answered;
        Self { case_no, instance, asked_at, answered_at, answered_by: who(entry) }
    }
}
