-- What the projection keeps for itself, and what is personal.

CREATE TABLE checkpoint (
    is_only       boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    position      bigint NOT NULL DEFAULT 0,
    recorded_at   timestamptz,
    reported_at   timestamptz,
    pending_since timestamptz,
    halted_at     bigint,
    halt_cause    text
) WITH (fillfactor = 50);
INSERT INTO checkpoint DEFAULT VALUES;

COMMENT ON TABLE checkpoint IS 'How far the read models are: one row, moved in the transaction that writes them.';
COMMENT ON COLUMN checkpoint.is_only IS 'Makes the row the only one.';
COMMENT ON COLUMN checkpoint.position IS 'The log position of the last applied entry; 0 before the first.';
COMMENT ON COLUMN checkpoint.recorded_at IS 'When the log took that entry in.';
COMMENT ON COLUMN checkpoint.reported_at IS 'When a worker last said that it follows the log.';
COMMENT ON COLUMN checkpoint.pending_since IS 'When the log took in the oldest entry that is not applied; null when there is none.';
COMMENT ON COLUMN checkpoint.halted_at IS 'The position of an entry that cannot be applied, at which the worker stands; null when there is none.';
COMMENT ON COLUMN checkpoint.halt_cause IS 'Why that entry cannot be applied.';

CREATE TABLE texts (
    case_id uuid NOT NULL,
    version integer NOT NULL,
    field   text NOT NULL,
    text    text NOT NULL,
    PRIMARY KEY (case_id, version, field)
);

COMMENT ON TABLE texts IS 'Everything personal: free texts and custom fields, by the event that brought them.';
COMMENT ON COLUMN texts.case_id IS 'The case.';
COMMENT ON COLUMN texts.version IS 'The version of the event.';
COMMENT ON COLUMN texts.field IS 'Which text: subject, description, text, steps, reason, comment, or fields.<name>.';
COMMENT ON COLUMN texts.text IS 'The text.';

CREATE TABLE clock_states (
    case_id                  uuid NOT NULL,
    clock                    text NOT NULL,
    instance                 integer NOT NULL,
    state                    text NOT NULL,
    target_seconds           bigint NOT NULL,
    calendar                 text NOT NULL,
    policy                   integer NOT NULL,
    started_at               timestamptz NOT NULL,
    due_at                   timestamptz,
    warn_at                  timestamptz,
    remaining_seconds        bigint NOT NULL,
    met_at                   timestamptz,
    breached_at              timestamptz,
    elapsed_seconds          bigint NOT NULL,
    business_elapsed_seconds bigint NOT NULL,
    outcome_queue            text,
    outcome_priority         text,
    PRIMARY KEY (case_id, clock, instance)
);
CREATE INDEX clock_states_pending ON clock_states (case_id) WHERE state IN ('running', 'paused');

COMMENT ON TABLE clock_states IS 'Clocks as their last event left them. Read docket.clocks, which adds the breaches that only time has made.';
COMMENT ON COLUMN clock_states.case_id IS 'The case.';
COMMENT ON COLUMN clock_states.clock IS 'Which clock.';
COMMENT ON COLUMN clock_states.instance IS 'The n-th of its kind on the case, from 1.';
COMMENT ON COLUMN clock_states.state IS 'running, paused, met or cancelled.';
COMMENT ON COLUMN clock_states.target_seconds IS 'The target, in open seconds of the calendar.';
COMMENT ON COLUMN clock_states.calendar IS 'The calendar that it counts by.';
COMMENT ON COLUMN clock_states.policy IS 'The policy version that it started under.';
COMMENT ON COLUMN clock_states.started_at IS 'When it started.';
COMMENT ON COLUMN clock_states.due_at IS 'The deadline; null while paused.';
COMMENT ON COLUMN clock_states.warn_at IS 'When it is at risk; null while paused.';
COMMENT ON COLUMN clock_states.remaining_seconds IS 'Open seconds left as of its last event.';
COMMENT ON COLUMN clock_states.met_at IS 'When it was met.';
COMMENT ON COLUMN clock_states.breached_at IS 'The recorded breach.';
COMMENT ON COLUMN clock_states.elapsed_seconds IS 'Seconds run as of its last event, pauses left out.';
COMMENT ON COLUMN clock_states.business_elapsed_seconds IS 'Open seconds run as of its last event, pauses left out.';
COMMENT ON COLUMN clock_states.outcome_queue IS 'The queue that the case was in when the clock was met or breached, whichever came first.';
COMMENT ON COLUMN clock_states.outcome_priority IS 'The priority that the case had then.';
