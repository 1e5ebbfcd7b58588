CREATE OR REPLACE VIEW stretches WITH (security_invoker) AS
SELECT
    cases.case_id, past.version, past.from_at, past.until_at, past.status, past.queue, past.assignee, past.priority,
    past.type, past.category, past.next_status, past.next_queue, past.next_assignee, past.case_no,
    is_active(past.status) AS is_active, past.opened_at
FROM tables.case_history AS past
LEFT JOIN tables.cases USING (case_no)
UNION ALL
SELECT
    case_id, since_version, since_at, NULL, status, queue, assignee, priority, type, category, NULL, NULL, NULL, case_no,
    is_active, opened_at
FROM tables.cases;

COMMENT ON VIEW stretches IS 'What cases were and are, as in docket.case_history, and what each became when that ended.';
COMMENT ON COLUMN stretches.case_id IS 'The case.';
COMMENT ON COLUMN stretches.version IS 'The version of the entry that made it so.';
COMMENT ON COLUMN stretches.from_at IS 'From when.';
COMMENT ON COLUMN stretches.until_at IS 'Until when; null while it lasts.';
COMMENT ON COLUMN stretches.status IS 'The status.';
COMMENT ON COLUMN stretches.queue IS 'The queue.';
COMMENT ON COLUMN stretches.assignee IS 'Who had it.';
COMMENT ON COLUMN stretches.priority IS 'The priority.';
COMMENT ON COLUMN stretches.type IS 'The type.';
COMMENT ON COLUMN stretches.category IS 'The category.';
COMMENT ON COLUMN stretches.next_status IS 'The status after it.';
COMMENT ON COLUMN stretches.next_queue IS 'The queue after it.';
COMMENT ON COLUMN stretches.next_assignee IS 'Who had it after it.';
COMMENT ON COLUMN stretches.case_no IS 'The number of the case.';
COMMENT ON COLUMN stretches.is_active IS 'Whether the status counts in the backlog.';
COMMENT ON COLUMN stretches.opened_at IS 'When the case began.';
