CREATE OR REPLACE FUNCTION value_by(
    by text, queue text, priority text, type text, category text, channel text, tier text, agent text
)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE by
    WHEN 'queue' THEN queue WHEN 'priority' THEN priority WHEN 'type' THEN type WHEN 'category' THEN category
    WHEN 'channel' THEN channel WHEN 'tier' THEN tier WHEN 'agent' THEN agent
END;

COMMENT ON FUNCTION value_by IS 'Of the values that numbers can be reported by, the one that is asked for.';
