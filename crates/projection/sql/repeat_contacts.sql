CREATE OR REPLACE FUNCTION repeat_contacts(within interval)
RETURNS TABLE (
    case_id uuid, previous_case_id uuid, customer_id text, category text, gap_seconds double precision,
    opened_at timestamptz
)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT
        later.case_id, later.previous_case_id, later.customer_id, later.category,
        extract(epoch FROM later.opened_at - later.solved_at)::double precision, later.opened_at
    FROM checked_within(within) AS length
    CROSS JOIN (
        SELECT
            cases.case_id, cases.customer_id, cases.category, cases.opened_at,
            lag(cases.case_id) OVER by_time AS previous_case_id,
            lag(cases.first_resolved_at) OVER by_time AS solved_at
        FROM cases
        WHERE cases.customer_id IS NOT NULL AND cases.category IS NOT NULL
        WINDOW by_time AS (PARTITION BY cases.customer_id, cases.category ORDER BY cases.opened_at, cases.case_id)
    ) AS later
    WHERE later.opened_at >= later.solved_at AND later.opened_at < later.solved_at + length;
END;

COMMENT ON FUNCTION repeat_contacts IS 'Cases that were opened by the same customer with the same category within a length of time from the first resolution of their previous one. Of two cases that were opened at one instant, the one with the smaller case_id comes first.';
