CREATE OR REPLACE VIEW case_times WITH (security_invoker) AS
SELECT
    cases.case_id, cases.calendar,
    seconds_between(cases.opened_at, cases.first_response_at) AS first_response_seconds,
    cases.first_response_open_millis / 1000.0::double precision AS first_response_business_seconds,
    seconds_between(cases.opened_at, cases.first_resolved_at) AS first_resolution_seconds,
    cases.first_resolution_open_millis / 1000.0::double precision AS first_resolution_business_seconds,
    seconds_between(cases.opened_at, cases.resolved_at) AS resolution_seconds,
    cases.resolution_open_millis / 1000.0::double precision AS resolution_business_seconds,
    (cases.work_millis + cases.on_hold_millis) / 1000.0::double precision + still.working + still.on_hold
        AS customer_wait_seconds,
    cases.on_hold_millis / 1000.0::double precision + still.on_hold AS on_hold_seconds,
    cases.work_millis / 1000.0::double precision + still.working AS work_seconds,
    cases.handle_seconds, cases.replies, cases.messages,
    (
        SELECT count(DISTINCT who.assignee)::integer FROM (
            SELECT past.assignee FROM tables.case_history AS past WHERE past.case_no = cases.case_no
            UNION ALL
            SELECT cases.assignee
        ) AS who
    ) AS agents,
    (
        SELECT count(DISTINCT place.queue)::integer FROM (
            SELECT past.queue FROM tables.case_history AS past WHERE past.case_no = cases.case_no
            UNION ALL
            SELECT cases.queue
        ) AS place
    ) AS queues,
    cases.ping_pong,
    CASE WHEN cases.first_resolved_at IS NOT NULL THEN cases.replies <= 1 AND cases.reopen_count = 0 END AS one_touch,
    cases.first_responder,
    (
        SELECT CASE
            WHEN count(*) FILTER (
                WHERE clocks.breached_at IS NOT NULL OR clocks.state = 'running' AND clocks.due_at < now()
            ) > 0 THEN false
            WHEN count(*) FILTER (WHERE clocks.state IN ('running', 'paused')) > 0 THEN NULL
            WHEN count(clocks.met_at) > 0 THEN true
        END
        FROM tables.clock_states AS clocks
        WHERE clocks.case_no = cases.case_no AND NOT clocks.is_left_out
    ) AS all_clocks_met,
    cases.first_response_queue, cases.first_response_priority, cases.first_resolution_queue,
    cases.first_resolution_priority, cases.first_resolution_agent, cases.resolution_queue, cases.resolution_priority,
    cases.resolution_agent, cases.first_reopened_at
FROM tables.cases
CROSS JOIN LATERAL (
    SELECT
        CASE WHEN cases.status IN ('new', 'open') THEN passed.seconds ELSE 0 END AS working,
        CASE WHEN cases.status IN ('pending_third_party', 'pending_internal') THEN passed.seconds ELSE 0 END AS on_hold
    FROM (SELECT seconds_between(cases.since_at, now()) AS seconds) AS passed
) AS still;

COMMENT ON VIEW case_times IS 'One row for each case: how long it took, and how much of it there was. Business seconds are open time of one calendar, counted as the clocks count it: of the one that the resolution clock pinned, or else the first_response clock; null where neither ran.';
COMMENT ON COLUMN case_times.case_id IS 'The case.';
COMMENT ON COLUMN case_times.calendar IS 'The calendar of its business seconds; null when it has none.';
COMMENT ON COLUMN case_times.first_response_seconds IS 'From its opening to the first public response by a human, by the clock on the wall; null while there is none.';
COMMENT ON COLUMN case_times.first_response_business_seconds IS 'The same, in business seconds.';
COMMENT ON COLUMN case_times.first_resolution_seconds IS 'From its opening until it was first resolved, by the clock on the wall; null while it was not.';
COMMENT ON COLUMN case_times.first_resolution_business_seconds IS 'The same, in business seconds.';
COMMENT ON COLUMN case_times.resolution_seconds IS 'From its opening until it was last resolved, by the clock on the wall; null while it is not resolved. Final once it is closed.';
COMMENT ON COLUMN case_times.resolution_business_seconds IS 'The same, in business seconds.';
COMMENT ON COLUMN case_times.customer_wait_seconds IS 'For how long the customer waited for the desk: the time in new, open, pending_third_party and pending_internal, up to now while it is in one of them. The sum of work_seconds and on_hold_seconds.';
COMMENT ON COLUMN case_times.on_hold_seconds IS 'For how long it waited for others than the customer: the time in pending_third_party and pending_internal.';
COMMENT ON COLUMN case_times.work_seconds IS 'For how long it was with the desk to be worked on: the time in new and open.';
COMMENT ON COLUMN case_times.handle_seconds IS 'Recorded work, in seconds.';
COMMENT ON COLUMN case_times.replies IS 'Public responses by humans.';
COMMENT ON COLUMN case_times.messages IS 'Messages of the customer, without the intake.';
COMMENT ON COLUMN case_times.agents IS 'How many different agents have had it.';
COMMENT ON COLUMN case_times.queues IS 'How many different queues it has been in.';
COMMENT ON COLUMN case_times.ping_pong IS 'Whether it ever went back to the queue that it had just come from (A, B, A).';
COMMENT ON COLUMN case_times.one_touch IS 'Whether it was solved with at most one public response by a human and never came back; null while it was never resolved.';
COMMENT ON COLUMN case_times.first_responder IS 'Who gave the first public response by a human; null while there is none, and when it was given in a case that this one had been merged into.';
COMMENT ON COLUMN case_times.all_clocks_met IS 'False once a clock of it is breached; null while one runs or is paused, or when none was met; else true. Clocks that a merge has cancelled are left out.';
COMMENT ON COLUMN case_times.first_response_queue IS 'The queue that it was in when it was first answered.';
COMMENT ON COLUMN case_times.first_response_priority IS 'Its priority then.';
COMMENT ON COLUMN case_times.first_resolution_queue IS 'The queue that it was in when it was first resolved.';
COMMENT ON COLUMN case_times.first_resolution_priority IS 'Its priority then.';
COMMENT ON COLUMN case_times.first_resolution_agent IS 'Who had it then.';
COMMENT ON COLUMN case_times.resolution_queue IS 'The queue that it was in when it was last resolved.';
COMMENT ON COLUMN case_times.resolution_priority IS 'Its priority then.';
COMMENT ON COLUMN case_times.resolution_agent IS 'Who had it then.';
COMMENT ON COLUMN case_times.first_reopened_at IS 'When it first came back into the backlog after it was resolved; null while it has not.';
