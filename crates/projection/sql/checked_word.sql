CREATE OR REPLACE FUNCTION checked_word(what text, word text, allowed text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF word IS NULL OR word <> ALL (allowed) THEN
        RAISE EXCEPTION 'there is no % `%`; there are: %', what, coalesce(word, 'NULL'), array_to_string(allowed, ', ')
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN word;
END;
$$;

COMMENT ON FUNCTION checked_word IS 'The word, if it is one of those that are allowed; an error that names them when it is none.';
