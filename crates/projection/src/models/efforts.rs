//! `efforts`: one row each time that work was recorded.

use docket_messages::{CaseEntry, EffortLogged, Name, Position, Timestamp, Version};

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
    }
}

impl EffortRow {
    pub(crate) fn of(
        case_no: Position,
        version: Version,
        at: Timestamp,
        entry: &CaseEntry,
        effort: &EffortLogged,
    ) -> Self {
        let (agent, activity, seconds) = (who(entry), effort.activity.clone(), i64::from(effort.seconds));
        Self { case_no, version, at, agent, activity, seconds }
    }
}
