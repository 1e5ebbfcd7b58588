CREATE OR REPLACE VIEW queues WITH (security_invoker) AS
WITH backlog AS (
    SELECT
        queue,
        count(*) AS open,
        count(*) FILTER (WHERE assignee IS NULL) AS unassigned,
        count(*) FILTER (WHERE status LIKE 'pending_%') AS pending,
        min(opened_at) AS oldest_opened_at
    FROM tables.cases
    WHERE is_active
    GROUP BY queue
), pending_clocks AS (
    SELECT
        cases.queue,
        count(*) FILTER (WHERE clocks.state = 'running' AND clocks.warn_at <= now()) AS at_risk,
        count(*) FILTER (
            WHERE clocks.breached_at IS NOT NULL OR clocks.state = 'running' AND clocks.due_at < now()
        ) AS breached
    FROM tables.cases
    JOIN tables.clock_states AS clocks USING (case_no)
    WHERE clocks.state IN ('running', 'paused') AND cases.is_active
    GROUP BY cases.queue
)
SELECT
    backlog.queue, backlog.open, backlog.unassigned, backlog.pending, backlog.oldest_opened_at,
    now() - backlog.oldest_opened_at AS oldest_age,
    coalesce(pending_clocks.at_risk, 0) AS at_risk,
    coalesce(pending_clocks.breached, 0) AS breached
FROM backlog
LEFT JOIN pending_clocks ON pending_clocks.queue IS NOT DISTINCT FROM backlog.queue;

COMMENT ON VIEW queues IS 'The backlog by queue, now. Cases that were not routed yet are in the row without a queue; a queue without open cases has no row.

at_risk and breached count clocks, not cases: one case can have two.';
COMMENT ON COLUMN queues.queue IS 'The queue.';
COMMENT ON COLUMN queues.open IS 'Cases in the backlog: new, open or pending.';
COMMENT ON COLUMN queues.unassigned IS 'Those of them that nobody has.';
COMMENT ON COLUMN queues.pending IS 'Those of them that wait.';
COMMENT ON COLUMN queues.oldest_opened_at IS 'When the oldest of them began.';
COMMENT ON COLUMN queues.oldest_age IS 'Its age.';
COMMENT ON COLUMN queues.at_risk IS 'Running clocks of these cases that are past their warning instant, breached ones included.';
COMMENT ON COLUMN queues.breached IS 'Running or paused clocks of these cases that are breached.';
