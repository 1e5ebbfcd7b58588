CREATE OR REPLACE VIEW time_in_status WITH (security_invoker) AS
SELECT
    case_id, status,
    sum(micros_between(from_at, coalesce(until_at, now())))::double precision / 1000000 AS seconds,
    -- It came as often as it went, or is still there.
    count(*) FILTER (WHERE until_at IS NULL OR next_status IS DISTINCT FROM status) AS visits
FROM stretches
GROUP BY case_id, status;

COMMENT ON VIEW time_in_status IS 'How long each case was in each status, closed cases included. A case that still is there counts up to now.';
COMMENT ON COLUMN time_in_status.case_id IS 'The case.';
COMMENT ON COLUMN time_in_status.status IS 'The status.';
COMMENT ON COLUMN time_in_status.seconds IS 'For how long in all, in seconds.';
COMMENT ON COLUMN time_in_status.visits IS 'How often it came there.';
