CREATE OR REPLACE VIEW article_events WITH (security_invoker) AS
SELECT
    cases.case_id, events.version, events.at, events.event, events.article_id, events.case_no, events.position
FROM tables.article_events AS events
LEFT JOIN tables.cases USING (case_no);

COMMENT ON VIEW article_events IS 'One row each time that an article was attached to a case or detached from it, that it solved one, and each time that somebody searched for one in vain.';
COMMENT ON COLUMN article_events.case_id IS 'The case.';
COMMENT ON COLUMN article_events.version IS 'The event, as in docket.case_timeline.';
COMMENT ON COLUMN article_events.at IS 'When it happened.';
COMMENT ON COLUMN article_events.event IS 'attached, detached, solved (the case was resolved with it) or not_found (a search found none).';
COMMENT ON COLUMN article_events.article_id IS 'The article; null for a search in vain.';
COMMENT ON COLUMN article_events.case_no IS 'The number of the case, as in docket.cases.';
COMMENT ON COLUMN article_events.position IS 'The log position of its entry.';
