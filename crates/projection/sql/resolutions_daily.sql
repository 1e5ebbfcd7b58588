CREATE OR REPLACE VIEW resolutions_daily AS
SELECT
    (cases.first_resolved_at AT TIME ZONE (SELECT zone FROM reporting))::date AS day,
    cases.first_resolution_queue AS queue, cases.first_resolution_priority AS priority, cases.first_resolution_type AS type,
    count(*) AS resolved,
    count(*) FILTER (WHERE cases.responses_known) AS responses_known,
    count(*) FILTER (WHERE is_unanswered.yes) AS unanswered,
    count(*) FILTER (WHERE is_unanswered.yes)::double precision
        / nullif(count(*) FILTER (WHERE cases.responses_known), 0) AS unanswered_rate
FROM tables.cases
CROSS JOIN LATERAL (
    SELECT cases.responses_known
        AND (cases.first_response_at IS NULL OR cases.first_response_at > cases.first_resolved_at) AS yes
) AS is_unanswered
WHERE cases.first_resolved_at IS NOT NULL
GROUP BY 1, 2, 3, 4;

COMMENT ON VIEW resolutions_daily IS 'Cases by the day on which they were first resolved, and how many of them nobody had answered by then. Resolving is no answer (ADR 21), so a first response that was still owed then is in no attainment unless it was late: read this beside it.';
COMMENT ON COLUMN resolutions_daily.day IS 'The day, in the zone of docket.reporting.';
COMMENT ON COLUMN resolutions_daily.queue IS 'The queue, as it was at that moment.';
COMMENT ON COLUMN resolutions_daily.priority IS 'The priority, as it was at that moment.';
COMMENT ON COLUMN resolutions_daily.type IS 'The type, as it was at that moment.';
COMMENT ON COLUMN resolutions_daily.resolved IS 'Cases that were first resolved on the day.';
COMMENT ON COLUMN resolutions_daily.responses_known IS 'Those of them whose history says what was answered.';
COMMENT ON COLUMN resolutions_daily.unanswered IS 'Those of these that had no public response by a human when they were resolved.';
COMMENT ON COLUMN resolutions_daily.unanswered_rate IS 'unanswered / responses_known, 0 to 1; null when the latter is 0.';
