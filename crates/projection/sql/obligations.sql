CREATE OR REPLACE VIEW obligations WITH (security_invoker) AS
SELECT
    cases.case_id, obligations.instance, obligations.asked_at, obligations.answered_at, obligations.answered_by,
    seconds_between(obligations.asked_at, obligations.answered_at) AS seconds,
    obligations.open_millis / 1000.0::double precision AS business_seconds
FROM tables.obligations
LEFT JOIN tables.cases USING (case_no)
UNION ALL
SELECT case_id, obligations, unanswered_since, NULL, NULL, NULL, NULL
FROM tables.cases
WHERE unanswered_since IS NOT NULL AND status <> 'merged';

COMMENT ON VIEW obligations IS 'One row for each message of a customer that waits, or waited, for an answer: the oldest that nobody has answered. It is there whether or not the policy has a next_response clock. A message that wants no answer is none, and neither is one of an imported history that does not say what was answered. A message of a case that was merged into another one waits there, from when its customer began to wait; it stands with its own case again if the merge is taken back.';
COMMENT ON COLUMN obligations.case_id IS 'The case.';
COMMENT ON COLUMN obligations.instance IS 'The n-th of the case, from 1.';
COMMENT ON COLUMN obligations.asked_at IS 'When the message came.';
COMMENT ON COLUMN obligations.answered_at IS 'The next public response by a human; null while there is none.';
COMMENT ON COLUMN obligations.answered_by IS 'Who gave it; null when it was given in a case that this one had been merged into.';
COMMENT ON COLUMN obligations.seconds IS 'From the one to the other, in seconds; null while it waits.';
COMMENT ON COLUMN obligations.business_seconds IS 'The same, in open time of the calendar that the case counted by when it was answered (as in docket.case_times); null when it had none.';
