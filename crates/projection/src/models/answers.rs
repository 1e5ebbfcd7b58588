//! `survey_answers`: one row per answered survey.

use docket_messages::{AgentId, Name, Position, Survey, SurveyAnswered, Timestamp, Version};

use crate::models::Mark;
use crate::models::cases::CaseRow;

read_model! {
    /// A row of `survey_answers`.
    AnswerRow in "survey_answers" by ["case_no", "version"]
        indexed by survey_answers_time ("USING brin (at) WITH (pages_per_range = 32)")
    {
        case_no: Position,
        version: Version,
        at: Timestamp,
        survey: Survey,
        cycle: u32,
        score: u32,
        queue: Option<Name>,
        assignee: Option<AgentId>,
        position: Position,
    }
}

impl AnswerRow {
    pub(crate) fn of(case: &CaseRow, mark: Mark, answered: &SurveyAnswered) -> Self {
        let Mark { position, version, at, .. } = mark;
        Self {
            case_no: case.case_no,
            version,
            at,
            survey: answered.survey,
            cycle: answered.cycle,
            score: answered.score,
            queue: case.facts.queue.clone(),
            assignee: case.facts.assignee.clone(),
            position,
        }
    }
}
