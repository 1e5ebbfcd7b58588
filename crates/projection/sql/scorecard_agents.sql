CREATE OR REPLACE FUNCTION scorecard_agents("from" timestamptz, "to" timestamptz)
RETURNS TABLE (
    agent text, resolved bigint, reopened bigint, reopen_rate double precision, one_touch bigint,
    one_touch_rate double precision, transferred bigint, transfer_rate double precision, responses bigint,
    median_response_seconds double precision, resolutions bigint, median_resolution_seconds double precision,
    clocks_met bigint, clocks_breached bigint, attainment double precision, surveys_requested bigint,
    surveys_answered bigint, csat double precision, efforts bigint, handle_seconds bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        value, coalesce(quality.resolved, 0), coalesce(quality.reopened, 0), quality.reopen_rate,
        coalesce(quality.one_touch, 0), quality.one_touch_rate, coalesce(quality.transferred, 0), quality.transfer_rate,
        coalesce(responses.cases, 0), responses.median_seconds, coalesce(resolutions.cases, 0),
        resolutions.median_seconds, coalesce(outcomes.met, 0), coalesce(outcomes.breached, 0), outcomes.attainment,
        coalesce(surveys.requested, 0), coalesce(surveys.answered, 0), surveys.score, coalesce(work.efforts, 0),
        coalesce(work.seconds, 0)
    FROM quality("from", "to", 'agent') AS quality
    FULL JOIN response_times("from", "to", 'agent') AS responses USING (value)
    FULL JOIN resolution_times("from", "to", 'agent') AS resolutions USING (value)
    -- docket.attainment counts cases as well, which takes twice as long.
    FULL JOIN (
        SELECT
            outcomes.agent AS value, count(*) FILTER (WHERE outcomes.is_met) AS met,
            count(*) FILTER (WHERE NOT outcomes.is_met) AS breached,
            count(*) FILTER (WHERE outcomes.is_met)::double precision / count(*) AS attainment
        FROM outcomes
        WHERE outcomes.at >= coalesce("from", '-infinity') AND outcomes.at < coalesce("to", 'infinity')
        GROUP BY outcomes.agent
    ) AS outcomes USING (value)
    FULL JOIN survey_results("from", "to", 'csat', 'agent') AS surveys USING (value)
    FULL JOIN (
        SELECT efforts.agent AS value, count(*) AS efforts, sum(efforts.seconds)::bigint AS seconds
        FROM efforts
        WHERE efforts.at >= coalesce("from", '-infinity') AND efforts.at < coalesce("to", 'infinity')
        GROUP BY efforts.agent
    ) AS work USING (value)
    WHERE value IS NOT NULL
    ORDER BY value;
END;

COMMENT ON FUNCTION scorecard_agents IS 'One row for each agent who did something in a period: cases first resolved while with the agent and what became of them, as docket.quality counts (resolved to transfer_rate); first responses given and their median time; resolutions that stand and their median time; clocks that ended while the agent had the case; CSAT of the surveys on their cases, 0 to 1; and recorded work in seconds.';
