CREATE OR REPLACE VIEW clocks WITH (security_invoker) AS
SELECT
    cases.case_id, clocks.clock, clocks.instance, clocks.state, clocks.target_seconds, clocks.calendar, clocks.policy,
    clocks.started_at, clocks.due_at, clocks.remaining_seconds, clocks.met_at,
    coalesce(clocks.breached_at, CASE WHEN clocks.state = 'running' AND clocks.due_at < now() THEN clocks.due_at END)
        AS breached_at,
    clocks.elapsed_seconds, clocks.business_elapsed_seconds, clocks.warn_at,
    clocks.changed_at, clocks.case_no
FROM tables.clock_states AS clocks
LEFT JOIN tables.cases USING (case_no);

COMMENT ON VIEW clocks IS 'Service-level clocks, one row per case, clock and instance.

business_elapsed_seconds is open time of calendar, whatever the unit of the target. A target in calendar days, weeks or months counts every second, and so do its target_seconds and remaining_seconds. Readings of such clocks that were written before Docket knew the difference have every second in business_elapsed_seconds, too. The time in which a case was over counts in neither of the two.';
COMMENT ON COLUMN clocks.case_id IS 'The case.';
COMMENT ON COLUMN clocks.clock IS 'first_response, next_response, update, resolution or ownership.';
COMMENT ON COLUMN clocks.instance IS 'The n-th of its kind on the case, from 1.';
COMMENT ON COLUMN clocks.state IS 'running, paused, met or cancelled. Breach stands beside it.';
COMMENT ON COLUMN clocks.target_seconds IS 'The target, in open seconds of the calendar.';
COMMENT ON COLUMN clocks.calendar IS 'The calendar that it counts by.';
COMMENT ON COLUMN clocks.policy IS 'The policy version that it started under.';
COMMENT ON COLUMN clocks.started_at IS 'When it started.';
COMMENT ON COLUMN clocks.due_at IS 'The deadline. Null unless it was running at its last event: null while paused.';
COMMENT ON COLUMN clocks.remaining_seconds IS 'Open seconds left as of its last event; negative when late.';
COMMENT ON COLUMN clocks.met_at IS 'When what it waits for happened.';
COMMENT ON COLUMN clocks.breached_at IS 'The recorded breach, else the deadline once it has passed while running. Never cleared.';
COMMENT ON COLUMN clocks.elapsed_seconds IS 'Seconds run as of its last event, pauses left out.';
COMMENT ON COLUMN clocks.business_elapsed_seconds IS 'Open seconds run as of its last event, pauses left out.';
COMMENT ON COLUMN clocks.warn_at IS 'When it is at risk; null while paused.';
COMMENT ON COLUMN clocks.changed_at IS 'The moment of the last entry that changed it.';
COMMENT ON COLUMN clocks.case_no IS 'The number of the case, as in docket.cases.';
