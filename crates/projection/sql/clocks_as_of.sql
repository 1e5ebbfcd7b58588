CREATE OR REPLACE FUNCTION clocks_as_of(t timestamptz) RETURNS SETOF clocks
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Those that have not changed since are as they are, but for the deadlines that have passed since.
    SELECT
        now.case_id, now.clock, now.instance, now.state, now.target_seconds, now.calendar, now.policy, now.started_at,
        now.due_at, now.remaining_seconds, now.met_at,
        CASE WHEN now.breached_at <= now.changed_at OR now.breached_at < clocks_as_of.t THEN now.breached_at END,
        now.elapsed_seconds, now.business_elapsed_seconds, now.warn_at, now.changed_at, now.case_no
    FROM clocks AS now
    WHERE now.changed_at <= clocks_as_of.t
    UNION ALL
    -- The others are as their last event before said.
    SELECT
        now.case_id, now.clock, now.instance, was.state, (was.reading ->> 'targetSeconds')::bigint,
        was.reading ->> 'calendar', (was.reading ->> 'policy')::integer, (was.reading ->> 'startedAt')::timestamptz,
        due.at, (was.reading ->> 'remainingSeconds')::bigint,
        CASE WHEN was.is_met THEN now.met_at END,
        CASE
            WHEN was.is_breached THEN now.breached_at
            WHEN was.state = 'running' AND due.at < clocks_as_of.t THEN due.at
        END,
        (was.reading ->> 'elapsedSeconds')::bigint, (was.reading ->> 'businessElapsedSeconds')::bigint,
        (was.reading ->> 'warnAt')::timestamptz, was.changed_at, now.case_no
    FROM clocks AS now
    CROSS JOIN LATERAL (
        SELECT
            (array_agg(told.state ORDER BY told.position DESC, told.nth DESC) FILTER (WHERE told.state IS NOT NULL))[1]
                AS state,
            (array_agg(told.detail ORDER BY told.position DESC, told.nth DESC))[1] AS reading,
            bool_or(told.event = 'clockMet') AS is_met,
            bool_or(told.event = 'clockBreached') AS is_breached,
            max(told.at) AS changed_at
        FROM (
            SELECT
                entries.position, entries.at, events.nth, events.event, events.detail,
                CASE events.event
                    WHEN 'clockStarted' THEN 'running' WHEN 'clockResumed' THEN 'running'
                    WHEN 'clockPaused' THEN 'paused' WHEN 'clockMet' THEN 'met' WHEN 'clockCancelled' THEN 'cancelled'
                END AS state
            FROM case_entries AS entries
            CROSS JOIN LATERAL unnest(entries.events, entries.details) WITH ORDINALITY AS events (event, detail, nth)
            WHERE entries.case_id = now.case_id AND entries.at <= clocks_as_of.t
                AND starts_with(events.event, 'clock') AND events.detail ->> 'clock' = now.clock
                AND (events.detail ->> 'instance')::integer = now.instance
        ) AS told
    ) AS was
    CROSS JOIN LATERAL (SELECT (was.reading ->> 'dueAt')::timestamptz AS at) AS due
    WHERE now.changed_at > clocks_as_of.t AND now.started_at <= clocks_as_of.t
        AND was.reading IS NOT NULL;
END;

COMMENT ON FUNCTION clocks_as_of IS 'docket.clocks as it was at a past moment, from the moments of the entries, as known at the current position. breached_at is the recorded breach, or the deadline if that had passed by then while the clock ran.';
