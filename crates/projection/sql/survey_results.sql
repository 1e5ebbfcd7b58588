CREATE OR REPLACE FUNCTION survey_results("from" timestamptz, "to" timestamptz, survey text, by text)
RETURNS TABLE (value text, requested bigint, answered bigint, response_rate double precision, score double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH rounds AS (
        SELECT case_no, at, survey, queue, assignee, NULL::integer AS score FROM survey_requests
        UNION ALL
        SELECT case_no, at, survey, queue, assignee, score FROM survey_answers
    ), counted AS (
        SELECT
            value_by(
                by, rounds.queue, cases.priority, cases.type, cases.category, cases.channel, cases.tier,
                rounds.assignee
            ) AS value,
            count(*) FILTER (WHERE rounds.score IS NULL) AS requested,
            count(rounds.score) AS answered,
            avg(CASE survey_results.survey
                WHEN 'csat' THEN (rounds.score >= 4)::integer
                WHEN 'nps' THEN 100 * ((rounds.score >= 9)::integer - (rounds.score <= 6)::integer)
                ELSE rounds.score
            END)::double precision AS score
        FROM rounds
        LEFT JOIN cases USING (case_no)
        WHERE (SELECT checked_period("from", "to")) IS NOT NULL AND (SELECT checked_by(by)) IS NOT NULL
            AND (SELECT checked_word('survey', survey_results.survey, ARRAY['csat', 'ces', 'nps'])) IS NOT NULL
            AND rounds.survey = coalesce(survey_results.survey, '') AND rounds.at >= coalesce("from", '-infinity') AND rounds.at < coalesce("to", 'infinity')
        GROUP BY 1
    )
    SELECT counted.value, counted.requested, counted.answered,
        counted.answered::double precision / nullif(counted.requested, 0), counted.score
    FROM counted
    ORDER BY counted.value NULLS LAST;
END;

COMMENT ON FUNCTION survey_results IS 'Surveys in a period, by queue or agent (as they were then), priority, type, category, channel or tier: how often customers were asked, how often they answered, and the score: csat, answers of 4 or 5 / all answers, 0 to 1; ces, the mean, 1 to 7; nps, the percentage of 9 and 10 less that of 0 to 6, -100 to 100. The response rate is answers / requests of the period, so it passes 1 when answers belong to requests of before; null when nobody was asked.';
