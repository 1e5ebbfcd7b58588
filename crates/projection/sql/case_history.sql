CREATE OR REPLACE VIEW case_history WITH (security_invoker) AS
SELECT
    case_id, version, from_at, until_at, status, queue, assignee, priority, type, category, case_no, is_active,
    opened_at
FROM stretches;

COMMENT ON VIEW case_history IS 'One row per entry that changed one of these columns. A row holds from from_at until before until_at.

The rows of a case cover its life without a gap. Two entries of one moment leave a row whose ends are equal: it never held. An auto-close that was decided late has its true date in cases.closed_at and case_timeline; here it stands at the moment of its entry.';
COMMENT ON COLUMN case_history.case_id IS 'The case.';
COMMENT ON COLUMN case_history.version IS 'The version of the case after the entry.';
COMMENT ON COLUMN case_history.from_at IS 'The moment of the entry.';
COMMENT ON COLUMN case_history.until_at IS 'The moment of the next change; null on the last row of a case, closed or not.';
COMMENT ON COLUMN case_history.status IS 'The status.';
COMMENT ON COLUMN case_history.queue IS 'The queue.';
COMMENT ON COLUMN case_history.assignee IS 'Who had it.';
COMMENT ON COLUMN case_history.priority IS 'The priority.';
COMMENT ON COLUMN case_history.type IS 'The type.';
COMMENT ON COLUMN case_history.category IS 'The category.';
COMMENT ON COLUMN case_history.case_no IS 'The number of the case, as in docket.cases.';
COMMENT ON COLUMN case_history.is_active IS 'Whether it counted in the backlog.';
COMMENT ON COLUMN case_history.opened_at IS 'When the case began.';
