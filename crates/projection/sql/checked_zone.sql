CREATE OR REPLACE FUNCTION checked_zone(zone text) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    PERFORM now() AT TIME ZONE zone;
    IF zone IS NULL THEN
        RAISE EXCEPTION 'a zone is needed' USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Write an IANA name, such as ''Europe/Amsterdam'', or (SELECT zone FROM docket.reporting).';
    END IF;
    RETURN zone;
EXCEPTION WHEN invalid_parameter_value THEN
    RAISE EXCEPTION 'there is no time zone `%`', coalesce(zone, 'NULL') USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Write an IANA name, such as ''Europe/Amsterdam'', or (SELECT zone FROM docket.reporting).';
END;
$$;

COMMENT ON FUNCTION checked_zone IS 'The name of a time zone; an error that says how it is written when there is none of that name.';
