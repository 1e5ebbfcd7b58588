//! `efforts`: one row each time that work was recorded.

use docket_messages::{CaseEntry, CaseId, EffortLogged, Name, Timestamp, Version};

use crate::models::measures::who;

read_model! {
    /// A row of `efforts`.
    EffortRow in "efforts" by ["case_id", "version"] {
        case_id: CaseId,
        version: Version,
        at: Timestamp,
        agent: String,
        activity: Option<Name>,
        seconds: i64,
    }
}

impl EffortRow {
    pub(crate) fn of(
        case_id: CaseId,
        version: Version,
        at: Timestamp,
        entry: &CaseEntry,
        effort: &EffortLogged,
    ) -> Self {
        let (agent, activity, seconds) = (who(entry), effort.activity.clone(), i64::from(effort.seconds));
        Self { case_id, version, at, agent, activity, seconds }
    }
}
