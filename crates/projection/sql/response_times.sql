CREATE OR REPLACE FUNCTION response_times("from" timestamptz, "to" timestamptz, by text)
RETURNS TABLE (
    value text, cases bigint, median_seconds double precision, p90_seconds double precision,
    mean_seconds double precision, business_cases bigint, median_business_seconds double precision,
    p90_business_seconds double precision, mean_business_seconds double precision
)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT
        value_by(
            word, past.queue, past.priority, cases.type, cases.category, cases.channel, cases.tier,
            cases.first_responder
        ),
        count(*),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY passed.seconds),
        percentile_cont(0.9) WITHIN GROUP (ORDER BY passed.seconds),
        avg(passed.seconds),
        count(passed.business_seconds),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY passed.business_seconds),
        percentile_cont(0.9) WITHIN GROUP (ORDER BY passed.business_seconds),
        avg(passed.business_seconds)
    FROM checked_period("from", "to") AS period
    CROSS JOIN checked_by(by) AS word
    JOIN cases ON cases.first_response_at >= lower(period) AND cases.first_response_at < upper(period)
    JOIN case_times USING (case_id)
    CROSS JOIN LATERAL (
        SELECT case_times.first_response_seconds AS seconds, case_times.first_response_business_seconds AS business_seconds
    ) AS passed
    LEFT JOIN LATERAL (
        SELECT case_history.queue, case_history.priority FROM case_history
        WHERE word IN ('queue', 'priority') AND case_history.case_id = cases.case_id
            AND case_history.from_at <= cases.first_response_at
        ORDER BY case_history.version DESC LIMIT 1
    ) AS past ON true
    GROUP BY 1
    ORDER BY 1 NULLS LAST;
END;

COMMENT ON FUNCTION response_times IS 'From the opening of a case to its first public response by a human, over the cases whose first response was in the period: by queue or priority (as they were then), type, category, channel, tier, or agent (who responded). Seconds by the clock on the wall, and business seconds, as docket.case_times counts them, over the cases that have a calendar (business_cases). Prefer the median and the 90th percentile to the mean.';
