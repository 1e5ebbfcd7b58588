//! What became of the service levels of one case, by its events alone: no policy and no calendar is asked.

use std::collections::BTreeMap;

use docket_messages::{ClockChange, ClockName, Event, Name, Timestamp};

/// A clock of a case: which, and the n-th of its kind.
pub type ClockId = (ClockName, u32);

/// Whether a clock was kept, and where the case was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// When it was met, or breached.
    pub at: Timestamp,
    /// Met at or before its deadline.
    pub is_met: bool,
    /// The queue that the case was in.
    pub queue: Option<Name>,
    /// The priority that it had.
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
    /// The queue that it is in.
    pub queue: Option<Name>,
    /// Its priority.
    pub priority: Option<Name>,
    /// Its escalation level.
    pub level: u32,
    /// Every queue that it came into, in order.
    pub arrivals: Vec<Arrival>,
    /// What became of its clocks; those that are cancelled, or can still be kept, are not in it.
    pub outcomes: BTreeMap<ClockId, Outcome>,
    /// Deadlines of the clocks that run.
    due: BTreeMap<ClockId, Timestamp>,
}

impl Ledger {
    /// Takes in an event that happened at an instant.
    pub fn take(&mut self, event: &Event, at: Timestamp) {
        if let Some((change, reading)) = event.clock() {
            let id = (reading.clock, reading.instance);
            match reading.due_at.filter(|_| !matches!(change, ClockChange::Met | ClockChange::Cancelled)) {
                Some(due) => drop(self.due.insert(id, due)),
                None => drop(self.due.remove(&id)),
            }
            match change {
                ClockChange::Met => self.note(id, at, true),
                ClockChange::Breached => self.note(id, at, false),
                ClockChange::Cancelled => drop(self.outcomes.remove(&id)),
                ClockChange::Started
                | ClockChange::Paused
                | ClockChange::Resumed
                | ClockChange::Retargeted
                | ClockChange::Warned => {}
            }
            return;
        }
        if let Event::Classified(classified) = event {
            self.priority = Some(classified.priority.clone());
        }
        if let Event::Escalated(escalated) = event {
            self.level = escalated.level;
        }
        if let Event::Deescalated(deescalated) = event {
            self.level = deescalated.level;
        }
        if let Event::Routed(routed) = event {
            self.queue = Some(routed.queue.clone());
            self.arrivals.push(Arrival { at, queue: routed.queue.clone(), priority: self.priority.clone() });
        }
    }

    /// Counts what is overdue by an instant as breached at its deadline.
    pub fn close(&mut self, until: Timestamp) {
        let overdue: Vec<_> = self.due.iter().filter(|(_, due)| **due < until).map(|(id, due)| (*id, *due)).collect();
        for (id, due) in overdue {
            self.note(id, due, false);
        }
    }

    /// The first outcome counts: a clock that was breached and then met was breached.
    fn note(&mut self, id: ClockId, at: Timestamp, is_met: bool) {
        let (queue, priority) = (self.queue.clone(), self.priority.clone());
        self.outcomes.entry(id).or_insert(Outcome { at, is_met, queue, priority });
    }
}
