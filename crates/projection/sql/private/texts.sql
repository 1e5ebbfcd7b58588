CREATE OR REPLACE VIEW texts AS
SELECT
    cases.case_id, texts.version, texts.field, texts.text
FROM tables.texts
LEFT JOIN tables.cases USING (case_no);

COMMENT ON VIEW texts IS 'Everything personal: free texts and custom fields, by the event that brought them.';
COMMENT ON COLUMN texts.case_id IS 'The case.';
COMMENT ON COLUMN texts.version IS 'The version of the event.';
COMMENT ON COLUMN texts.field IS 'Which text: subject, description, text, steps, reason, comment, or fields.<name>.';
COMMENT ON COLUMN texts.text IS 'The text.';
