CREATE OR REPLACE VIEW survey_answers WITH (security_invoker) AS
SELECT
    cases.case_id, survey_answers.version, survey_answers.at, survey_answers.survey, survey_answers.cycle,
    survey_answers.score, survey_answers.queue, survey_answers.assignee, survey_answers.case_no,
    survey_answers.position
FROM tables.survey_answers
LEFT JOIN tables.cases USING (case_no);

COMMENT ON VIEW survey_answers IS 'One row per answered survey.';
COMMENT ON COLUMN survey_answers.case_id IS 'The case.';
COMMENT ON COLUMN survey_answers.version IS 'The version of the event.';
COMMENT ON COLUMN survey_answers.at IS 'When the customer answered.';
COMMENT ON COLUMN survey_answers.survey IS 'csat, ces or nps.';
COMMENT ON COLUMN survey_answers.cycle IS 'The resolution cycle that it is about, from 1.';
COMMENT ON COLUMN survey_answers.score IS 'csat 1 to 5, ces 1 to 7, nps 0 to 10.';
COMMENT ON COLUMN survey_answers.queue IS 'The queue that the case was in when the answer came.';
COMMENT ON COLUMN survey_answers.assignee IS 'Who had the case when the answer came.';
COMMENT ON COLUMN survey_answers.case_no IS 'The number of the case, as in docket.cases.';
COMMENT ON COLUMN survey_answers.position IS 'The log position of its entry.';
