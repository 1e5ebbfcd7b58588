//! `obligations`: one row for each message of a customer that waited for an answer and got it. The one that still waits
//! stands with the case.

use docket_messages::{Position, Timestamp};

use crate::calendars::Calendars;
use crate::models::cases::CaseRow;
use crate::models::measures::Answered;

read_model! {
    /// A row of `obligations`.
    ObligationRow in "obligations" by ["case_no", "instance"]
        indexed by obligations_time ("USING brin (answered_at, asked_at) WITH (pages_per_range = 32)")
    {
        case_no: Position,
        instance: u32,
        asked_at: Timestamp,
        answered_at: Timestamp,
        answered_by: Option<String>,
        /// Open milliseconds of the calendar that the case counted by when it was answered.
        open_millis: Option<i64>,
    }
}

impl ObligationRow {
    pub(crate) fn of(case: &CaseRow, answered: Answered, calendars: &mut Calendars) -> Result<Self, String> {
        let Answered { instance, asked_at, answered_at, answered_by } = answered;
        let open_millis = case.times.open_millis(calendars, asked_at, answered_at)?;
        Ok(Self { case_no: case.case_no, instance, asked_at, answered_at, answered_by, open_millis })
    }
}
