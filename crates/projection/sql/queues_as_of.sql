CREATE OR REPLACE FUNCTION queues_as_of(t timestamptz)
RETURNS TABLE (
    queue text, open bigint, unassigned bigint, pending bigint, oldest_opened_at timestamptz, oldest_age interval,
    at_risk bigint, breached bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH active AS MATERIALIZED (
        SELECT past.case_no, past.queue, past.assignee, past.status, past.opened_at
        FROM case_history AS past
        WHERE past.from_at <= queues_as_of.t
            AND (past.until_at IS NULL OR past.until_at > queues_as_of.t)
            AND past.is_active
    ), backlog AS (
        SELECT
            active.queue,
            count(*) AS open,
            count(*) FILTER (WHERE active.assignee IS NULL) AS unassigned,
            count(*) FILTER (WHERE active.status LIKE 'pending_%') AS pending,
            min(active.opened_at) AS oldest_opened_at
        FROM active
        GROUP BY active.queue
    ), pending_clocks AS (
        SELECT
            active.queue,
            count(*) FILTER (WHERE clocks.state = 'running' AND clocks.warn_at <= queues_as_of.t) AS at_risk,
            count(*) FILTER (WHERE clocks.breached_at IS NOT NULL) AS breached
        FROM active
        JOIN clocks_as_of(queues_as_of.t) AS clocks USING (case_no)
        WHERE clocks.state IN ('running', 'paused')
        GROUP BY active.queue
    )
    SELECT
        backlog.queue, backlog.open, backlog.unassigned, backlog.pending, backlog.oldest_opened_at,
        queues_as_of.t - backlog.oldest_opened_at,
        coalesce(pending_clocks.at_risk, 0), coalesce(pending_clocks.breached, 0)
    FROM backlog
    LEFT JOIN pending_clocks ON pending_clocks.queue IS NOT DISTINCT FROM backlog.queue
    ORDER BY backlog.queue NULLS LAST;
END;

COMMENT ON FUNCTION queues_as_of IS 'docket.queues as it was at a past moment, at risk and breached included, from the moments of the entries, as known at the current position.';
