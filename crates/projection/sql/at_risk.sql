CREATE OR REPLACE FUNCTION at_risk(horizon interval)
RETURNS TABLE (
    case_id uuid, clock text, queue text, assignee text, priority text, due_at timestamptz, warns_at timestamptz,
    breached boolean
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Only cases in the backlog have clocks that run.
    SELECT
        clocks.case_id, clocks.clock, cases.queue, cases.assignee, cases.priority, clocks.due_at, clocks.warn_at,
        clocks.breached_at IS NOT NULL
    FROM cases
    JOIN clocks USING (case_no)
    WHERE (SELECT checked_within(horizon)) IS NOT NULL
        AND cases.is_active AND clocks.state = 'running' AND clocks.due_at < now() + coalesce(horizon, '0')
    ORDER BY clocks.due_at, clocks.case_id, clocks.clock;
END;

COMMENT ON FUNCTION at_risk IS 'Clocks that run and fall due within a length of time from now, the most urgent first; those that are late already included.';
