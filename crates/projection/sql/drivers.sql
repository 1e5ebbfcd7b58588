CREATE OR REPLACE FUNCTION drivers(day date, weeks integer)
RETURNS TABLE (
    category text, this_week bigint, mean_before double precision, change double precision, deviations double precision
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        counted.category, counted.this_week, counted.mean_before, counted.this_week - counted.mean_before,
        (counted.this_week - counted.mean_before) / nullif(sqrt(counted.mean_before), 0)
    FROM (
        SELECT
            cases.category,
            count(*) FILTER (WHERE cases.opened_at >= bounds.begins) AS this_week,
            count(*) FILTER (WHERE cases.opened_at < bounds.begins)::double precision / drivers.weeks AS mean_before
        FROM (
            SELECT
                instant_of(date_trunc('week', drivers.day::timestamp), reporting.zone) AS begins,
                instant_of(date_trunc('week', drivers.day::timestamp) + interval '7 days', reporting.zone) AS ends,
                instant_of(date_trunc('week', drivers.day::timestamp) - length, reporting.zone) AS before
            FROM reporting
            CROSS JOIN checked_within(drivers.weeks * interval '7 days') AS length
        ) AS bounds
        JOIN cases ON cases.opened_at >= bounds.before AND cases.opened_at < bounds.ends
        GROUP BY cases.category
    ) AS counted
    ORDER BY 5 DESC NULLS FIRST, 2 DESC, 1;
END;

COMMENT ON FUNCTION drivers IS 'Cases by category that were opened in the week of a day (from Monday, in the zone of docket.reporting), against the mean of so many weeks before it. How unusual that is stands in deviations: the change in standard deviations of a Poisson count with that mean; null for a category that did not come before.';
