CREATE OR REPLACE VIEW checkpoint AS
SELECT
    is_only, position, recorded_at, reported_at, pending_since, halted_at, halt_cause, log, digest
FROM tables.checkpoint;

COMMENT ON VIEW checkpoint IS 'How far the read models are: one row, moved in the transaction that writes them.';
COMMENT ON COLUMN checkpoint.is_only IS 'Makes the row the only one.';
COMMENT ON COLUMN checkpoint.position IS 'The log position of the last applied entry; 0 before the first.';
COMMENT ON COLUMN checkpoint.recorded_at IS 'When the log took that entry in.';
COMMENT ON COLUMN checkpoint.reported_at IS 'When a worker last said that it follows the log.';
COMMENT ON COLUMN checkpoint.pending_since IS 'When the log took in the oldest entry that is not applied; null when there is none.';
COMMENT ON COLUMN checkpoint.halted_at IS 'The position of an entry that cannot be applied, at which the worker stands; null when there is none.';
COMMENT ON COLUMN checkpoint.halt_cause IS 'Why that entry cannot be applied.';
COMMENT ON COLUMN checkpoint.log IS 'Which log this is: the SHA-256 digest of its first entry, base64url; null before the first, and in read models of before this was noted.';
COMMENT ON COLUMN checkpoint.digest IS 'The SHA-256 digest of the entry at the position, base64url; null as before.';
