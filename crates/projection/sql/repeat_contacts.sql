CREATE OR REPLACE FUNCTION repeat_contacts(within interval)
RETURNS TABLE (
    case_id uuid, previous_case_id uuid, customer_id text, category text, gap_seconds double precision,
    opened_at timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        later.case_id, previous.case_id, later.customer_id, later.category,
        seconds_between(previous.first_resolved_at, later.opened_at), later.opened_at
    FROM cases AS later
    CROSS JOIN LATERAL (
        SELECT before.case_id, before.first_resolved_at FROM cases AS before
        WHERE before.customer_id = later.customer_id AND before.category = later.category
            AND (before.opened_at, before.case_id) < (later.opened_at, later.case_id)
        ORDER BY before.opened_at DESC, before.case_id DESC LIMIT 1
    ) AS previous
    WHERE (SELECT checked_within(within)) IS NOT NULL
        AND previous.first_resolved_at <= later.opened_at AND later.opened_at < previous.first_resolved_at + coalesce(within, '0');
END;

COMMENT ON FUNCTION repeat_contacts IS 'Cases that were opened by the same customer with the same category within a length of time from the first resolution of their previous one. Of two cases that were opened at one instant, the one with the smaller case_id comes first.';
