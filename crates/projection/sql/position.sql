CREATE OR REPLACE VIEW position AS
SELECT
    checkpoint.position,
    checkpoint.recorded_at,
    CASE
        WHEN checkpoint.reported_at IS NULL OR checkpoint.reported_at < now() - interval '5 seconds' THEN NULL
        WHEN checkpoint.pending_since IS NULL THEN 0
        ELSE greatest(0, extract(epoch FROM now() - checkpoint.pending_since))
    END::double precision AS lag_seconds,
    checkpoint.log
FROM tables.checkpoint;

COMMENT ON VIEW position IS 'How far the read models are: every relation is as of this position. One row.';
COMMENT ON COLUMN position.position IS 'The log position of the last applied entry.';
COMMENT ON COLUMN position.recorded_at IS 'When the log took that entry in.';
COMMENT ON COLUMN position.lag_seconds IS 'The age of the oldest entry that is not applied; 0 when there is none, null when no worker has reported for 5 seconds.';
COMMENT ON COLUMN position.log IS 'Which log this is: the SHA-256 digest of its first entry, base64url; null before the first.';
