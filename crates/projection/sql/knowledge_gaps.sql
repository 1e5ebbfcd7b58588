CREATE OR REPLACE FUNCTION knowledge_gaps("from" timestamptz, "to" timestamptz)
RETURNS TABLE (category text, searches bigint, cases bigint, last_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT cases.category, count(*), count(DISTINCT cases.case_id), max(missed.at)
    FROM article_events AS missed
    JOIN cases USING (case_id)
    WHERE (SELECT checked_period("from", "to")) IS NOT NULL
        AND missed.event = 'not_found' AND missed.at >= coalesce("from", '-infinity') AND missed.at < coalesce("to", 'infinity')
    GROUP BY cases.category
    ORDER BY 2 DESC, cases.category NULLS LAST;
END;

COMMENT ON FUNCTION knowledge_gaps IS 'Searches for an article that found none, in a period, by the category of the case: how many, in how many cases, and the last of them.';
