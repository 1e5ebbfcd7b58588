CREATE OR REPLACE FUNCTION instant_of(shown timestamp, zone text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- The server takes the later of two.
    SELECT min(tried.at)
    FROM unnest(ARRAY[interval '0', '30 minutes', '1 hour', '2 hours']) AS back
    CROSS JOIN LATERAL (SELECT (shown AT TIME ZONE zone) - back AS at) AS tried
    WHERE back = '0' OR tried.at AT TIME ZONE zone = shown;
END;

COMMENT ON FUNCTION instant_of IS 'When the clocks of a zone show a time: the first of two moments where they are turned back over it, as calendars have it; where they are put forward over it, so much later.';
