CREATE OR REPLACE VIEW case_entries WITH (security_invoker) AS
SELECT
    cases.case_id, entries.version, entries.position, entries.at, entries.by, entries.on_behalf_of, entries.policy,
    entries.events, entries.details::jsonb[] AS details, entries.event_at, entries.before::jsonb AS before
FROM tables.case_entries AS entries
LEFT JOIN tables.cases USING (case_no);

COMMENT ON VIEW case_entries IS 'One row for each entry of a case: what one accepted command made of it. docket.case_timeline has a row for each of its events.';
COMMENT ON COLUMN case_entries.case_id IS 'The case.';
COMMENT ON COLUMN case_entries.version IS 'How many events the case has, with those of the entry.';
COMMENT ON COLUMN case_entries.position IS 'The log position of the entry.';
COMMENT ON COLUMN case_entries.at IS 'Its moment.';
COMMENT ON COLUMN case_entries.by IS 'The principal that sent the command.';
COMMENT ON COLUMN case_entries.on_behalf_of IS 'The agent on whose behalf it was sent.';
COMMENT ON COLUMN case_entries.policy IS 'The policy version that it was decided under.';
COMMENT ON COLUMN case_entries.events IS 'Its events, named as in the log, in their order.';
COMMENT ON COLUMN case_entries.details IS 'What each of them says, without anything personal.';
COMMENT ON COLUMN case_entries.event_at IS 'When each of them happened; null when all did at the moment of the entry.';
COMMENT ON COLUMN case_entries.before IS 'The columns of docket.cases that it changed, as they were before; empty for the first entry of a case. version and position change with every entry and are left out.';
