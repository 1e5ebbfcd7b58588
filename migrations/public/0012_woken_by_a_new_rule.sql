-- A policy that closes resolved cases sooner wakes them, but for a history that came in back-dated. Of the cases that
-- are here already, those that nothing wakes are taken for such a history.
ALTER TABLE cases ADD COLUMN is_backdated boolean NOT NULL DEFAULT false;
UPDATE cases SET is_backdated = wake_at IS NULL;
COMMENT ON COLUMN cases.is_backdated IS 'Whether its last entry was recorded more than a minute after its moment; such a case is not woken until somebody works on it.';
