CREATE OR REPLACE VIEW daily AS
WITH zone AS (
    SELECT zone FROM reporting
), changes AS NOT MATERIALIZED (
    -- What became of cases: each is one row less of what it was, and one more of what it is.
    SELECT
        (until_at AT TIME ZONE (SELECT zone FROM zone))::date AS day, queue, next_queue,
        next_status = 'resolved' AND status <> 'resolved' AS is_resolved,
        next_status = 'closed' AND status <> 'closed' AS is_closed,
        is_active(next_status) AND status IN ('resolved', 'closed', 'cancelled') AS is_reopened,
        next_queue <> queue AS is_moved,
        is_active(status) AS was_in, is_active(next_status) AS is_in,
        next_queue IS NOT DISTINCT FROM queue AS is_same_queue
    FROM tables.case_history
), counted AS (
    SELECT
        day, next_queue AS queue,
        0 AS opened,
        count(*) FILTER (WHERE is_resolved) AS resolved,
        count(*) FILTER (WHERE is_closed) AS closed,
        count(*) FILTER (WHERE is_reopened) AS reopened,
        count(*) FILTER (WHERE is_moved) AS transferred_in,
        0 AS transferred_out,
        count(*) FILTER (WHERE is_in AND NOT (was_in AND is_same_queue)) AS came,
        0 AS went, 0 AS breached, 0 AS met
    FROM changes GROUP BY 1, 2
    UNION ALL
    SELECT
        day, queue, 0, 0, 0, 0, 0,
        count(*) FILTER (WHERE is_moved),
        0,
        count(*) FILTER (WHERE was_in AND NOT (is_in AND is_same_queue)),
        0, 0
    FROM changes GROUP BY 1, 2
    UNION ALL
    SELECT
        (at AT TIME ZONE (SELECT zone FROM zone))::date, queue, 0, 0, 0, 0, 0, 0, 0, 0,
        count(*) FILTER (WHERE NOT is_met), count(*) FILTER (WHERE is_met)
    FROM outcomes GROUP BY 1, 2
    UNION ALL
    SELECT
        (opened_at AT TIME ZONE (SELECT zone FROM zone))::date, first_queue, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0
    FROM tables.cases GROUP BY 1, 2
    UNION ALL
    -- What it was at first.
    SELECT
        (opened_at AT TIME ZONE (SELECT zone FROM zone))::date, opened_in, 0, 0, 0, 0, 0, 0, count(*), 0, 0, 0
    FROM tables.cases GROUP BY 1, 2
), days AS (
    SELECT series.day::date AS day, queues.queue
    FROM (SELECT queue, min(day) AS first FROM counted GROUP BY queue) AS queues
    CROSS JOIN LATERAL generate_series(
        queues.first::timestamp, (now() AT TIME ZONE (SELECT zone FROM zone))::date::timestamp, interval '1 day'
    ) AS series (day)
)
SELECT
    days.day, days.queue,
    coalesce(sum(counted.opened), 0)::bigint AS opened,
    coalesce(sum(counted.resolved), 0)::bigint AS resolved,
    coalesce(sum(counted.closed), 0)::bigint AS closed,
    coalesce(sum(counted.reopened), 0)::bigint AS reopened,
    coalesce(sum(counted.transferred_in), 0)::bigint AS transferred_in,
    coalesce(sum(counted.transferred_out), 0)::bigint AS transferred_out,
    sum(coalesce(sum(counted.came - counted.went), 0)) OVER (PARTITION BY days.queue ORDER BY days.day)::bigint AS backlog_at_end,
    coalesce(sum(counted.breached), 0)::bigint AS breached,
    coalesce(sum(counted.met), 0)::bigint AS met
FROM days
LEFT JOIN counted ON counted.day = days.day AND counted.queue IS NOT DISTINCT FROM days.queue
GROUP BY days.day, days.queue;

COMMENT ON VIEW daily IS 'What happened each day in each queue, from the first day of the queue until today, days on which nothing happened included. Cases that are in no queue stand in the rows without one.';
COMMENT ON COLUMN daily.day IS 'The day, in the zone of docket.reporting.';
COMMENT ON COLUMN daily.queue IS 'The queue that the case was in after it happened.';
COMMENT ON COLUMN daily.opened IS 'Cases that were opened, by the first queue that they were in.';
COMMENT ON COLUMN daily.resolved IS 'Times that a case became resolved.';
COMMENT ON COLUMN daily.closed IS 'Times that a case was closed.';
COMMENT ON COLUMN daily.reopened IS 'Times that a case came back after it was resolved, closed or cancelled.';
COMMENT ON COLUMN daily.transferred_in IS 'Times that a case came from another queue.';
COMMENT ON COLUMN daily.transferred_out IS 'Times that a case went to another queue.';
COMMENT ON COLUMN daily.backlog_at_end IS 'Cases in the backlog of the queue at the end of the day; of today, now.';
COMMENT ON COLUMN daily.breached IS 'Clocks that were breached, as in docket.outcomes.';
COMMENT ON COLUMN daily.met IS 'Clocks that were met, as in docket.outcomes.';
