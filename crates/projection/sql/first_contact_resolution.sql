CREATE OR REPLACE FUNCTION first_contact_resolution(within interval, "from" timestamptz, "to" timestamptz)
RETURNS TABLE (queue text, eligible bigint, resolved_at_first bigint, rate double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH eligible AS NOT MATERIALIZED (
        SELECT
            cases.case_id, cases.customer_id, cases.category, cases.first_resolved_at,
            times.first_resolution_queue AS queue, times.first_reopened_at
        FROM cases
        JOIN case_times AS times USING (case_id)
        WHERE (SELECT checked_period("from", "to")) IS NOT NULL AND (SELECT checked_within(within)) IS NOT NULL
            AND cases.first_resolved_at >= coalesce("from", '-infinity')
            AND cases.first_resolved_at < coalesce("to", 'infinity')
            AND cases.first_resolved_at + coalesce(within, '0') <= now()
    )
    SELECT
        counted.queue, sum(counted.eligible)::bigint, sum(counted.at_first)::bigint,
        sum(counted.at_first)::double precision / sum(counted.eligible)
    FROM (
        SELECT eligible.queue, 1 AS eligible, 0 AS at_first FROM eligible
        UNION ALL
        -- Those that did not come back.
        SELECT eligible.queue, 0, 1 FROM eligible
        WHERE (eligible.first_reopened_at IS NULL OR eligible.first_reopened_at >= eligible.first_resolved_at + within)
            AND NOT EXISTS (
                SELECT FROM cases AS again
                WHERE again.customer_id = eligible.customer_id AND again.category = eligible.category
                    AND again.case_id <> eligible.case_id AND again.opened_at >= eligible.first_resolved_at
                    AND again.opened_at < eligible.first_resolved_at + within
            )
    ) AS counted
    GROUP BY counted.queue
    ORDER BY counted.queue NULLS LAST;
END;

COMMENT ON FUNCTION first_contact_resolution IS 'Cases that were first resolved in a period and whose window has passed since, by the queue that they were in then; and how many of them did not come back within the window, neither by being reopened nor by another case of the same customer with the same category. Rates are 0 to 1.';
