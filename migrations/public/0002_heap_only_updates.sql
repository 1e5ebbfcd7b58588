-- A row of the history is updated once, when it ends, and mostly soon: with room on its page, without its indexes.
ALTER TABLE case_history SET (fillfactor = 70);
