CREATE OR REPLACE FUNCTION first_contact_resolution(within interval, "from" timestamptz, "to" timestamptz)
RETURNS TABLE (queue text, eligible bigint, resolved_at_first bigint, rate double precision)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        times.first_resolution_queue, count(*), count(*) FILTER (WHERE is_first.yes),
        count(*) FILTER (WHERE is_first.yes)::double precision / count(*)
    FROM cases
    JOIN case_times AS times USING (case_id)
    LEFT JOIN LATERAL (
        SELECT true AS yes FROM cases AS again
        WHERE again.customer_id = cases.customer_id AND again.category = cases.category
            AND again.case_id <> cases.case_id AND again.opened_at >= cases.first_resolved_at
            AND again.opened_at < cases.first_resolved_at + coalesce(within, '0')
        LIMIT 1
    ) AS came_again ON true
    CROSS JOIN LATERAL (
        SELECT came_again.yes IS NULL
            AND (times.first_reopened_at IS NULL OR times.first_reopened_at >= cases.first_resolved_at + coalesce(within, '0')) AS yes
    ) AS is_first
    WHERE (SELECT checked_period("from", "to")) IS NOT NULL AND (SELECT checked_within(within)) IS NOT NULL
        AND cases.first_resolved_at >= coalesce("from", '-infinity') AND cases.first_resolved_at < coalesce("to", 'infinity')
        AND cases.first_resolved_at + coalesce(within, '0') <= now()
    GROUP BY times.first_resolution_queue
    ORDER BY times.first_resolution_queue NULLS LAST;
END;

COMMENT ON FUNCTION first_contact_resolution IS 'Cases that were first resolved in a period and whose window has passed since, by the queue that they were in then; and how many of them did not come back within the window, neither by being reopened nor by another case of the same customer with the same category. Rates are 0 to 1.';
