//! `survey_requests`: one row each time that a customer was asked.

use docket_messages::{AgentId, Name, Position, Survey, SurveyRequested, Timestamp, Version};

use crate::models::Mark;
use crate::models::cases::CaseRow;

read_model! {
    /// A row of `survey_requests`.
    SurveyRequestRow in "survey_requests" by ["case_no", "version"]
        indexed by survey_requests_time ("USING brin (at) WITH (pages_per_range = 32)")
    {
        case_no: Position,
        version: Version,
        at: Timestamp,
        survey: Survey,
        cycle: u32,
        queue: Option<Name>,
        assignee: Option<AgentId>,
        position: Position,
    }
}

impl SurveyRequestRow {
    pub(crate) fn of(case: &CaseRow, mark: Mark, requested: &SurveyRequested) -> Self {
        let Mark { position, version, at, .. } = mark;
        Self {
            case_no: case.case_no,
            version,
            at,
            survey: requested.survey,
            cycle: requested.cycle,
            queue: case.facts.queue.clone(),
            assignee: case.facts.assignee.clone(),
            position,
        }
    }
}
