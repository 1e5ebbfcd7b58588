CREATE OR REPLACE FUNCTION micros_between(earlier timestamptz, later timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN round(date_part('epoch', later - earlier) * 1000000)::bigint;

COMMENT ON FUNCTION micros_between IS 'From one moment to another, in whole microseconds. The parts of a second that extract() hands back are numerics, which take ten times as long.';
