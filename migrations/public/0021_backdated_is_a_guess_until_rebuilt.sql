-- Migration 0012 took every case that nothing wakes for a back-dated history. It could not know better: when an entry was
-- recorded stands in the log only, and a history that is closed by a new rule for want of knowledge is worse than a case
-- that sleeps on. A resolved case of a desk without auto-close is mistaken so, until something is said of it or the read
-- models are made anew from the log, which says it.
COMMENT ON COLUMN cases.is_backdated IS 'Whether its last entry was recorded more than a minute after its moment; such a case is not woken until somebody works on it. In tables from before this was noted it is also true of resolved cases that nothing was to wake, until docket rebuild.';
