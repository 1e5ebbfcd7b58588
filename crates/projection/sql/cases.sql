CREATE OR REPLACE VIEW cases WITH (security_invoker) AS
SELECT
    case_id, status, type, category, subcategory, impact, urgency, priority, channel, queue, assignee,
    customer_id, parent_id, merged_into, opened_at, first_response_at, first_resolved_at, resolved_at,
    closed_at, reopen_count, reassign_count, transfer_count, escalation_level, resolution_code, closure_code,
    csat, language, tier, wake_at, version, position, responses_known, is_backdated,
    first_queue, first_responder, replies, messages, handle_seconds, ping_pong, is_active, case_no
FROM tables.cases;

COMMENT ON VIEW cases IS 'One row per case, as it is now.

wake_at is what the last entry of the case says. A policy that is published later changes no entry: a resolved case that only its auto-close will close keeps a null wake_at until then, and is closed in time all the same. After a back-dated command that began something with another case, it says when that is taken up again.

A closed case keeps resolved_at and resolution_code; reopening and cancelling clear resolved_at, closed_at and both codes. first_resolved_at is never cleared.';
COMMENT ON COLUMN cases.case_id IS 'The case.';
COMMENT ON COLUMN cases.status IS 'new, open, pending_customer, pending_third_party, pending_internal, resolved, closed, cancelled or merged.';
COMMENT ON COLUMN cases.type IS 'What it is about, as the policy names it.';
COMMENT ON COLUMN cases.category IS 'The category, as the policy names it.';
COMMENT ON COLUMN cases.subcategory IS 'The subcategory, as the policy names it.';
COMMENT ON COLUMN cases.impact IS 'How much is affected, as the policy names it.';
COMMENT ON COLUMN cases.urgency IS 'How soon it matters, as the policy names it.';
COMMENT ON COLUMN cases.priority IS 'What the matrix of the policy made of impact and urgency.';
COMMENT ON COLUMN cases.channel IS 'How the customer came.';
COMMENT ON COLUMN cases.queue IS 'The queue that it is in; null until it is routed.';
COMMENT ON COLUMN cases.assignee IS 'Who has it; null when nobody has.';
COMMENT ON COLUMN cases.customer_id IS 'The customer, by pseudonym.';
COMMENT ON COLUMN cases.parent_id IS 'The case that it belongs to, as its intake named it or as both have agreed since; a parent that refused stays named, and linkRefused in the timeline says why.';
COMMENT ON COLUMN cases.merged_into IS 'The case that it goes on in, if it was merged.';
COMMENT ON COLUMN cases.opened_at IS 'When it began.';
COMMENT ON COLUMN cases.first_response_at IS 'The first public response by a human.';
COMMENT ON COLUMN cases.first_resolved_at IS 'When it was first resolved.';
COMMENT ON COLUMN cases.resolved_at IS 'When it was last resolved; null while it is not resolved.';
COMMENT ON COLUMN cases.closed_at IS 'When it was closed; null while it is not closed.';
COMMENT ON COLUMN cases.reopen_count IS 'How often it came back.';
COMMENT ON COLUMN cases.reassign_count IS 'Changes from one agent to a different one. The first assignment is none, nor is one after unassign.';
COMMENT ON COLUMN cases.transfer_count IS 'Changes from one queue to a different one. The first routing is none.';
COMMENT ON COLUMN cases.escalation_level IS 'The level that it was raised to; 0 is none.';
COMMENT ON COLUMN cases.resolution_code IS 'How it was solved; null while it is not resolved.';
COMMENT ON COLUMN cases.closure_code IS 'How it ended; null while it is not closed.';
COMMENT ON COLUMN cases.csat IS 'The latest satisfaction score, 1 to 5.';
COMMENT ON COLUMN cases.language IS 'The language of the customer.';
COMMENT ON COLUMN cases.tier IS 'The tier of the customer.';
COMMENT ON COLUMN cases.wake_at IS 'When it next needs attention; null when nothing will fall due, or after a back-dated command.';
COMMENT ON COLUMN cases.version IS 'How many events it has.';
COMMENT ON COLUMN cases.position IS 'The log position of its last entry.';
COMMENT ON COLUMN cases.responses_known IS 'Whether its history says what was answered; false for an import from a source that does not.';
COMMENT ON COLUMN cases.is_backdated IS 'Whether its last entry records what happened more than a minute before, at a moment that its sender named (Docket-Occurred-At); such a case is not woken until somebody works on it. In tables from before this was noted it is also true of resolved cases that nothing was to wake, until docket rebuild.';
COMMENT ON COLUMN cases.first_responder IS 'Who gave the first public response by a human: on whose behalf it was sent, or else its sender; null while there is none.';
COMMENT ON COLUMN cases.replies IS 'Public responses by humans.';
COMMENT ON COLUMN cases.messages IS 'Messages of the customer, without the intake.';
COMMENT ON COLUMN cases.handle_seconds IS 'Recorded work, in seconds.';
COMMENT ON COLUMN cases.ping_pong IS 'Whether it ever went back to the queue that it had just come from (A, B, A).';
COMMENT ON COLUMN cases.first_queue IS 'The first queue that it was in; null until it is routed.';
COMMENT ON COLUMN cases.is_active IS 'Whether it counts in the backlog: new, open or pending. Quicker to ask than by the status.';
COMMENT ON COLUMN cases.case_no IS 'Its number: the log position of its first entry. Quicker to join by than case_id.';
