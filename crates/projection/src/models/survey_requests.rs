//! `survey_requests`: one row each time that a customer was asked.

use docket_messages::{AgentId, CaseId, Name, Survey, SurveyRequested, Timestamp, Version};

use crate::models::cases::CaseRow;

read_model! {
    /// A row of `survey_requests`.
    SurveyRequestRow in "survey_requests" by ["case_id", "version"] {
        case_id: CaseId,
        version: Version,
        at: Timestamp,
        survey: Survey,
        cycle: u32,
        queue: Option<Name>,
        assignee: Option<AgentId>,
    }
}

impl SurveyRequestRow {
    pub(crate) fn of(case: &CaseRow, version: Version, at: Timestamp, requested: &SurveyRequested) -> Self {
        Self {
            case_id: case.case_id,
            version,
            at,
            survey: requested.survey,
            cycle: requested.cycle,
            queue: case.facts.queue.clone(),
            assignee: case.facts.assignee.clone(),
        }
    }
}
