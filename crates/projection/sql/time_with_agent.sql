CREATE OR REPLACE VIEW time_with_agent AS
SELECT
    case_id, value AS agent,
    sum(extract(epoch FROM coalesce(until_at, now()) - from_at))::double precision AS seconds,
    count(*) FILTER (WHERE begins) AS visits
FROM (
    SELECT
        case_id, assignee AS value, from_at, until_at,
        assignee IS DISTINCT FROM lag(assignee) OVER by_time OR row_number() OVER by_time = 1 AS begins
    FROM case_history
    WINDOW by_time AS (PARTITION BY case_id ORDER BY version)
) AS stretches
GROUP BY case_id, value;

COMMENT ON VIEW time_with_agent IS 'How long each case was with each agent, closed cases included. A case that still is there counts up to now.';
COMMENT ON COLUMN time_with_agent.case_id IS 'The case.';
COMMENT ON COLUMN time_with_agent.agent IS 'Who had it; null while nobody had.';
COMMENT ON COLUMN time_with_agent.seconds IS 'For how long in all, in seconds.';
COMMENT ON COLUMN time_with_agent.visits IS 'How often it came there.';
