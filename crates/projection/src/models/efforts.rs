//! `efforts`: one row each time that work was recorded.

use docket_messages::{CaseEntry, EffortLogged, Name, Position, Timestamp, Version};

use crate::models::Mark;
use crate::models::cases::CaseRow;
use crate::models::measures::who;

read_model! {
    /// A row of `efforts`.
    EffortRow in "efforts" by ["case_no", "version"]
        indexed by efforts_time ("USING brin (at) WITH (pages_per_range = 32)")
    {
        case_no: Position,
        version: Version,
        at: Timestamp,
        agent: String,
        activity: Option<Name>,
        seconds: i64,
        position: Position,
    }
}

impl EffortRow {
    pub(crate) fn of(case: &CaseRow, mark: Mark, entry: &CaseEntry, effort: &EffortLogged) -> Self {
        let Mark { position, version, at, .. } = mark;
        let (agent, activity, seconds) = (who(entry), effort.activity.clone(), i64::from(effort.seconds));
        Self { case_no: case.case_no, version, at, agent, activity, seconds, position }
    }
}
