//! What is counted of a case for its metrics, beside its facts: columns of `cases` that only metrics read.

use docket_messages::{
    CaseEntry, CaseEvent, CaseFacts, ClockName, ClockReading, IntakeEvent, Name, PolicyVersion, Status, Timestamp,
    WorkEvent,
};

use crate::calendars::Calendars;

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
    /// The calendar that its business seconds are counted by, and the policy that it stands in: the one that the
    /// `resolution` clock counts by, else the `first_response` clock.
    pub calendar: Option<Name>,
    pub calendar_policy: Option<PolicyVersion>,
    /// Open milliseconds from the opening.
    pub first_response_open_millis: Option<i64>,
    pub first_resolution_open_millis: Option<i64>,
    pub resolution_open_millis: Option<i64>,
    /// What was worked on it, and for how long it waited for others than the customer, up to its last change: in
    /// milliseconds by the clock on the wall.
    pub work_millis: i64,
    pub on_hold_millis: i64,
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
    calendar: Option<Name>,
    calendar_policy: Option<PolicyVersion>,
    first_response_open_millis: Option<i64>,
    first_resolution_open_millis: Option<i64>,
    resolution_open_millis: Option<i64>,
    work_millis: i64,
    on_hold_millis: i64,
});

/// The moments of a case that are measured from its opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Milestones {
    first_response: Option<Timestamp>,
    first_resolution: Option<Timestamp>,
    resolution: Option<Timestamp>,
}

impl Milestones {
    pub(crate) fn of(facts: &CaseFacts) -> Self {
        Self {
            first_response: facts.first_response_at,
            first_resolution: facts.first_resolved_at,
            resolution: facts.resolved_at,
        }
    }
}

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

impl Measures {
    /// Notes the calendar that a clock counts by, if business seconds are counted by that clock. Says whether it is
    /// another one.
    pub(crate) fn note_calendar(&mut self, reading: &ClockReading, has_resolution_clock: bool) -> bool {
        let counts = match reading.clock {
            ClockName::Resolution => true,
            ClockName::FirstResponse => !has_resolution_clock,
            ClockName::NextResponse | ClockName::Update | ClockName::Ownership => false,
        };
        if !counts || self.calendar.as_ref() == Some(&reading.calendar) && self.calendar_policy == Some(reading.policy)
        {
            return false;
        }
        (self.calendar, self.calendar_policy) = (Some(reading.calendar.clone()), Some(reading.policy));
        true
    }

    /// Open milliseconds between two moments of the case, if it has a calendar.
    ///
    /// # Errors
    /// That the calendar is not known.
    pub(crate) fn open_millis(
        &self,
        calendars: &mut Calendars,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Option<i64>, String> {
        let (Some(name), Some(policy)) = (&self.calendar, self.calendar_policy) else { return Ok(None) };
        Ok(Some(calendars.get(policy, name)?.elapsed(from, to)))
    }

    /// Counts the open time up to each of the case's milestones.
    ///
    /// # Errors
    /// That the calendar is not known.
    pub(crate) fn count_open_time(&mut self, facts: &CaseFacts, calendars: &mut Calendars) -> Result<(), String> {
        let mut until = |moment: Option<Timestamp>| match moment {
            Some(moment) => self.open_millis(calendars, facts.opened_at, moment),
            None => Ok(None),
        };
        let Milestones { first_response, first_resolution, resolution } = Milestones::of(facts);
        let open = (until(first_response)?, until(first_resolution)?, until(resolution)?);
        (self.first_response_open_millis, self.first_resolution_open_millis, self.resolution_open_millis) = open;
        Ok(())
    }

    /// Counts a stretch that has ended.
    pub(crate) fn count_stretch(&mut self, status: Status, from: Timestamp, until: Timestamp) {
        let millis = until.as_millis() - from.as_millis();
        match status {
            Status::New | Status::Open => self.work_millis += millis,
            Status::PendingThirdParty | Status::PendingInternal => self.on_hold_millis += millis,
            Status::PendingCustomer | Status::Resolved | Status::Closed | Status::Cancelled | Status::Merged => {}
        }
    }
}

/// Who did something: the agent on whose behalf it was sent, or its sender.
pub(crate) fn who(entry: &CaseEntry) -> String {
    entry.on_behalf_of.as_ref().map_or_else(|| entry.by.to_string(), ToString::to_string)
}
