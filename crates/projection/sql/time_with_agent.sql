CREATE OR REPLACE VIEW time_with_agent WITH (security_invoker) AS
SELECT
    case_id, assignee AS agent,
    sum(micros_between(from_at, coalesce(until_at, now())))::double precision / 1000000 AS seconds,
    -- It came as often as it went, or is still there.
    count(*) FILTER (WHERE until_at IS NULL OR next_assignee IS DISTINCT FROM assignee) AS visits
FROM stretches
GROUP BY case_id, assignee;

COMMENT ON VIEW time_with_agent IS 'How long each case was with each agent, closed cases included. A case that still is there counts up to now.';
COMMENT ON COLUMN time_with_agent.case_id IS 'The case.';
COMMENT ON COLUMN time_with_agent.agent IS 'Who had it; null while nobody had.';
COMMENT ON COLUMN time_with_agent.seconds IS 'For how long in all, in seconds.';
COMMENT ON COLUMN time_with_agent.visits IS 'How often it came there.';
