-- An update that changes no indexed column and finds room on its page writes no index ("heap-only"). Most updates
-- of clocks change their state; and the clocks of the active cases, which are few, are found by the cases' ids.
DROP INDEX clock_states_pending;
ALTER TABLE clock_states SET (fillfactor = 75);
