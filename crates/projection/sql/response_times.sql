CREATE OR REPLACE FUNCTION response_times("from" timestamptz, "to" timestamptz, by text)
RETURNS TABLE (
    value text, cases bigint, median_seconds double precision, p90_seconds double precision,
    mean_seconds double precision, business_cases bigint, median_business_seconds double precision,
    p90_business_seconds double precision, mean_business_seconds double precision
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        counted.value, counted.cases, counted.quantiles[1], counted.quantiles[2], counted.mean, counted.business_cases,
        counted.business_quantiles[1], counted.business_quantiles[2], counted.business_mean
    FROM (
        -- Means are of whole milliseconds, whose sum is the same in whatever order they are added.
        SELECT
            value_by(
                by, times.first_response_queue, times.first_response_priority, cases.type, cases.category, cases.channel,
                cases.tier, cases.first_responder
            ) AS value,
            count(*) AS cases,
            percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY times.first_response_seconds) AS quantiles,
            sum(round(times.first_response_seconds * 1000)::bigint)::double precision / (1000 * count(times.first_response_seconds))
                AS mean,
            count(times.first_response_business_seconds) AS business_cases,
            percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY times.first_response_business_seconds) AS business_quantiles,
            sum(round(times.first_response_business_seconds * 1000)::bigint)::double precision / (1000 * count(times.first_response_business_seconds))
                AS business_mean
        FROM cases
        JOIN case_times AS times USING (case_id)
        WHERE (SELECT checked_period("from", "to")) IS NOT NULL AND (SELECT checked_by(by)) IS NOT NULL
            AND cases.first_response_at >= coalesce("from", '-infinity') AND cases.first_response_at < coalesce("to", 'infinity')
        GROUP BY 1
    ) AS counted
    ORDER BY counted.value NULLS LAST;
END;

COMMENT ON FUNCTION response_times IS 'From the opening of a case to its first public response by a human, over the cases whose first response was in the period: by queue or priority (as they were then), type, category, channel, tier, or agent (who responded). Seconds by the clock on the wall, and business seconds, as docket.case_times counts them, over the cases that have a calendar (business_cases). Prefer the median and the 90th percentile to the mean.';
