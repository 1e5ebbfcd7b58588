CREATE OR REPLACE FUNCTION quality("from" timestamptz, "to" timestamptz, by text)
RETURNS TABLE (
    value text, resolved bigint, reopened bigint, reopen_rate double precision, transferred bigint,
    transfer_rate double precision, ping_pong bigint, one_touch bigint, one_touch_rate double precision,
    mean_handle_seconds double precision
)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT
        value_by(
            word, past.queue, past.priority, cases.type, cases.category, cases.channel, cases.tier,
            past.assignee
        ),
        count(*),
        count(*) FILTER (WHERE cases.reopen_count > 0),
        count(*) FILTER (WHERE cases.reopen_count > 0)::double precision / count(*),
        count(*) FILTER (WHERE cases.transfer_count > 0),
        count(*) FILTER (WHERE cases.transfer_count > 0)::double precision / count(*),
        count(*) FILTER (WHERE cases.ping_pong),
        count(*) FILTER (WHERE cases.replies <= 1 AND cases.reopen_count = 0),
        count(*) FILTER (WHERE cases.replies <= 1 AND cases.reopen_count = 0)::double precision / count(*),
        (avg(cases.handle_seconds) FILTER (WHERE cases.closed_at IS NOT NULL))::double precision
    FROM checked_period("from", "to") AS period
    CROSS JOIN checked_by(by) AS word
    JOIN cases ON cases.first_resolved_at >= lower(period) AND cases.first_resolved_at < upper(period)
    LEFT JOIN LATERAL (
        SELECT case_history.queue, case_history.priority, case_history.assignee FROM case_history
        WHERE word IN ('queue', 'priority', 'agent') AND case_history.case_id = cases.case_id
            AND case_history.status = 'resolved'
        ORDER BY case_history.version LIMIT 1
    ) AS past ON true
    GROUP BY 1
    ORDER BY 1 NULLS LAST;
END;

COMMENT ON FUNCTION quality IS 'Over the cases that were first resolved in a period, by queue, priority or agent (as they were then), type, category, channel or tier: how many were reopened at least once, changed their queue at least once, went back to the queue that they had just come from (ping_pong), and were solved with at most one public response by a human and never reopened (one_touch); and the mean of the recorded work on those that are closed, in seconds. Rates are 0 to 1.';
