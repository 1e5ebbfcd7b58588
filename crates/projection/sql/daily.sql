CREATE OR REPLACE VIEW daily WITH (security_invoker) AS
WITH zone AS (
    SELECT zone FROM reporting
), counted AS (
    SELECT
        day, queue, opened, resolved, closed, reopened, transferred_in, transferred_out, came - went AS more, breached,
        met
    FROM tables.day_queues
    UNION ALL
    SELECT (at AT TIME ZONE (SELECT zone FROM zone))::date, coalesce(queue, ''), 0, 0, 0, 0, 0, 0, 0, 1, 0
    FROM overdue
), days AS (
    SELECT series.day::date AS day, queues.queue
    FROM (SELECT queue, min(day) AS first FROM counted GROUP BY queue) AS queues
    CROSS JOIN LATERAL generate_series(
        queues.first::timestamp, (now() AT TIME ZONE (SELECT zone FROM zone))::date::timestamp, interval '1 day'
    ) AS series (day)
)
SELECT
    days.day, nullif(days.queue, '') AS queue,
    coalesce(sum(counted.opened), 0)::bigint AS opened,
    coalesce(sum(counted.resolved), 0)::bigint AS resolved,
    coalesce(sum(counted.closed), 0)::bigint AS closed,
    coalesce(sum(counted.reopened), 0)::bigint AS reopened,
    coalesce(sum(counted.transferred_in), 0)::bigint AS transferred_in,
    coalesce(sum(counted.transferred_out), 0)::bigint AS transferred_out,
    sum(coalesce(sum(counted.more), 0)) OVER (PARTITION BY days.queue ORDER BY days.day)::bigint AS backlog_at_end,
    coalesce(sum(counted.breached), 0)::bigint AS breached,
    coalesce(sum(counted.met), 0)::bigint AS met
FROM days
LEFT JOIN counted USING (day, queue)
GROUP BY days.day, days.queue;

COMMENT ON VIEW daily IS 'What happened each day in each queue, from the first day of the queue until today, days on which nothing happened included. Cases that are in no queue stand in the rows without one.';
COMMENT ON COLUMN daily.day IS 'The day, in the zone of docket.reporting.';
COMMENT ON COLUMN daily.queue IS 'The queue that the case was in after it happened.';
COMMENT ON COLUMN daily.opened IS 'Cases that were opened, by the first queue that they were in.';
COMMENT ON COLUMN daily.resolved IS 'Times that a case became resolved.';
COMMENT ON COLUMN daily.closed IS 'Times that a case was closed, on the day of the entry that says so: one that closed by itself may have been due the day before (docket.cases.closed_at).';
COMMENT ON COLUMN daily.reopened IS 'Times that a case came back after it was resolved, closed or cancelled.';
COMMENT ON COLUMN daily.transferred_in IS 'Times that a case came from another queue.';
COMMENT ON COLUMN daily.transferred_out IS 'Times that a case went to another queue.';
COMMENT ON COLUMN daily.backlog_at_end IS 'Cases in the backlog of the queue at the end of the day; of today, now.';
COMMENT ON COLUMN daily.breached IS 'Clocks that were breached, as in docket.outcomes.';
COMMENT ON COLUMN daily.met IS 'Clocks that were met, as in docket.outcomes.';
