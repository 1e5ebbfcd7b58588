CREATE OR REPLACE FUNCTION is_active(status text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN status IN ('new', 'open', 'pending_customer', 'pending_third_party', 'pending_internal');

COMMENT ON FUNCTION is_active IS 'Whether a status counts in the backlog: none of resolved, closed, cancelled, merged.';
