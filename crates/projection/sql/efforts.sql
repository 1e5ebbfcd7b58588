CREATE OR REPLACE VIEW efforts AS
SELECT case_id, at, agent, activity, seconds
FROM tables.efforts;

COMMENT ON VIEW efforts IS 'One row each time that work on a case was recorded.';
COMMENT ON COLUMN efforts.case_id IS 'The case.';
COMMENT ON COLUMN efforts.at IS 'When it was recorded.';
COMMENT ON COLUMN efforts.agent IS 'Who worked: on whose behalf it was recorded, or else its sender.';
COMMENT ON COLUMN efforts.activity IS 'At what; null when that was not said.';
COMMENT ON COLUMN efforts.seconds IS 'For how long, in seconds.';
