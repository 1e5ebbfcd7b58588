-- Which log the read models were made from, so that those of another one are noticed.

ALTER TABLE checkpoint ADD COLUMN log text, ADD COLUMN digest text;

COMMENT ON COLUMN checkpoint.log IS 'Which log this is: the SHA-256 digest of its first entry, base64url; null before the first, and in read models of before this was noted.';
COMMENT ON COLUMN checkpoint.digest IS 'The SHA-256 digest of the entry at the position, base64url; null as before.';
