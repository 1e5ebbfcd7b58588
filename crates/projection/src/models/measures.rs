//! What is counted of a case for its metrics, beside its facts: columns of `cases` that only metrics read.

use docket_messages::{CaseEntry, CaseEvent, CaseFacts, IntakeEvent, Name, Timestamp, WorkEvent};

/// What is counted of a case.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Measures {
    /// Who gave the first public response by a human.
    pub first_responder: Option<String>,
    /// Public responses by humans.
    pub replies: u32,
    /// Messages of the customer, without the intake.
    pub messages: u32,
    /// Recorded work, in seconds.
    pub handle_seconds: i64,
    /// The first queue that it was in.
    pub first_queue: Option<Name>,
    /// The queue before the one that it is in.
    pub previous_queue: Option<Name>,
    /// Whether it ever went back to the queue that it had just come from.
    pub ping_pong: bool,
    /// The oldest message that waits for an answer.
    pub unanswered_since: Option<Timestamp>,
    /// How many messages, each the oldest of its time, have waited for an answer or do.
    pub obligations: u32,
}

columns!(Measures {
    first_responder: Option<String>,
    replies: u32,
    messages: u32,
    handle_seconds: i64,
    first_queue: Option<Name>,
    previous_queue: Option<Name>,
    ping_pong: bool,
    unanswered_since: Option<Timestamp>,
    obligations: u32,
});

/// A message that waited for an answer, and has got it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answered {
    /// The n-th of its case, from 1.
    pub instance: u32,
    /// When it came.
    pub asked_at: Timestamp,
}

impl Measures {
    /// Counts an event, before it is applied to the facts. Hands back the message that it answers.
    pub(crate) fn count(
        &mut self,
        facts: &CaseFacts,
        are_responses_known: bool,
        entry: &CaseEntry,
        (event, at): (&CaseEvent, Timestamp),
    ) -> Option<Answered> {
        if let CaseEvent::Intake(IntakeEvent::Routed(routed)) = event
            && facts.queue.as_ref() != Some(&routed.queue)
        {
            self.ping_pong |= self.previous_queue.as_ref() == Some(&routed.queue);
            self.previous_queue.clone_from(&facts.queue);
            self.first_queue.get_or_insert_with(|| routed.queue.clone());
        }
        if let CaseEvent::Work(WorkEvent::EffortLogged(effort)) = event {
            self.handle_seconds += i64::from(effort.seconds);
        }
        if let CaseEvent::Work(WorkEvent::MessageReceived(message)) = event {
            self.messages += 1;
            // A history that does not say what was answered owes nothing.
            if !message.ack && are_responses_known && self.unanswered_since.is_none() {
                self.unanswered_since = Some(at);
                self.obligations += 1;
            }
        }
        if let CaseEvent::Work(WorkEvent::Responded(responded)) = event
            && !responded.automatic
        {
            self.replies += 1;
            self.first_responder.get_or_insert_with(|| who(entry));
            let instance = self.obligations;
            return self.unanswered_since.take().map(|asked_at| Answered { instance, asked_at });
        }
        None
    }
}

/// Who did something: the agent on whose behalf it was sent, or its sender.
pub(crate) fn who(entry: &CaseEntry) -> String {
    entry.on_behalf_of.as_ref().map_or_else(|| entry.by.to_string(), ToString::to_string)
}
