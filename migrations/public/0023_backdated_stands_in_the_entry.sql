-- Entries say since then whether the sender named their moment. A live entry that was late for another reason is no history
-- any more; what is in the tables is told anew with the next entry of its case.
COMMENT ON COLUMN cases.is_backdated IS 'Whether its last entry records what happened more than a minute before, at a moment that its sender named (Docket-Occurred-At); such a case is not woken until somebody works on it. In tables from before this was noted it is also true of resolved cases that nothing was to wake, until docket rebuild.';
