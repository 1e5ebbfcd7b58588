-- Entries say since then whether their moment is the sender's. What was recorded before is still told by the time of its
-- recording, so nothing that is in the tables changes.
COMMENT ON COLUMN cases.is_backdated IS 'Whether its last entry has a moment that its sender named (Docket-Occurred-At); such a case is not woken until somebody works on it. Entries from before that was noted count when they were recorded more than a minute after their moment; and in tables from before this column, so do resolved cases that nothing was to wake, until docket rebuild.';
