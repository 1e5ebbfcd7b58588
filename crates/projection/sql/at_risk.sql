CREATE OR REPLACE FUNCTION at_risk(horizon interval)
RETURNS TABLE (
    case_id uuid, clock text, queue text, assignee text, priority text, due_at timestamptz, warns_at timestamptz,
    breached boolean
)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT
        clocks.case_id, clocks.clock, cases.queue, cases.assignee, cases.priority, clocks.due_at, clocks.warn_at,
        clocks.breached_at IS NOT NULL
    FROM checked_within(horizon) AS within
    JOIN clocks ON clocks.state = 'running' AND clocks.due_at <= now() + within
    JOIN cases ON cases.case_id = clocks.case_id
    ORDER BY clocks.due_at, clocks.case_id, clocks.clock;
END;

COMMENT ON FUNCTION at_risk IS 'Clocks that run and fall due within a length of time from now, the most urgent first; those that are late already included.';
