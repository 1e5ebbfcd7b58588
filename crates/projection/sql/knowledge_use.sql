CREATE OR REPLACE FUNCTION knowledge_use("from" timestamptz, "to" timestamptz)
RETURNS TABLE (article_id text, cases bigint, resolved bigint, rate double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH solved AS MATERIALIZED (
        SELECT cases.case_id FROM cases
        WHERE (SELECT checked_period("from", "to")) IS NOT NULL
            AND cases.first_resolved_at >= coalesce("from", '-infinity') AND cases.first_resolved_at < coalesce("to", 'infinity')
    ), used AS (
        SELECT article_events.case_id, article_events.article_id
        FROM article_events
        JOIN solved USING (case_id)
        WHERE article_events.article_id IS NOT NULL
        GROUP BY article_events.case_id, article_events.article_id
        -- The last that happened to it.
        HAVING (array_agg(article_events.event ORDER BY article_events.version DESC))[1] <> 'detached'
    )
    SELECT counted.article_id, counted.cases, resolved.cases, counted.cases::double precision / nullif(resolved.cases, 0)
    FROM (
        SELECT used.article_id, count(DISTINCT used.case_id) AS cases
        FROM used
        GROUP BY GROUPING SETS ((used.article_id), ())
    ) AS counted
    CROSS JOIN (SELECT count(*) AS cases FROM solved) AS resolved
    ORDER BY counted.article_id IS NOT NULL, counted.cases DESC, counted.article_id;
END;

COMMENT ON FUNCTION knowledge_use IS 'Over the cases that were first resolved in a period: how many have an article, attached or as what solved them; the row without an article counts those with any, the others those with that one. The rate, 0 to 1, is of all resolved cases.';
