CREATE OR REPLACE FUNCTION knowledge_use("from" timestamptz, "to" timestamptz)
RETURNS TABLE (article_id text, cases bigint, resolved bigint, rate double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH used AS (
        SELECT events.case_no, events.article_id
        FROM article_events AS events
        JOIN cases ON cases.case_no = events.case_no
            AND cases.first_resolved_at >= coalesce("from", '-infinity')
            AND cases.first_resolved_at < coalesce("to", 'infinity')
        WHERE events.article_id IS NOT NULL
        GROUP BY events.case_no, events.article_id
        -- The last that happened to it.
        HAVING max(events.version) FILTER (WHERE events.event <> 'detached')
            > coalesce(max(events.version) FILTER (WHERE events.event = 'detached'), 0)
    ), counted AS (
        SELECT used.article_id, count(*) AS cases FROM used GROUP BY used.article_id
        UNION ALL
        SELECT NULL, count(DISTINCT used.case_no) FROM used
    )
    SELECT
        counted.article_id, counted.cases, resolved.cases, counted.cases::double precision / nullif(resolved.cases, 0)
    FROM counted
    CROSS JOIN (
        SELECT count(*) AS cases FROM cases
        WHERE cases.first_resolved_at >= coalesce("from", '-infinity')
            AND cases.first_resolved_at < coalesce("to", 'infinity')
    ) AS resolved
    WHERE (SELECT checked_period("from", "to")) IS NOT NULL
    ORDER BY counted.article_id IS NOT NULL, counted.cases DESC, counted.article_id;
END;

COMMENT ON FUNCTION knowledge_use IS 'Over the cases that were first resolved in a period: how many have an article, attached or as what solved them; the row without an article counts those with any, the others those with that one. The rate, 0 to 1, is of all resolved cases.';
