CREATE OR REPLACE FUNCTION first_contact_resolution(within interval, "from" timestamptz, "to" timestamptz)
RETURNS TABLE (queue text, eligible bigint, resolved_at_first bigint, rate double precision)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT
        solved.queue, count(*), count(*) FILTER (WHERE solved.at_first),
        count(*) FILTER (WHERE solved.at_first)::double precision / count(*)
    FROM (
        SELECT
            past.queue,
            NOT EXISTS (
                SELECT FROM case_history AS later
                WHERE later.case_id = cases.case_id AND later.version > past.version
                    AND is_active(later.status) AND later.from_at < cases.first_resolved_at + length
            ) AND NOT EXISTS (
                SELECT FROM cases AS again
                WHERE again.customer_id = cases.customer_id AND again.category = cases.category
                    AND again.case_id <> cases.case_id AND again.opened_at >= cases.first_resolved_at
                    AND again.opened_at < cases.first_resolved_at + length
            ) AS at_first
        FROM checked_period("from", "to") AS period
        CROSS JOIN checked_within(within) AS length
        JOIN cases ON cases.first_resolved_at >= lower(period) AND cases.first_resolved_at < upper(period)
            AND cases.first_resolved_at + length <= now()
        CROSS JOIN LATERAL (
            SELECT case_history.queue, case_history.version FROM case_history
            WHERE case_history.case_id = cases.case_id AND case_history.status = 'resolved'
            ORDER BY case_history.version LIMIT 1
        ) AS past
    ) AS solved
    GROUP BY solved.queue
    ORDER BY solved.queue NULLS LAST;
END;

COMMENT ON FUNCTION first_contact_resolution IS 'Cases that were first resolved in a period and whose window has passed since, by the queue that they were in then; and how many of them did not come back within the window, neither by being reopened nor by another case of the same customer with the same category. Rates are 0 to 1.';
