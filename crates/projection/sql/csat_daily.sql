CREATE OR REPLACE VIEW csat_daily WITH (security_invoker) AS
SELECT
    (at AT TIME ZONE (SELECT zone FROM reporting))::date AS day,
    queue,
    count(*) AS responses,
    count(*) FILTER (WHERE score >= 4) AS satisfied,
    count(*) FILTER (WHERE score >= 4)::double precision / count(*) AS csat,
    avg(score)::double precision AS average
FROM survey_answers
WHERE survey = 'csat'
GROUP BY 1, 2;

COMMENT ON VIEW csat_daily IS 'Customer satisfaction by the day of the answer, and the queue that the case was in.

Add counts, not rates: over several days it is sum(satisfied)::float / sum(responses).';
COMMENT ON COLUMN csat_daily.day IS 'The day, in the zone of docket.reporting.';
COMMENT ON COLUMN csat_daily.queue IS 'The queue, as it was at that moment.';
COMMENT ON COLUMN csat_daily.responses IS 'Answers.';
COMMENT ON COLUMN csat_daily.satisfied IS 'Answers with a score of 4 or 5.';
COMMENT ON COLUMN csat_daily.csat IS 'satisfied / responses, 0 to 1.';
COMMENT ON COLUMN csat_daily.average IS 'The mean score, 1 to 5.';
