CREATE OR REPLACE FUNCTION erlang_c(
    arrivals double precision, interval_seconds double precision, handle_seconds double precision, agents integer,
    target_seconds double precision
)
RETURNS TABLE (
    erlangs double precision, p_wait double precision, service_level double precision, asa_seconds double precision,
    occupancy double precision, stable boolean
)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    load double precision;
    blocked double precision := 1;
    waits double precision;
BEGIN
    IF arrivals IS NULL OR interval_seconds IS NULL OR handle_seconds IS NULL OR agents IS NULL OR target_seconds IS NULL
        OR arrivals < 0 OR interval_seconds <= 0 OR handle_seconds <= 0 OR agents < 0 OR agents > 100000 OR target_seconds < 0 THEN
        RAISE EXCEPTION 'arrivals and the target are 0 or more, the lengths of the interval and of handling more than 0, and agents 0 to 100000'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    load := arrivals * handle_seconds / interval_seconds;
    IF load >= agents THEN
        RETURN QUERY SELECT load, NULL::double precision, NULL::double precision, NULL::double precision, NULL::double precision, false;
        RETURN;
    END IF;
    -- Erlang B, agent by agent: no factorial, so nothing overflows.
    FOR agent IN 1..agents LOOP
        blocked := load * blocked / (agent + load * blocked);
    END LOOP;
    waits := blocked / (1 - load / agents * (1 - blocked));
    RETURN QUERY SELECT load, waits, 1 - waits * exp(-(agents - load) * target_seconds / handle_seconds),
        waits * handle_seconds / (agents - load), load / agents, true;
END;
$$;

COMMENT ON FUNCTION erlang_c IS 'What so many agents make of so many arrivals in an interval, by the formula Erlang C: the load in erlangs, the probability to wait, the part that is answered within the target, the mean wait (ASA) and the occupancy. With more load than agents the queue grows without end: then the rest is null, and stable is false. Erlang C lets nobody give up waiting, so at high load it says longer waits than there will be.';
