-- The read models: what analysts query. docs/METRICS.md defines the numbers.

CREATE TABLE cases (
    case_id           uuid PRIMARY KEY,
    status            text NOT NULL,
    type              text NOT NULL,
    category          text,
    subcategory       text,
    impact            text,
    urgency           text,
    priority          text,
    channel           text NOT NULL,
    queue             text,
    assignee          text,
    customer_id       text,
    parent_id         uuid,
    merged_into       uuid,
    opened_at         timestamptz NOT NULL,
    first_response_at timestamptz,
    first_resolved_at timestamptz,
    resolved_at       timestamptz,
    closed_at         timestamptz,
    reopen_count      integer NOT NULL,
    reassign_count    integer NOT NULL,
    transfer_count    integer NOT NULL,
    escalation_level  integer NOT NULL,
    resolution_code   text,
    closure_code      text,
    csat              integer,
    language          text,
    tier              text,
    wake_at           timestamptz,
    version           integer NOT NULL,
    position          bigint NOT NULL
) WITH (fillfactor = 80);

COMMENT ON TABLE cases IS 'One row per case, as it is now. Nothing personal: texts are in docket_private.';
COMMENT ON COLUMN cases.case_id IS 'The case.';
COMMENT ON COLUMN cases.status IS 'new, open, pending_customer, pending_third_party, pending_internal, resolved, closed, cancelled or merged.';
COMMENT ON COLUMN cases.type IS 'What it is about, as the policy names it.';
COMMENT ON COLUMN cases.category IS 'The category, as the policy names it.';
COMMENT ON COLUMN cases.subcategory IS 'The subcategory, as the policy names it.';
COMMENT ON COLUMN cases.impact IS 'How much is affected, as the policy names it.';
COMMENT ON COLUMN cases.urgency IS 'How soon it matters, as the policy names it.';
COMMENT ON COLUMN cases.priority IS 'What the matrix of the policy made of impact and urgency.';
COMMENT ON COLUMN cases.channel IS 'How the customer came.';
COMMENT ON COLUMN cases.queue IS 'The queue that it is in; null until it is routed.';
COMMENT ON COLUMN cases.assignee IS 'Who has it; null when nobody has.';
COMMENT ON COLUMN cases.customer_id IS 'The customer, by pseudonym.';
COMMENT ON COLUMN cases.parent_id IS 'The case that it belongs to.';
COMMENT ON COLUMN cases.merged_into IS 'The case that absorbed it.';
COMMENT ON COLUMN cases.opened_at IS 'When it began.';
COMMENT ON COLUMN cases.first_response_at IS 'The first public response by a human.';
COMMENT ON COLUMN cases.first_resolved_at IS 'When it was first resolved.';
COMMENT ON COLUMN cases.resolved_at IS 'When it was last resolved; null while it is not resolved.';
COMMENT ON COLUMN cases.closed_at IS 'When it was closed; null while it is not closed.';
COMMENT ON COLUMN cases.reopen_count IS 'How often it came back.';
COMMENT ON COLUMN cases.reassign_count IS 'Changes from one agent to a different one.';
COMMENT ON COLUMN cases.transfer_count IS 'Changes from one queue to a different one.';
COMMENT ON COLUMN cases.escalation_level IS 'The level that it was raised to; 0 is none.';
COMMENT ON COLUMN cases.resolution_code IS 'How it was solved; null while it is not resolved.';
COMMENT ON COLUMN cases.closure_code IS 'How it ended; null while it is not closed.';
COMMENT ON COLUMN cases.csat IS 'The latest satisfaction score, 1 to 5.';
COMMENT ON COLUMN cases.language IS 'The language of the customer.';
COMMENT ON COLUMN cases.tier IS 'The tier of the customer.';
COMMENT ON COLUMN cases.wake_at IS 'When it next needs attention; null when nothing will fall due, or after a back-dated command.';
COMMENT ON COLUMN cases.version IS 'How many events it has.';
COMMENT ON COLUMN cases.position IS 'The log position of its last entry.';

CREATE TABLE case_history (
    case_id  uuid NOT NULL,
    version  integer NOT NULL,
    from_at  timestamptz NOT NULL,
    until_at timestamptz,
    status   text NOT NULL,
    queue    text,
    assignee text,
    priority text,
    type     text NOT NULL,
    category text,
    PRIMARY KEY (case_id, version)
);
CREATE INDEX case_history_from ON case_history (from_at);

COMMENT ON TABLE case_history IS 'One row per entry that changed one of these columns. A row holds from from_at until before until_at.';
COMMENT ON COLUMN case_history.case_id IS 'The case.';
COMMENT ON COLUMN case_history.version IS 'The version of the case after the entry.';
COMMENT ON COLUMN case_history.from_at IS 'The moment of the entry.';
COMMENT ON COLUMN case_history.until_at IS 'The moment of the next change; null on the last row of a case, closed or not.';
COMMENT ON COLUMN case_history.status IS 'The status.';
COMMENT ON COLUMN case_history.queue IS 'The queue.';
COMMENT ON COLUMN case_history.assignee IS 'Who had it.';
COMMENT ON COLUMN case_history.priority IS 'The priority.';
COMMENT ON COLUMN case_history.type IS 'The type.';
COMMENT ON COLUMN case_history.category IS 'The category.';

CREATE TABLE case_timeline (
    case_id      uuid NOT NULL,
    version      integer NOT NULL,
    position     bigint NOT NULL,
    at           timestamptz NOT NULL,
    by           text NOT NULL,
    on_behalf_of text,
    event        text NOT NULL,
    policy       integer NOT NULL,
    detail       jsonb NOT NULL,
    PRIMARY KEY (case_id, version)
);

COMMENT ON TABLE case_timeline IS 'One row per event, as the log has it, without anything personal.';
COMMENT ON COLUMN case_timeline.case_id IS 'The case.';
COMMENT ON COLUMN case_timeline.version IS 'The version of the case after the event.';
COMMENT ON COLUMN case_timeline.position IS 'The log position of its entry.';
COMMENT ON COLUMN case_timeline.at IS 'When it happened, which for a deadline is when it fell due.';
COMMENT ON COLUMN case_timeline.by IS 'The principal who sent the command.';
COMMENT ON COLUMN case_timeline.on_behalf_of IS 'On whose behalf, by pseudonym.';
COMMENT ON COLUMN case_timeline.event IS 'What happened; docs/EVENTS.md describes each.';
COMMENT ON COLUMN case_timeline.policy IS 'The policy version that it was decided under.';
COMMENT ON COLUMN case_timeline.detail IS 'The body of the event, without its personal part.';

CREATE TABLE survey_answers (
    case_id  uuid NOT NULL,
    version  integer NOT NULL,
    at       timestamptz NOT NULL,
    survey   text NOT NULL,
    cycle    integer NOT NULL,
    score    integer NOT NULL,
    queue    text,
    assignee text,
    PRIMARY KEY (case_id, version)
);

COMMENT ON TABLE survey_answers IS 'One row per answered survey.';
COMMENT ON COLUMN survey_answers.case_id IS 'The case.';
COMMENT ON COLUMN survey_answers.version IS 'The version of the event.';
COMMENT ON COLUMN survey_answers.at IS 'When the customer answered.';
COMMENT ON COLUMN survey_answers.survey IS 'csat, ces or nps.';
COMMENT ON COLUMN survey_answers.cycle IS 'The resolution cycle that it is about, from 1.';
COMMENT ON COLUMN survey_answers.score IS 'csat 1 to 5, ces 1 to 7, nps 0 to 10.';
COMMENT ON COLUMN survey_answers.queue IS 'The queue that the case was in past.';
COMMENT ON COLUMN survey_answers.assignee IS 'Who had the case past.';

CREATE VIEW position AS
SELECT
    checkpoint.position,
    checkpoint.recorded_at,
    CASE
        WHEN checkpoint.reported_at IS NULL OR checkpoint.reported_at < now() - interval '5 seconds' THEN NULL
        WHEN checkpoint.pending_since IS NULL THEN 0
        ELSE greatest(0, extract(epoch FROM now() - checkpoint.pending_since))
    END::double precision AS lag_seconds
FROM checkpoint;

COMMENT ON VIEW position IS 'How far the read models are: every relation is as of this position.';
COMMENT ON COLUMN position.position IS 'The log position of the last applied entry.';
COMMENT ON COLUMN position.recorded_at IS 'When the log took that entry in.';
COMMENT ON COLUMN position.lag_seconds IS 'The age of the oldest entry that is not applied; 0 when there is none, null when no worker has reported for 5 seconds.';

CREATE VIEW clocks AS
SELECT
    case_id, clock, instance, state, target_seconds, calendar, policy, started_at, due_at,
    remaining_seconds, met_at,
    coalesce(breached_at, CASE WHEN state = 'running' AND due_at < now() THEN due_at END) AS breached_at,
    elapsed_seconds, business_elapsed_seconds, warn_at
FROM clock_states;

COMMENT ON VIEW clocks IS 'Service-level clocks, one row per case, clock and instance. A breach is computed when queried, so no timer need have run.';
COMMENT ON COLUMN clocks.case_id IS 'The case.';
COMMENT ON COLUMN clocks.clock IS 'first_response or resolution.';
COMMENT ON COLUMN clocks.instance IS 'The n-th of its kind on the case, from 1.';
COMMENT ON COLUMN clocks.state IS 'running, paused, met or cancelled. Breach stands beside it.';
COMMENT ON COLUMN clocks.target_seconds IS 'The target, in open seconds of the calendar.';
COMMENT ON COLUMN clocks.calendar IS 'The calendar that it counts by.';
COMMENT ON COLUMN clocks.policy IS 'The policy version that it started under.';
COMMENT ON COLUMN clocks.started_at IS 'When it started.';
COMMENT ON COLUMN clocks.due_at IS 'The deadline; null while paused.';
COMMENT ON COLUMN clocks.remaining_seconds IS 'Open seconds left as of its last event; negative when late.';
COMMENT ON COLUMN clocks.met_at IS 'When what it waits for happened.';
COMMENT ON COLUMN clocks.breached_at IS 'The recorded breach, else the deadline once it has passed while running. Never cleared.';
COMMENT ON COLUMN clocks.elapsed_seconds IS 'Seconds run as of its last event, pauses left out.';
COMMENT ON COLUMN clocks.business_elapsed_seconds IS 'Open seconds run as of its last event, pauses left out.';
COMMENT ON COLUMN clocks.warn_at IS 'When it is at risk; null while paused.';

CREATE FUNCTION is_active(status text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN status IN ('new', 'open', 'pending_customer', 'pending_third_party', 'pending_internal');
COMMENT ON FUNCTION is_active IS 'Whether a status counts in the backlog: none of resolved, closed, cancelled, merged.';

CREATE INDEX cases_active ON cases (queue)
WHERE status IN ('new', 'open', 'pending_customer', 'pending_third_party', 'pending_internal');

CREATE FUNCTION age_bucket(age interval) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN age < interval '4 hours' THEN '<4h'
    WHEN age < interval '24 hours' THEN '4-24h'
    WHEN age < interval '3 days' THEN '1-3d'
    WHEN age < interval '7 days' THEN '3-7d'
    WHEN age < interval '14 days' THEN '7-14d'
    WHEN age < interval '30 days' THEN '14-30d'
    ELSE '>=30d'
END;
COMMENT ON FUNCTION age_bucket IS 'The ageing bucket of an age; buckets hold from their lower end until before their upper end.';

CREATE VIEW queues AS
WITH pending_clocks AS (
    SELECT
        cases.queue,
        count(*) FILTER (WHERE clocks.state = 'running' AND clocks.warn_at <= now()) AS at_risk,
        count(*) FILTER (WHERE clocks.breached_at IS NOT NULL) AS breached
    FROM clocks
    JOIN cases ON cases.case_id = clocks.case_id
    WHERE clocks.state IN ('running', 'paused') AND is_active(cases.status)
    GROUP BY cases.queue
), backlog AS (
    SELECT
        queue,
        count(*) AS open,
        count(*) FILTER (WHERE assignee IS NULL) AS unassigned,
        count(*) FILTER (WHERE status LIKE 'pending_%') AS pending,
        min(opened_at) AS oldest_opened_at
    FROM cases
    WHERE is_active(status)
    GROUP BY queue
)
SELECT
    backlog.queue, backlog.open, backlog.unassigned, backlog.pending, backlog.oldest_opened_at,
    now() - backlog.oldest_opened_at AS oldest_age,
    coalesce(pending_clocks.at_risk, 0) AS at_risk,
    coalesce(pending_clocks.breached, 0) AS breached
FROM backlog
LEFT JOIN pending_clocks ON pending_clocks.queue IS NOT DISTINCT FROM backlog.queue;

COMMENT ON VIEW queues IS 'The backlog by queue, now. Cases that were not routed yet are in the row without a queue.';
COMMENT ON COLUMN queues.queue IS 'The queue.';
COMMENT ON COLUMN queues.open IS 'Cases in the backlog: new, open or pending.';
COMMENT ON COLUMN queues.unassigned IS 'Those of them that nobody has.';
COMMENT ON COLUMN queues.pending IS 'Those of them that wait.';
COMMENT ON COLUMN queues.oldest_opened_at IS 'When the oldest of them began.';
COMMENT ON COLUMN queues.oldest_age IS 'Its age.';
COMMENT ON COLUMN queues.at_risk IS 'Running clocks of these cases that are past their warning instant.';
COMMENT ON COLUMN queues.breached IS 'Running or paused clocks of these cases that are breached.';

CREATE VIEW backlog_aging AS
SELECT queue, priority, type, age_bucket(now() - opened_at) AS bucket, count(*) AS cases
FROM cases
WHERE is_active(status)
GROUP BY queue, priority, type, age_bucket(now() - opened_at);

COMMENT ON VIEW backlog_aging IS 'The backlog by age, now. docket.backlog_as_of gives the same at any past moment.';
COMMENT ON COLUMN backlog_aging.queue IS 'The queue.';
COMMENT ON COLUMN backlog_aging.priority IS 'The priority.';
COMMENT ON COLUMN backlog_aging.type IS 'The type.';
COMMENT ON COLUMN backlog_aging.bucket IS 'The age: <4h, 4-24h, 1-3d, 3-7d, 7-14d, 14-30d or >=30d.';
COMMENT ON COLUMN backlog_aging.cases IS 'How many cases.';

CREATE FUNCTION backlog_as_of(moment timestamptz)
RETURNS TABLE (queue text, priority text, type text, bucket text, cases bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT past.queue, past.priority, past.type, age_bucket(backlog_as_of.moment - cases.opened_at), count(*)
    FROM case_history AS past
    JOIN cases ON cases.case_id = past.case_id
    WHERE past.from_at <= backlog_as_of.moment
      AND (past.until_at IS NULL OR past.until_at > backlog_as_of.moment)
      AND is_active(past.status)
    GROUP BY 1, 2, 3, 4;
END;
COMMENT ON FUNCTION backlog_as_of IS 'The backlog by age at a past moment, from the moments of the entries, as known at the current position.';

CREATE VIEW sla_attainment AS
WITH outcomes AS (
    SELECT
        (coalesce(clocks.breached_at, clocks.met_at) AT TIME ZONE 'UTC')::date AS day,
        coalesce(clock_states.outcome_queue, cases.queue) AS queue,
        coalesce(clock_states.outcome_priority, cases.priority) AS priority,
        clocks.clock,
        clocks.breached_at IS NULL AS is_met
    FROM clocks
    JOIN clock_states USING (case_id, clock, instance)
    JOIN cases USING (case_id)
    WHERE clocks.state <> 'cancelled' AND coalesce(clocks.breached_at, clocks.met_at) IS NOT NULL
)
SELECT
    day, queue, priority, clock,
    count(*) FILTER (WHERE is_met) AS met,
    count(*) FILTER (WHERE NOT is_met) AS breached,
    count(*) FILTER (WHERE is_met)::double precision / count(*) AS attainment
FROM outcomes
GROUP BY day, queue, priority, clock;

COMMENT ON VIEW sla_attainment IS 'met / (met + breached) over clocks whose deadline or satisfaction falls on the day; cancelled clocks are left out.';
COMMENT ON COLUMN sla_attainment.day IS 'The day, in UTC.';
COMMENT ON COLUMN sla_attainment.queue IS 'The queue, as it was at that moment.';
COMMENT ON COLUMN sla_attainment.priority IS 'The priority, as it was at that moment.';
COMMENT ON COLUMN sla_attainment.clock IS 'The clock.';
COMMENT ON COLUMN sla_attainment.met IS 'Clocks met at or before their deadline.';
COMMENT ON COLUMN sla_attainment.breached IS 'Clocks whose deadline passed first, those still running included.';
COMMENT ON COLUMN sla_attainment.attainment IS 'met / (met + breached), 0 to 1.';

CREATE VIEW csat_daily AS
SELECT
    (at AT TIME ZONE 'UTC')::date AS day,
    queue,
    count(*) AS responses,
    count(*) FILTER (WHERE score >= 4) AS satisfied,
    count(*) FILTER (WHERE score >= 4)::double precision / count(*) AS csat,
    avg(score)::double precision AS average
FROM survey_answers
WHERE survey = 'csat'
GROUP BY 1, 2;

COMMENT ON VIEW csat_daily IS 'Customer satisfaction by the day of the answer, in UTC, and the queue that the case was in.';
COMMENT ON COLUMN csat_daily.day IS 'The day, in UTC.';
COMMENT ON COLUMN csat_daily.queue IS 'The queue, as it was at that moment.';
COMMENT ON COLUMN csat_daily.responses IS 'Answers.';
COMMENT ON COLUMN csat_daily.satisfied IS 'Answers with a score of 4 or 5.';
COMMENT ON COLUMN csat_daily.csat IS 'satisfied / responses, 0 to 1.';
COMMENT ON COLUMN csat_daily.average IS 'The mean score, 1 to 5.';

-- Looping needs PL/pgSQL, which binds names late; so the view comes in as an object, not as a name.
CREATE FUNCTION await_position_of(relation regclass, wanted bigint, timeout interval) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    reached bigint;
    deadline timestamptz := clock_timestamp() + timeout;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'await_position needs READ COMMITTED: a transaction with one snapshot never sees the read models move'
            USING ERRCODE = 'active_sql_transaction';
    END IF;
    LOOP
        EXECUTE format('SELECT p.position FROM %s AS p', relation) INTO reached;
        IF reached >= wanted THEN
            RETURN reached;
        END IF;
        IF clock_timestamp() >= deadline THEN
            RAISE EXCEPTION 'the read models are at position %, not yet at %, after %', reached, wanted, timeout
                USING ERRCODE = 'query_canceled', HINT = 'Wait longer, or run `docket doctor`.';
        END IF;
        PERFORM pg_sleep(0.005);
    END LOOP;
END;
$$;
COMMENT ON FUNCTION await_position_of IS 'Waits until a view of the position has reached one. Use await_position.';

CREATE FUNCTION await_position("position" bigint, timeout interval DEFAULT interval '10 seconds') RETURNS bigint
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT await_position_of('position'::regclass, await_position."position", await_position.timeout);
END;
COMMENT ON FUNCTION await_position IS 'Returns the position of the read models once it has reached the one that a reply named, so a service can read its own write; raises an error on timeout.';
