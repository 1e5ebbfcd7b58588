CREATE OR REPLACE VIEW overdue WITH (security_invoker) AS
SELECT
    cases.case_id, clocks.clock, clocks.instance, clocks.due_at AS at, cases.queue, cases.priority, cases.assignee,
    cases.type, cases.category, cases.channel, cases.tier, clocks.case_no
FROM tables.cases
JOIN tables.clock_states AS clocks USING (case_no)
WHERE cases.is_active AND clocks.state = 'running' AND clocks.due_at < now() AND clocks.outcome_at IS NULL
    AND NOT clocks.is_left_out;

COMMENT ON VIEW overdue IS 'Clocks whose deadline has passed, but no tick has recorded it yet. Only cases in the backlog have clocks that run.';
COMMENT ON COLUMN overdue.case_id IS 'The case.';
COMMENT ON COLUMN overdue.clock IS 'The clock.';
COMMENT ON COLUMN overdue.instance IS 'The n-th of its kind on the case, from 1.';
COMMENT ON COLUMN overdue.at IS 'The deadline.';
COMMENT ON COLUMN overdue.queue IS 'The queue of the case.';
COMMENT ON COLUMN overdue.priority IS 'The priority of the case.';
COMMENT ON COLUMN overdue.assignee IS 'Who has the case.';
COMMENT ON COLUMN overdue.type IS 'The type of the case.';
COMMENT ON COLUMN overdue.category IS 'The category of the case.';
COMMENT ON COLUMN overdue.channel IS 'The channel of the case.';
COMMENT ON COLUMN overdue.tier IS 'The tier of the customer.';
COMMENT ON COLUMN overdue.case_no IS 'The number of the case.';
