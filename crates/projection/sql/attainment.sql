CREATE OR REPLACE FUNCTION attainment("from" timestamptz, "to" timestamptz, by text)
RETURNS TABLE (
    value text, met bigint, breached bigint, attainment double precision,
    cases_met bigint, cases_breached bigint, case_attainment double precision
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH counted AS (
        SELECT
            CASE by
                WHEN 'clock' THEN outcomes.clock
                ELSE value_by(
                    by, outcomes.queue, outcomes.priority, outcomes.type, outcomes.category, outcomes.channel,
                    outcomes.tier, outcomes.agent
                )
            END AS value,
            count(*) FILTER (WHERE outcomes.is_met) AS met,
            count(*) FILTER (WHERE NOT outcomes.is_met) AS breached
        FROM outcomes
        WHERE (SELECT checked_period("from", "to")) IS NOT NULL
            AND (SELECT checked_word('by', by, ARRAY['queue', 'priority', 'type', 'category', 'channel', 'tier', 'agent', 'clock'])) IS NOT NULL
            AND outcomes.at >= coalesce("from", '-infinity') AND outcomes.at < coalesce("to", 'infinity')
        GROUP BY 1, outcomes.case_no
    )
    SELECT
        counted.value, sum(counted.met)::bigint, sum(counted.breached)::bigint,
        sum(counted.met)::double precision / sum(counted.met + counted.breached)::double precision,
        count(*) FILTER (WHERE counted.breached = 0), count(*) FILTER (WHERE counted.breached > 0),
        count(*) FILTER (WHERE counted.breached = 0)::double precision / count(*)
    FROM counted
    GROUP BY counted.value
    ORDER BY counted.value NULLS LAST;
END;

COMMENT ON FUNCTION attainment IS 'Service levels kept in a period: met / (met + breached) over the clocks of docket.outcomes that ended in it, by queue, priority, type, category, channel, tier, agent (who had the case at that moment) or clock. A case is met when no clock of it that ended in the period was breached. Rates are 0 to 1.';
