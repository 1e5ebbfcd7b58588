CREATE OR REPLACE VIEW survey_requests WITH (security_invoker) AS
SELECT
    cases.case_id, survey_requests.version, survey_requests.at, survey_requests.survey, survey_requests.cycle,
    survey_requests.queue, survey_requests.assignee, survey_requests.case_no, survey_requests.position
FROM tables.survey_requests
LEFT JOIN tables.cases USING (case_no);

COMMENT ON VIEW survey_requests IS 'One row each time that a customer was asked for a rating.';
COMMENT ON COLUMN survey_requests.case_id IS 'The case.';
COMMENT ON COLUMN survey_requests.version IS 'The version of the event.';
COMMENT ON COLUMN survey_requests.at IS 'When the customer was asked.';
COMMENT ON COLUMN survey_requests.survey IS 'csat, ces or nps.';
COMMENT ON COLUMN survey_requests.cycle IS 'The resolution cycle that it is about, from 1.';
COMMENT ON COLUMN survey_requests.queue IS 'The queue that the case was in then.';
COMMENT ON COLUMN survey_requests.assignee IS 'Who had the case then.';
COMMENT ON COLUMN survey_requests.case_no IS 'The number of the case, as in docket.cases.';
COMMENT ON COLUMN survey_requests.position IS 'The log position of its entry.';
