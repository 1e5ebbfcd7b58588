CREATE OR REPLACE VIEW efforts WITH (security_invoker) AS
SELECT cases.case_id, efforts.at, efforts.agent, efforts.activity, efforts.seconds,
    efforts.position, efforts.case_no
FROM tables.efforts
LEFT JOIN tables.cases USING (case_no);

COMMENT ON VIEW efforts IS 'One row each time that work on a case was recorded.';
COMMENT ON COLUMN efforts.case_id IS 'The case.';
COMMENT ON COLUMN efforts.at IS 'When it was recorded.';
COMMENT ON COLUMN efforts.agent IS 'Who worked: on whose behalf it was recorded, or else its sender.';
COMMENT ON COLUMN efforts.activity IS 'At what; null when that was not said.';
COMMENT ON COLUMN efforts.seconds IS 'For how long, in seconds.';
COMMENT ON COLUMN efforts.position IS 'The log position of its entry.';
COMMENT ON COLUMN efforts.case_no IS 'The number of the case, as in docket.cases.';
