CREATE OR REPLACE FUNCTION checked_period("from" timestamptz, "to" timestamptz) RETURNS tstzrange
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF "from" IS NULL OR "to" IS NULL OR NOT isfinite("from") OR NOT isfinite("to") THEN
        RAISE EXCEPTION 'a period needs a beginning and an end; it got % and %', coalesce("from"::text, 'NULL'), coalesce("to"::text, 'NULL')
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give two moments, such as ''2026-11-01'' and ''2026-12-01''.';
    END IF;
    IF "to" <= "from" THEN
        RAISE EXCEPTION 'a period ends after it begins; it got % to %', "from", "to"
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Turn the two moments round. A period holds its beginning and not its end.';
    END IF;
    RETURN tstzrange("from", "to");
END;
$$;

COMMENT ON FUNCTION checked_period IS 'The period from a moment until before another one; an error that says what is wrong when there is none.';
