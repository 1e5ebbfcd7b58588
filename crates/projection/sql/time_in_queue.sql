CREATE OR REPLACE VIEW time_in_queue AS
SELECT
    case_id, value AS queue,
    sum(extract(epoch FROM coalesce(until_at, now()) - from_at))::double precision AS seconds,
    count(*) FILTER (WHERE begins) AS visits
FROM (
    SELECT
        case_id, queue AS value, from_at, until_at,
        queue IS DISTINCT FROM lag(queue) OVER by_time OR row_number() OVER by_time = 1 AS begins
    FROM case_history
    WINDOW by_time AS (PARTITION BY case_id ORDER BY version)
) AS stretches
GROUP BY case_id, value;

COMMENT ON VIEW time_in_queue IS 'How long each case was in each queue, closed cases included. A case that still is there counts up to now.';
COMMENT ON COLUMN time_in_queue.case_id IS 'The case.';
COMMENT ON COLUMN time_in_queue.queue IS 'The queue; null while it was in none.';
COMMENT ON COLUMN time_in_queue.seconds IS 'For how long in all, in seconds.';
COMMENT ON COLUMN time_in_queue.visits IS 'How often it came there.';
