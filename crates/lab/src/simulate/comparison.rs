//! The cases of one thread: as they were, and as they would have been.

use std::collections::HashMap;

use docket_domain::case::replay::{self, Replayed};
use docket_domain::case::{Case, InvalidEntry};
use docket_domain::ledger::Ledger;
use docket_domain::policy::Policies;
use docket_eventlog::{Recorded, Subject};
use docket_messages::{CaseEntry, CaseId, Timestamp};

use crate::Error;

/// A case before and after.
#[derive(Debug, Default)]
pub struct Comparison {
    case: Option<Case>,
    /// As it was.
    pub before: Ledger,
    /// As it would have been.
    pub after: Ledger,
}

/// Cases, as they are replayed.
pub struct Comparisons {
    policies: Policies,
    until: Timestamp,
    /// Entries that were replayed.
    pub entries: u64,
    /// By case.
    pub cases: HashMap<CaseId, Comparison>,
}

impl Comparisons {
    pub fn new(policies: Policies, until: Timestamp) -> Self {
        Self { policies, until, entries: 0, cases: HashMap::new() }
    }

    /// Replays one more entry. Those of the policy, and those from the end on, are left out.
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), Error> {
        let place = |what: String| format!("the entry at position {} cannot be replayed: {what}", recorded.position);
        let Ok(Subject::Case(id)) = recorded.subject else { return Ok(()) };
        let entry = CaseEntry::decode(&recorded.payload).map_err(|error| place(error.to_string()))?;
        if entry.at >= self.until {
            return Ok(());
        }
        let is_backdated = entry.is_backdated(recorded.recorded_at);
        let comparison = self.cases.entry(id).or_default();
        comparison.before.apply(entry.events.iter().map(|event| (event.at().unwrap_or(entry.at), event)));
        let replayed = replay::replay(comparison.case.take(), id, &entry, is_backdated, &self.policies);
        comparison.is_now(replayed.map_err(|InvalidEntry { message }| place(message))?);
        self.entries += 1;
        Ok(())
    }

    /// Lets time pass until the end.
    pub fn finish(mut self) -> Self {
        for comparison in self.cases.values_mut() {
            if let Some(case) = comparison.case.take() {
                comparison.is_now(replay::pass_time(case, self.until, &self.policies));
                // Whatever comes now is only counted.
                comparison.case = None;
            }
            comparison.before.close(self.until);
            comparison.after.close(self.until);
        }
        self
    }
}

impl Comparison {
    fn is_now(&mut self, replayed: Replayed) {
        self.after.apply(replayed.events.iter().map(|(at, event)| (*at, event)));
        self.case = Some(replayed.case);
    }
}
