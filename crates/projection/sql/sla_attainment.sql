CREATE OR REPLACE VIEW sla_attainment WITH (security_invoker) AS
WITH counted AS (
    SELECT day, queue, priority, clock, met, breached FROM tables.day_outcomes
    UNION ALL
    SELECT
        (at AT TIME ZONE (SELECT zone FROM reporting))::date, coalesce(queue, ''), coalesce(priority, ''), clock, 0, 1
    FROM overdue
)
SELECT
    day, nullif(queue, '') AS queue, nullif(priority, '') AS priority, clock,
    sum(met)::bigint AS met,
    sum(breached)::bigint AS breached,
    sum(met)::double precision / sum(met + breached)::double precision AS attainment
FROM counted
GROUP BY counted.day, counted.queue, counted.priority, counted.clock;

COMMENT ON VIEW sla_attainment IS 'met / (met + breached) over clocks whose deadline or satisfaction falls on the day. Clocks that were cancelled before their deadline are left out, and those that a merge into another case has cancelled; a breach is left out by nothing else.

A clock counts once: on the day of its breach if there is one, else on the day on which it was met. One that was breached and met later counts as breached, on the day of the breach. A breach that no tick has recorded yet counts with the queue and priority of now. Closing, withdrawing or moving a case takes no breach back. Merging it into another one takes the outcomes out of those clocks that it cancels, and taking the merge back brings them in again. assign with another queue moves the case and then ends its wait, so the wait was the old queue''s.';
COMMENT ON COLUMN sla_attainment.day IS 'The day, in the zone of docket.reporting.';
COMMENT ON COLUMN sla_attainment.queue IS 'The queue in which the clock ran at its end; null if there was none.';
COMMENT ON COLUMN sla_attainment.priority IS 'The priority, as it was at that moment.';
COMMENT ON COLUMN sla_attainment.clock IS 'The clock.';
COMMENT ON COLUMN sla_attainment.met IS 'Clocks met at or before their deadline.';
COMMENT ON COLUMN sla_attainment.breached IS 'Clocks whose deadline passed first, those still running and those cancelled since included.';
COMMENT ON COLUMN sla_attainment.attainment IS 'met / (met + breached), 0 to 1.';
