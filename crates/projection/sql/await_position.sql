CREATE OR REPLACE FUNCTION await_position("position" bigint, timeout interval DEFAULT interval '10 seconds') RETURNS bigint
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT await_position_of('position'::regclass, await_position."position", await_position.timeout);
END;

COMMENT ON FUNCTION await_position IS 'Returns the position of the read models once it has reached the one that a reply named, so a service can read its own write; raises an error on timeout.';
