CREATE OR REPLACE FUNCTION checked_by(by text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT checked_word('by', by, ARRAY['queue', 'priority', 'type', 'category', 'channel', 'tier', 'agent']);
END;

COMMENT ON FUNCTION checked_by IS 'What numbers can be reported by: the word, or an error that names those that are allowed.';
