//! What became of the service levels of one case, by its events alone: no policy and no calendar is asked.

use std::collections::BTreeMap;

use docket_messages::{
    CaseEvent, CaseFacts, Cause, ClockChange, ClockName, IntakeEvent, Name, RunningQueue, Timestamp,
};

/// A clock of a case: which, and the n-th of its kind.
pub type ClockId = (ClockName, u32);

/// Whether a clock was kept, and where the case was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockOutcome {
    /// When it was met, or breached.
    pub at: Timestamp,
    /// Met at or before its deadline.
    pub is_met: bool,
    /// The queue in which it ran.
    pub queue: Option<Name>,
    /// The priority that the case had.
    pub priority: Option<Name>,
}

/// A case that came into a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// The queue.
    pub queue: Name,
    /// The priority that it had.
    pub priority: Option<Name>,
}

/// The service levels of one case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// What its events say of it, once it was opened.
    pub facts: Option<CaseFacts>,
    /// Every queue that it came into, in order.
    pub arrivals: Vec<Arrival>,
    /// What became of its clocks. Those that were cancelled in time, or can still be kept, are not in it, nor are those
    /// of a case that goes on in another one.
    pub outcomes: BTreeMap<ClockId, ClockOutcome>,
    /// Deadlines of the clocks that run.
    due: BTreeMap<ClockId, Timestamp>,
    /// Outcomes that do not count while the case goes on in another one.
    left_out: BTreeMap<ClockId, ClockOutcome>,
    running_queue: RunningQueue,
}

impl Ledger {
    /// Takes in the events of one entry, each with the instant at which it happened.
    pub fn apply<'e>(&mut self, events: impl IntoIterator<Item = (Timestamp, &'e CaseEvent)>) {
        self.running_queue.begin();
        for (at, event) in events {
            let queue = self.facts.as_ref().and_then(|facts| facts.queue.as_ref());
            self.running_queue.apply(event, at, queue);
            match (&mut self.facts, event) {
                (Some(facts), _) => facts.apply(event, at),
                (facts @ None, CaseEvent::Intake(IntakeEvent::Opened(opened))) => {
                    *facts = Some(CaseFacts::opened(opened, at));
                }
                (None, _) => {}
            }
            self.note_event(event, at);
        }
    }

    /// The queue that it is in.
    #[must_use]
    pub fn queue(&self) -> Option<&Name> {
        self.facts.as_ref()?.queue.as_ref()
    }

    /// Its priority.
    #[must_use]
    pub fn priority(&self) -> Option<&Name> {
        self.facts.as_ref()?.class.priority.as_ref()
    }

    /// Its escalation level.
    #[must_use]
    pub fn level(&self) -> u32 {
        self.facts.as_ref().map_or(0, |facts| facts.escalation_level)
    }

    fn note_event(&mut self, event: &CaseEvent, at: Timestamp) {
        if let CaseEvent::Intake(IntakeEvent::Routed(routed)) = event {
            self.arrivals.push(Arrival { at, queue: routed.queue.clone(), priority: self.priority().cloned() });
        }
        if let Some((change, reading)) = event.clock() {
            let id = (reading.clock, reading.instance);
            match reading.due_at.filter(|_| !matches!(change, ClockChange::Met | ClockChange::Cancelled)) {
                Some(due) => drop(self.due.insert(id, due)),
                None => drop(self.due.remove(&id)),
            }
            match change {
                ClockChange::Met => self.note(id, at, true),
                ClockChange::Breached => self.note(id, reading.breached_at(at), false),
                // Only a merge takes out what became of a clock, until it is taken back.
                ClockChange::Cancelled if reading.cause == Some(Cause::Merge) => {
                    self.left_out.extend(self.outcomes.remove(&id).map(|outcome| (id, outcome)));
                }
                ClockChange::Resumed => self.outcomes.extend(self.left_out.remove_entry(&id)),
                ClockChange::Cancelled
                | ClockChange::Started
                | ClockChange::Paused
                | ClockChange::Retargeted
                | ClockChange::Warned => {}
            }
        }
    }

    /// Counts what is overdue by an instant as breached at its deadline.
    pub fn close(&mut self, until: Timestamp) {
        let overdue: Vec<_> = self.due.iter().filter(|(_, due)| **due < until).map(|(id, due)| (*id, *due)).collect();
        for (id, due) in overdue {
            let (queue, priority) = (self.queue().cloned(), self.priority().cloned());
            self.outcomes.entry(id).or_insert(ClockOutcome { at: due, is_met: false, queue, priority });
        }
    }

    /// The first outcome counts: a clock that was breached and then met was breached.
    fn note(&mut self, id: ClockId, at: Timestamp, is_met: bool) {
        // One that was left out by a merge and is met as the merge is taken back was not lost.
        self.outcomes.extend(self.left_out.remove_entry(&id));
        let (queue, priority) = (self.running_queue.queue().cloned(), self.priority().cloned());
        self.outcomes.entry(id).or_insert(ClockOutcome { at, is_met, queue, priority });
    }
}
