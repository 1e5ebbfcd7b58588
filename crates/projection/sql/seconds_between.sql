CREATE OR REPLACE FUNCTION seconds_between(earlier timestamptz, later timestamptz) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN micros_between(earlier, later)::double precision / 1000000;

COMMENT ON FUNCTION seconds_between IS 'From one moment to another, in seconds.';
