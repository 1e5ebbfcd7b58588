//! What is counted of a case for its metrics, beside its facts: columns of `cases` that only metrics read.

use docket_messages::{CaseEntry, CaseEvent, CaseFacts, IntakeEvent, MergeEvent, Name, Timestamp, WorkEvent};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    /// The n-th of its case, from 1.
    pub instance: u32,
    /// When it came.
    pub asked_at: Timestamp,
    /// When it was answered.
    pub answered_at: Timestamp,
    /// By whom; none if it was in another case, which does not tell.
    pub answered_by: Option<String>,
}

impl Measures {
    /// Counts an event, before it is applied to the facts. Hands back the message that it answers. A history that does not
    /// say what was answered owes no answers; what is written to its case live is owed one.
    pub(crate) fn count(
        &mut self,
        facts: &CaseFacts,
        owes_answers: bool,
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
            if !message.ack && owes_answers {
                self.wait_since(at);
            }
        }
        if let CaseEvent::Merge(MergeEvent::Absorbed(absorbed)) = event
            && let Some(since) = absorbed.waiting_since
        {
            self.wait_since(since);
        }
        if let CaseEvent::Merge(MergeEvent::Unmerged(unmerged)) = event
            && let Some(answered_at) = unmerged.answered_at
        {
            return self.answer(answered_at, None);
        }
        if let CaseEvent::Work(WorkEvent::Responded(responded)) = event
            && !responded.automatic
        {
            self.replies += 1;
            self.first_responder.get_or_insert_with(|| who(entry));
            return self.answer(at, Some(who(entry)));
        }
        None
    }

    /// A customer waits for an answer, perhaps for longer than another one who waits already.
    fn wait_since(&mut self, since: Timestamp) {
        if self.unanswered_since.is_none() {
            self.obligations += 1;
        }
        self.unanswered_since = self.unanswered_since.into_iter().chain([since]).min();
    }

    fn answer(&mut self, answered_at: Timestamp, answered_by: Option<String>) -> Option<Answered> {
        let (asked_at, instance) = (self.unanswered_since.take()?, self.obligations);
        Some(Answered { instance, asked_at, answered_at, answered_by })
    }
}

/// Who did something: the agent on whose behalf it was sent, or its sender.
pub(crate) fn who(entry: &CaseEntry) -> String {
    entry.on_behalf_of.as_ref().map_or_else(|| entry.by.to_string(), ToString::to_string)
}
