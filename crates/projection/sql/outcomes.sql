CREATE OR REPLACE VIEW outcomes WITH (security_invoker) AS
SELECT
    cases.case_id, clocks.clock, clocks.instance, clocks.outcome_at AS at, clocks.breached_at IS NULL AS is_met,
    clocks.outcome_queue AS queue, clocks.outcome_priority AS priority, clocks.outcome_assignee AS agent,
    cases.type, cases.category, cases.channel, cases.tier, clocks.case_no
FROM tables.clock_states AS clocks
LEFT JOIN tables.cases USING (case_no)
WHERE clocks.outcome_at IS NOT NULL AND NOT clocks.is_left_out
UNION ALL
SELECT case_id, clock, instance, at, false, queue, priority, assignee, type, category, channel, tier, case_no
FROM overdue;

COMMENT ON VIEW outcomes IS 'One row for each clock that was met or breached, whichever came first: what counts in attainment. Clocks that were cancelled before their deadline are left out, and those that a merge into another case has cancelled; a breach is left out by nothing else.';
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
COMMENT ON COLUMN outcomes.case_no IS 'The number of the case, as in docket.cases.';
