CREATE OR REPLACE VIEW time_in_queue WITH (security_invoker) AS
SELECT
    case_id, queue,
    sum(micros_between(from_at, coalesce(until_at, now())))::double precision / 1000000 AS seconds,
    -- It came as often as it went, or is still there.
    count(*) FILTER (WHERE until_at IS NULL OR next_queue IS DISTINCT FROM queue) AS visits
FROM stretches
GROUP BY case_id, queue;

COMMENT ON VIEW time_in_queue IS 'How long each case was in each queue, closed cases included. A case that still is there counts up to now.';
COMMENT ON COLUMN time_in_queue.case_id IS 'The case.';
COMMENT ON COLUMN time_in_queue.queue IS 'The queue; null while it was in none.';
COMMENT ON COLUMN time_in_queue.seconds IS 'For how long in all, in seconds.';
COMMENT ON COLUMN time_in_queue.visits IS 'How often it came there.';
