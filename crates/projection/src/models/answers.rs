//! `survey_answers`: one row per answered survey.

use docket_messages::{AgentId, Name, SurveyAnswered, Timestamp, Version};

use crate::bulk::{Rows, Table};
use crate::models::cases::CaseRow;

pub(crate) const TABLE: Table = Table {
    name: "survey_answers",
    columns: &["case_id", "version", "at", "survey", "cycle", "score", "queue", "assignee"],
    key: &["case_id", "version"],
};

pub(crate) fn write(rows: &mut Rows, case: &CaseRow, version: Version, at: Timestamp, answered: &SurveyAnswered) {
    rows.row()
        .uuid(case.case_id)
        .int(version.get())
        .at(at)
        .text(answered.survey.as_str())
        .int(answered.cycle)
        .int(answered.score)
        .opt_text(case.queue.as_ref().map(Name::as_str))
        .opt_text(case.assignee.as_ref().map(AgentId::as_str));
}
