CREATE OR REPLACE VIEW clock_states AS
SELECT
    case_id, clock, instance, state, target_seconds, calendar, policy, started_at, due_at, warn_at,
    remaining_seconds, met_at, breached_at, elapsed_seconds, business_elapsed_seconds, outcome_queue,
    outcome_priority, is_left_out
FROM tables.clock_states;

COMMENT ON VIEW clock_states IS 'Clocks as their last event left them. Read docket.clocks, which adds the breaches that only time has made.';
COMMENT ON COLUMN clock_states.case_id IS 'The case.';
COMMENT ON COLUMN clock_states.clock IS 'Which clock.';
COMMENT ON COLUMN clock_states.instance IS 'The n-th of its kind on the case, from 1.';
COMMENT ON COLUMN clock_states.state IS 'running, paused, met or cancelled.';
COMMENT ON COLUMN clock_states.target_seconds IS 'The target, in open seconds of the calendar.';
COMMENT ON COLUMN clock_states.calendar IS 'The calendar that it counts by.';
COMMENT ON COLUMN clock_states.policy IS 'The policy version that it started under.';
COMMENT ON COLUMN clock_states.started_at IS 'When it started.';
COMMENT ON COLUMN clock_states.due_at IS 'The deadline; null while paused.';
COMMENT ON COLUMN clock_states.warn_at IS 'When it is at risk; null while paused.';
COMMENT ON COLUMN clock_states.remaining_seconds IS 'Open seconds left as of its last event.';
COMMENT ON COLUMN clock_states.met_at IS 'When it was met.';
COMMENT ON COLUMN clock_states.breached_at IS 'The recorded breach.';
COMMENT ON COLUMN clock_states.elapsed_seconds IS 'Seconds run as of its last event, pauses left out.';
COMMENT ON COLUMN clock_states.business_elapsed_seconds IS 'Open seconds run as of its last event, pauses left out.';
COMMENT ON COLUMN clock_states.outcome_queue IS 'The queue in which the clock ran when it was met or breached, whichever came first; null if there was none.';
COMMENT ON COLUMN clock_states.outcome_priority IS 'The priority that the case had then.';
COMMENT ON COLUMN clock_states.is_left_out IS 'Whether it was cancelled since the case goes on in another one; then it counts in no attainment.';
