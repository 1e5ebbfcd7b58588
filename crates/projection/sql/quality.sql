CREATE OR REPLACE FUNCTION quality("from" timestamptz, "to" timestamptz, by text)
RETURNS TABLE (
    value text, resolved bigint, reopened bigint, reopen_rate double precision, transferred bigint,
    transfer_rate double precision, ping_pong bigint, one_touch bigint, one_touch_rate double precision,
    mean_handle_seconds double precision, closed bigint
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        value_by(
            by, times.first_resolution_queue, times.first_resolution_priority, cases.type, cases.category,
            cases.channel, cases.tier, times.first_resolution_agent
        ),
        count(*),
        count(*) FILTER (WHERE cases.reopen_count > 0),
        count(*) FILTER (WHERE cases.reopen_count > 0)::double precision / count(*),
        count(*) FILTER (WHERE cases.transfer_count > 0),
        count(*) FILTER (WHERE cases.transfer_count > 0)::double precision / count(*),
        count(*) FILTER (WHERE cases.ping_pong),
        count(*) FILTER (WHERE times.one_touch),
        count(*) FILTER (WHERE times.one_touch)::double precision / count(*),
        (avg(cases.handle_seconds) FILTER (WHERE cases.closed_at IS NOT NULL))::double precision,
        count(*) FILTER (WHERE cases.closed_at IS NOT NULL)
    FROM cases
    JOIN case_times AS times USING (case_id)
    WHERE (SELECT checked_period("from", "to")) IS NOT NULL AND (SELECT checked_by(by)) IS NOT NULL
        AND cases.first_resolved_at >= coalesce("from", '-infinity') AND cases.first_resolved_at < coalesce("to", 'infinity')
    GROUP BY 1
    ORDER BY 1 NULLS LAST;
END;

COMMENT ON FUNCTION quality IS 'Over the cases that were first resolved in a period, by queue, priority or agent (as they were then), type, category, channel or tier: how many were reopened at least once, changed their queue at least once, went back to the queue that they had just come from (ping_pong), and were solved with at most one public response by a human and never reopened (one_touch); and the mean of the recorded work on those that are closed (closed), in seconds. Rates are 0 to 1.';
