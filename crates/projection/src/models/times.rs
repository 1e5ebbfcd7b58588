//! How long a case took, and what it was when it got there: columns of `cases` that `docket.case_times` shows.

use docket_messages::{AgentId, CaseEntry, CaseFacts, ClockName, ClockReading, Name, PolicyVersion, Status, Timestamp};

use crate::calendars::Calendars;

/// How long a case took. Milliseconds; open ones are those of its calendar, the others those of the clock on the wall.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Times {
    /// The calendar that its business seconds are counted by, and the policy that it stands in: the one that the
    /// `resolution` clock counts by, else the `first_response` clock.
    pub calendar: Option<Name>,
    pub calendar_policy: Option<PolicyVersion>,
    /// From the opening.
    pub first_response_open_millis: Option<i64>,
    pub first_resolution_open_millis: Option<i64>,
    pub resolution_open_millis: Option<i64>,
    /// What was worked on it, and for how long it waited for others than the customer, up to its last change.
    pub work_millis: i64,
    pub on_hold_millis: i64,
    /// What it was when it was first answered,
    pub first_response_queue: Option<Name>,
    pub first_response_priority: Option<Name>,
    /// when it was first resolved,
    pub first_resolution_queue: Option<Name>,
    pub first_resolution_priority: Option<Name>,
    pub first_resolution_agent: Option<AgentId>,
    pub first_resolution_type: Option<Name>,
    /// and when it was last resolved.
    pub resolution_queue: Option<Name>,
    pub resolution_priority: Option<Name>,
    pub resolution_agent: Option<AgentId>,
    /// When it first came back into the backlog after it was resolved.
    pub first_reopened_at: Option<Timestamp>,
}

columns!(Times {
    calendar: Option<Name>,
    calendar_policy: Option<PolicyVersion>,
    first_response_open_millis: Option<i64>,
    first_resolution_open_millis: Option<i64>,
    resolution_open_millis: Option<i64>,
    work_millis: i64,
    on_hold_millis: i64,
    first_response_queue: Option<Name>,
    first_response_priority: Option<Name>,
    first_resolution_queue: Option<Name>,
    first_resolution_priority: Option<Name>,
    first_resolution_agent: Option<AgentId>,
    first_resolution_type: Option<Name>,
    resolution_queue: Option<Name>,
    resolution_priority: Option<Name>,
    resolution_agent: Option<AgentId>,
    first_reopened_at: Option<Timestamp>,
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

impl Times {
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

    /// Notes what the case is after an entry that has brought it to milestones.
    pub(crate) fn reach(&mut self, before: Milestones, facts: &CaseFacts, entry: &CaseEntry) {
        let now = Milestones::of(facts);
        let (queue, priority) = (&facts.queue, &facts.class.priority);
        if now.first_response != before.first_response {
            self.first_response_queue.clone_from(queue);
            self.first_response_priority.clone_from(priority);
        }
        if now.first_resolution != before.first_resolution {
            self.first_resolution_queue.clone_from(queue);
            self.first_resolution_priority.clone_from(priority);
            self.first_resolution_agent.clone_from(&facts.assignee);
            self.first_resolution_type = Some(facts.class.case_type.clone());
        }
        if now.resolution.is_some() && now.resolution != before.resolution {
            self.resolution_queue.clone_from(queue);
            self.resolution_priority.clone_from(priority);
            self.resolution_agent.clone_from(&facts.assignee);
        }
        if now.first_resolution.is_some() && facts.status.is_active() {
            self.first_reopened_at.get_or_insert(entry.at);
        }
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
