-- A breach stays in attainment whatever ends its clock; only a merge takes it out, until it is taken back. An outcome
-- belongs to the queue in which the clock ran, and to none if there was none.
UPDATE clock_states SET is_left_out = true
FROM case_timeline AS past
WHERE clock_states.state = 'cancelled'
  AND past.case_id = clock_states.case_id
  AND past.event = 'clockCancelled'
  AND past.detail->>'cause' = 'merge'
  AND past.detail->>'clock' = clock_states.clock
  AND (past.detail->>'instance')::integer = clock_states.instance;

CREATE OR REPLACE VIEW sla_attainment AS
WITH outcomes AS (
    SELECT
        (coalesce(clocks.breached_at, clocks.met_at) AT TIME ZONE 'UTC')::date AS day,
        CASE WHEN recorded.is_known THEN clock_states.outcome_queue ELSE cases.queue END AS queue,
        CASE WHEN recorded.is_known THEN clock_states.outcome_priority ELSE cases.priority END AS priority,
        clocks.clock,
        clocks.breached_at IS NULL AS is_met
    FROM clocks
    JOIN clock_states USING (case_id, clock, instance)
    JOIN cases USING (case_id)
    CROSS JOIN LATERAL (
        SELECT coalesce(clock_states.breached_at, clock_states.met_at) IS NOT NULL AS is_known
    ) AS recorded
    WHERE NOT clock_states.is_left_out AND coalesce(clocks.breached_at, clocks.met_at) IS NOT NULL
)
SELECT
    day, queue, priority, clock,
    count(*) FILTER (WHERE is_met) AS met,
    count(*) FILTER (WHERE NOT is_met) AS breached,
    count(*) FILTER (WHERE is_met)::double precision / count(*) AS attainment
FROM outcomes
GROUP BY day, queue, priority, clock;

COMMENT ON VIEW sla_attainment IS 'met / (met + breached) over clocks whose deadline or satisfaction falls on the day. Clocks that were cancelled before their deadline are left out, and those of a case that goes on in another one; a breach never is.';
COMMENT ON COLUMN sla_attainment.queue IS 'The queue in which the clock ran at its end; null if there was none.';
COMMENT ON COLUMN sla_attainment.breached IS 'Clocks whose deadline passed first, those still running and those cancelled since included.';
