CREATE OR REPLACE FUNCTION agents_needed(
    arrivals double precision, interval_seconds double precision, handle_seconds double precision,
    target_seconds double precision, target_service_level double precision
)
RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
    agents integer := 1;
    reached double precision;
BEGIN
    IF target_service_level IS NULL OR target_service_level < 0 OR target_service_level >= 1 THEN
        RAISE EXCEPTION 'a service level to reach is 0 or more and less than 1; it got %', coalesce(target_service_level::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF interval_seconds > 0 THEN
        agents := greatest(1, floor(arrivals * handle_seconds / interval_seconds)::integer);
    END IF;
    LOOP
        SELECT c.service_level INTO reached FROM erlang_c(arrivals, interval_seconds, handle_seconds, agents, target_seconds) AS c;
        EXIT WHEN reached >= target_service_level;
        agents := agents + 1;
    END LOOP;
    RETURN agents;
END;
$$;

COMMENT ON FUNCTION agents_needed IS 'The smallest number of agents that answer so large a part of the arrivals within the target, by docket.erlang_c.';
