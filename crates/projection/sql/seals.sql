CREATE OR REPLACE VIEW seals AS
SELECT position, root, sealed_at, checkpoint
FROM lasting.seals;

COMMENT ON VIEW seals IS 'One row for each time that the sealer signed the head of the log: the entries up to the position, and no others, make this root. It outlives a rebuild.';
COMMENT ON COLUMN seals.position IS 'The position up to which the log was sealed.';
COMMENT ON COLUMN seals.root IS 'The root of the Merkle tree (RFC 6962) over the entries up to there, base64.';
COMMENT ON COLUMN seals.sealed_at IS 'When the server took the seal in. Two seals of one position say that nothing came between them.';
COMMENT ON COLUMN seals.checkpoint IS 'The signed checkpoint (c2sp.org/tlog-checkpoint), as an auditor may keep it.';
