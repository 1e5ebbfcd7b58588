CREATE OR REPLACE VIEW contacts WITH (security_invoker) AS
SELECT
    cases.case_id, contacts.at, contacts.channel, cases.customer_id, cases.type, cases.category, contacts.kind,
    coalesce(contacts.queue, cases.first_queue) AS queue
FROM tables.contacts
LEFT JOIN tables.cases USING (case_no);

COMMENT ON VIEW contacts IS 'One row each time that a customer came: by an intake, or by a message.';
COMMENT ON COLUMN contacts.case_id IS 'The case.';
COMMENT ON COLUMN contacts.at IS 'When.';
COMMENT ON COLUMN contacts.channel IS 'How: by the channel of the message, or that of the case.';
COMMENT ON COLUMN contacts.customer_id IS 'The customer, by pseudonym.';
COMMENT ON COLUMN contacts.type IS 'The type of the case, as it is now.';
COMMENT ON COLUMN contacts.category IS 'The category of the case, as it is now.';
COMMENT ON COLUMN contacts.kind IS 'intake or message.';
COMMENT ON COLUMN contacts.queue IS 'The queue that the case was in; of an intake, and of a message that came before there was one, the first one that it came into. Null until then.';
