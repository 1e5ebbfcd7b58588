CREATE OR REPLACE FUNCTION checked_within(within interval) RETURNS interval
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF within IS NULL OR NOT isfinite(within) OR within <= interval '0' THEN
        RAISE EXCEPTION 'a length of time must be more than none; it got %', coalesce(within::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Write it as an interval, such as ''7 days''.';
    END IF;
    RETURN within;
END;
$$;

COMMENT ON FUNCTION checked_within IS 'The length of time; an error when it is none.';
