CREATE OR REPLACE FUNCTION backlog_as_of(t timestamptz)
RETURNS TABLE (queue text, priority text, type text, bucket text, cases bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT past.queue, past.priority, past.type, age_bucket(backlog_as_of.t - past.opened_at), count(*)
    FROM case_history AS past
    WHERE past.from_at <= backlog_as_of.t
      AND (past.until_at IS NULL OR past.until_at > backlog_as_of.t)
      AND past.is_active
    GROUP BY 1, 2, 3, 4;
END;

COMMENT ON FUNCTION backlog_as_of IS 'The backlog by age at a past moment, from the moments of the entries, as known at the current position.';
