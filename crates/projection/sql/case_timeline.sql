CREATE OR REPLACE VIEW case_timeline WITH (security_invoker) AS
SELECT
    cases.case_id, (entries.version - cardinality(entries.events) + events.nth)::integer AS version, entries.position,
    coalesce(events.at, entries.at) AS at, entries.by, entries.on_behalf_of, events.event, entries.policy,
    events.detail::jsonb AS detail
FROM tables.case_entries AS entries
LEFT JOIN tables.cases USING (case_no)
CROSS JOIN LATERAL unnest(entries.events, entries.details, entries.event_at)
    WITH ORDINALITY AS events (event, detail, at, nth);

COMMENT ON VIEW case_timeline IS 'One row per event, as the log has it, without anything personal.';
COMMENT ON COLUMN case_timeline.case_id IS 'The case.';
COMMENT ON COLUMN case_timeline.version IS 'The version of the case after the event.';
COMMENT ON COLUMN case_timeline.position IS 'The log position of its entry.';
COMMENT ON COLUMN case_timeline.at IS 'When it happened, which for a deadline is when it fell due.';
COMMENT ON COLUMN case_timeline.by IS 'The principal who sent the command.';
COMMENT ON COLUMN case_timeline.on_behalf_of IS 'On whose behalf, by pseudonym.';
COMMENT ON COLUMN case_timeline.event IS 'What happened; docs/EVENTS.md describes each.';
COMMENT ON COLUMN case_timeline.policy IS 'The policy version that it was decided under.';
COMMENT ON COLUMN case_timeline.detail IS 'The body of the event, without its personal part.';
