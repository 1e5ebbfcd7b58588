ALTER TABLE clock_states ADD COLUMN is_left_out boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN clock_states.is_left_out IS 'Whether it was cancelled since the case goes on in another one; then it counts in no attainment.';
COMMENT ON COLUMN clock_states.outcome_queue IS 'The queue in which the clock ran when it was met or breached, whichever came first; null if there was none.';
