CREATE OR REPLACE VIEW outcomes AS
SELECT
    cases.case_id, clocks.clock, clocks.instance,
    coalesce(clocks.breached_at, overdue.at, clocks.met_at) AS at,
    coalesce(clocks.breached_at, overdue.at) IS NULL AS is_met,
    CASE WHEN recorded.is_known THEN clocks.outcome_queue ELSE cases.queue END AS queue,
    CASE WHEN recorded.is_known THEN clocks.outcome_priority ELSE cases.priority END AS priority,
    CASE WHEN recorded.is_known THEN clocks.outcome_assignee ELSE cases.assignee END AS agent,
    cases.type, cases.category, cases.channel, cases.tier
FROM tables.clock_states AS clocks
JOIN tables.cases USING (case_no)
CROSS JOIN LATERAL (
    SELECT coalesce(clocks.breached_at, clocks.met_at) IS NOT NULL AS is_known
) AS recorded
CROSS JOIN LATERAL (
    SELECT CASE WHEN clocks.state = 'running' AND clocks.due_at < now() THEN clocks.due_at END AS at
) AS overdue
WHERE NOT clocks.is_left_out AND coalesce(clocks.breached_at, overdue.at, clocks.met_at) IS NOT NULL;

COMMENT ON VIEW outcomes IS 'One row for each clock that was met or breached, whichever came first: what counts in attainment. Clocks that were cancelled before their deadline are left out, and those of a case that goes on in another one; a breach never is.';
COMMENT ON COLUMN outcomes.case_id IS 'The case.';
COMMENT ON COLUMN outcomes.clock IS 'The clock.';
COMMENT ON COLUMN outcomes.instance IS 'The n-th of its kind on the case, from 1.';
COMMENT ON COLUMN outcomes.at IS 'When it was met, or its deadline if it was breached.';
COMMENT ON COLUMN outcomes.is_met IS 'Whether it was met at or before its deadline.';
COMMENT ON COLUMN outcomes.queue IS 'The queue in which the clock ran at its end; null if there was none.';
COMMENT ON COLUMN outcomes.priority IS 'The priority, as it was at that moment.';
COMMENT ON COLUMN outcomes.agent IS 'Who had the case at that moment; null when nobody had.';
COMMENT ON COLUMN outcomes.type IS 'The type of the case, as it is now.';
COMMENT ON COLUMN outcomes.category IS 'The category of the case, as it is now.';
COMMENT ON COLUMN outcomes.channel IS 'The channel of the case.';
COMMENT ON COLUMN outcomes.tier IS 'The tier of the customer.';
