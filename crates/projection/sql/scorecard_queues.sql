CREATE OR REPLACE FUNCTION scorecard_queues("from" timestamptz, "to" timestamptz)
RETURNS TABLE (
    queue text, opened bigint, resolved bigint, reopened bigint, reopen_rate double precision, transferred bigint,
    transfer_rate double precision, one_touch bigint, one_touch_rate double precision, responses bigint,
    median_response_seconds double precision, p90_response_seconds double precision, resolutions bigint,
    median_resolution_seconds double precision, p90_resolution_seconds double precision, clocks_met bigint,
    clocks_breached bigint, attainment double precision, surveys_requested bigint, surveys_answered bigint,
    csat double precision, backlog bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        value, coalesce(opened.cases, 0), coalesce(quality.resolved, 0), coalesce(quality.reopened, 0),
        quality.reopen_rate, coalesce(quality.transferred, 0), quality.transfer_rate, coalesce(quality.one_touch, 0),
        quality.one_touch_rate, coalesce(responses.cases, 0), responses.median_seconds, responses.p90_seconds,
        coalesce(resolutions.cases, 0), resolutions.median_seconds, resolutions.p90_seconds,
        coalesce(outcomes.met, 0), coalesce(outcomes.breached, 0), outcomes.attainment,
        coalesce(surveys.requested, 0), coalesce(surveys.answered, 0), surveys.score, coalesce(backlog.cases, 0)
    FROM (
        SELECT cases.first_queue AS value, count(*) AS cases
        FROM cases
        WHERE cases.opened_at >= coalesce("from", '-infinity') AND cases.opened_at < coalesce("to", 'infinity')
        GROUP BY cases.first_queue
    ) AS opened
    FULL JOIN quality("from", "to", 'queue') AS quality USING (value)
    FULL JOIN response_times("from", "to", 'queue') AS responses USING (value)
    FULL JOIN resolution_times("from", "to", 'queue') AS resolutions USING (value)
    -- docket.attainment counts cases as well, which takes twice as long.
    FULL JOIN (
        SELECT
            outcomes.queue AS value, count(*) FILTER (WHERE outcomes.is_met) AS met,
            count(*) FILTER (WHERE NOT outcomes.is_met) AS breached,
            count(*) FILTER (WHERE outcomes.is_met)::double precision / count(*) AS attainment
        FROM outcomes
        WHERE outcomes.at >= coalesce("from", '-infinity') AND outcomes.at < coalesce("to", 'infinity')
        GROUP BY outcomes.queue
    ) AS outcomes USING (value)
    FULL JOIN survey_results("from", "to", 'csat', 'queue') AS surveys USING (value)
    FULL JOIN (
        SELECT past.queue AS value, sum(past.cases)::bigint AS cases
        FROM backlog_as_of(least("to", now())) AS past
        GROUP BY past.queue
    ) AS backlog USING (value)
    WHERE value IS NOT NULL
    ORDER BY value;
END;

COMMENT ON FUNCTION scorecard_queues IS 'One row for each queue in which something happened in a period: cases opened into it; cases first resolved in it and what became of them, as docket.quality counts; median and 90th percentile of first responses and of resolutions that stand, in seconds; clocks that ended in it; CSAT of the surveys on its cases, 0 to 1; and its backlog at the end of the period, or now if that is later.';
