//! `obligations`: one row for each message of a customer that waited for an answer and got it. The one that still waits
//! stands with the case.

use docket_messages::{CaseEntry, CaseId, Timestamp};

use crate::models::measures::{Answered, who};

read_model! {
    /// A row of `obligations`.
    ObligationRow in "obligations" by ["case_id", "instance"] indexed by obligations_answered ("(answered_at)") {
        case_id: CaseId,
        instance: u32,
        asked_at: Timestamp,
        answered_at: Timestamp,
        answered_by: String,
    }
}

impl ObligationRow {
    pub(crate) fn of(case_id: CaseId, answered: Answered, answered_at: Timestamp, entry: &CaseEntry) -> Self {
        let Answered { instance, asked_at } = answered;
        Self { case_id, instance, asked_at, answered_at, answered_by: who(entry) }
    }
}
