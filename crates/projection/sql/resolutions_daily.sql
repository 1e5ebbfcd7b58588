CREATE OR REPLACE VIEW resolutions_daily WITH (security_invoker) AS
SELECT
    day, nullif(queue, '') AS queue, nullif(priority, '') AS priority, type, resolved, responses_known, unanswered,
    unanswered::double precision / nullif(responses_known, 0) AS unanswered_rate
FROM tables.day_resolutions;

COMMENT ON VIEW resolutions_daily IS 'Cases by the day on which they were first resolved, and how many of them nobody had answered by then. Resolving is no answer (ADR 21), so a first response that was still owed then is in no attainment unless it was late: read this beside it.';
COMMENT ON COLUMN resolutions_daily.day IS 'The day, in the zone of docket.reporting.';
COMMENT ON COLUMN resolutions_daily.queue IS 'The queue, as it was at that moment.';
COMMENT ON COLUMN resolutions_daily.priority IS 'The priority, as it was at that moment.';
COMMENT ON COLUMN resolutions_daily.type IS 'The type, as it was at that moment.';
COMMENT ON COLUMN resolutions_daily.resolved IS 'Cases that were first resolved on the day.';
COMMENT ON COLUMN resolutions_daily.responses_known IS 'Those of them whose history says what was answered.';
COMMENT ON COLUMN resolutions_daily.unanswered IS 'Those of these that had no public response by a human when they were resolved.';
COMMENT ON COLUMN resolutions_daily.unanswered_rate IS 'unanswered / responses_known, 0 to 1; null when the latter is 0.';
