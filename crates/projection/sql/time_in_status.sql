CREATE OR REPLACE VIEW time_in_status AS
SELECT
    case_id, value AS status,
    sum(extract(epoch FROM coalesce(until_at, now()) - from_at))::double precision AS seconds,
    count(*) FILTER (WHERE begins) AS visits
FROM (
    SELECT
        case_id, status AS value, from_at, until_at,
        status IS DISTINCT FROM lag(status) OVER by_time OR row_number() OVER by_time = 1 AS begins
    FROM case_history
    WINDOW by_time AS (PARTITION BY case_id ORDER BY version)
) AS stretches
GROUP BY case_id, value;

COMMENT ON VIEW time_in_status IS 'How long each case was in each status, closed cases included. A case that still is there counts up to now.';
COMMENT ON COLUMN time_in_status.case_id IS 'The case.';
COMMENT ON COLUMN time_in_status.status IS 'The status.';
COMMENT ON COLUMN time_in_status.seconds IS 'For how long in all, in seconds.';
COMMENT ON COLUMN time_in_status.visits IS 'How often it came there.';
