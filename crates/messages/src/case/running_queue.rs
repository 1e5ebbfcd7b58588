//! In which queue the clocks of a case ran.

use super::{CaseEvent, ClockChange};
use crate::{Name, Timestamp};

/// Follows the events of one case and says in which queue its clocks ran up to the event that ends one. A command that
/// moves a case and gives it to an agent at once ends a wait that was the old queue's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunningQueue {
    queue: Option<Name>,
    last: Option<(Timestamp, bool)>,
}

impl RunningQueue {
    /// The events of another entry follow.
    pub fn begin(&mut self) {
        self.last = None;
    }

    /// Takes in an event that happened at an instant, while the case was in a queue.
    pub fn apply(&mut self, event: &CaseEvent, at: Timestamp, queue: Option<&Name>) {
        let clock = event.clock();
        // What people or rules did comes before what it does to the clocks, all at one instant.
        let is_of_the_same = self.last.is_some_and(|(last, was_clock)| last == at && (clock.is_some() || !was_clock));
        let starts = clock.is_some_and(|(change, _)| change == ClockChange::Started);
        if (!is_of_the_same || starts) && self.queue.as_ref() != queue {
            self.queue = queue.cloned();
        }
        self.last = Some((at, clock.is_some()));
    }

    /// The queue; none if there was none.
    #[must_use]
    pub fn queue(&self) -> Option<&Name> {
        self.queue.as_ref()
    }
}
