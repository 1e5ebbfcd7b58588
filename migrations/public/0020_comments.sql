-- Columns say what docs/METRICS.md says of them.

COMMENT ON COLUMN cases.parent_id IS 'The case that it belongs to, as its intake named it or as both have agreed since; a parent that refused stays named, and linkRefused in the timeline says why.';
COMMENT ON COLUMN cases.reassign_count IS 'Changes from one agent to a different one. The first assignment is none, nor is one after unassign.';
COMMENT ON COLUMN cases.transfer_count IS 'Changes from one queue to a different one. The first routing is none.';
COMMENT ON COLUMN clocks.due_at IS 'The deadline. Null unless it was running at its last event: null while paused.';
COMMENT ON COLUMN queues.at_risk IS 'Running clocks of these cases that are past their warning instant, breached ones included.';
COMMENT ON COLUMN survey_answers.queue IS 'The queue that the case was in when the answer came.';
COMMENT ON COLUMN survey_answers.assignee IS 'Who had the case when the answer came.';
