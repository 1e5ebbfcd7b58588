CREATE OR REPLACE FUNCTION await_position_of(relation regclass, wanted bigint, timeout interval) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    reached bigint;
    patience interval := coalesce(timeout, interval '10 seconds');
    deadline timestamptz := clock_timestamp() + patience;
BEGIN
    IF wanted IS NULL THEN
        RAISE EXCEPTION 'await_position needs a position; it got NULL' USING ERRCODE = 'null_value_not_allowed';
    END IF;
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
            RAISE EXCEPTION 'the read models are at position %, not yet at %, after %', reached, wanted, patience
                USING ERRCODE = 'query_canceled', HINT = 'Wait longer, or run `docket doctor`.';
        END IF;
        PERFORM pg_sleep(0.005);
    END LOOP;
END;
$$;

COMMENT ON FUNCTION await_position_of IS 'Waits until a view of the position has reached one. Use await_position.';
