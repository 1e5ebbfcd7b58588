//! Who waits in which queue, and who could take it: what a claim and a push choose from.
//!
//! A fold of the log, like a read model, and as little to be relied on: it proposes a case, and the case decides. It
//! holds the cases that are new, open or pending; the command service brings back those that return.
//!
//! Inside a queue the order is priority, then since when the case could be taken; an agent gets the first case that
//! asks for nothing that the agent lacks.

mod choice;
mod queued_case;

use std::collections::{BTreeSet, HashMap, HashSet};

use docket_messages::{
    AgentId, Assigned, CaseEntry, CaseEvent, CaseId, EndingEvent, IntakeEvent, MergeEvent, Name, OfferEvent, Offered,
    Presence, Timestamp, WorkEvent,
};

use self::queued_case::{QueuedCase, Requirements};
use crate::policy::Policy;

pub use choice::Proposal;

/// The desk, as the log has it up to some entry.
#[derive(Debug, Default)]
pub struct Board {
    cases: HashMap<CaseId, QueuedCase>,
    /// The cases of each queue that could be taken, in lines of those with the same requirements: who cannot
    /// take the first of a line cannot take the others.
    waiting: HashMap<Name, HashMap<Requirements, BTreeSet<QueueKey>>>,
    agents: HashMap<AgentId, Desk>,
}

/// Where a case stands in its queue: the rank of its priority, since when it waits, and its id.
type QueueKey = (usize, Timestamp, CaseId);

/// What is known of an agent.
#[derive(Debug, Clone, Copy)]
struct Desk {
    presence: Presence,
    /// Units of the cases that the agent has or is offered, but for those that wait.
    in_hand: u32,
    /// When the agent was last given a case.
    last_given: Timestamp,
}

impl Default for Desk {
    fn default() -> Self {
        Self { presence: Presence::Offline, in_hand: 0, last_given: Timestamp::EPOCH }
    }
}

/// Cases that are not to be had.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'t> {
    /// On their way to somebody, and so part of what they have in hand.
    pub held: &'t HashMap<CaseId, AgentId>,
    /// Lost to somebody else.
    pub lost: &'t HashSet<CaseId>,
}

impl Taken<'_> {
    fn has(&self, case: CaseId) -> bool {
        self.held.contains_key(&case) || self.lost.contains(&case)
    }
}

/// An entry of a case that is not on the board and comes back to it: its whole subject is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Missing;

impl Board {
    /// Applies an entry of a case. One that was applied before changes nothing.
    ///
    /// # Errors
    /// [`Missing`] when the case is not on the board and comes back to it, or has more entries than the board knows.
    pub fn apply(&mut self, case: CaseId, entry: &CaseEntry, is_history: bool, policy: &Policy) -> Result<(), Missing> {
        let queued = self.remove(case);
        let is_known = queued.as_ref().is_some_and(|queued| entry.version <= queued.version);
        let before = entry.version.get().saturating_sub(u32::try_from(entry.events.len()).unwrap_or(u32::MAX));
        let has_gap = queued.as_ref().is_some_and(|queued| queued.version.get() < before);
        if has_gap || queued.is_none() && entry.events.iter().any(brings_back) {
            return Err(Missing);
        }
        let queued = if is_known { queued } else { self.follow(queued, entry, is_history) };
        self.put(case, queued, policy);
        Ok(())
    }

    /// Applies all entries of a case that is not on the board, or stands there as of an earlier entry; each with
    /// whether it is part of a history.
    pub fn apply_whole(&mut self, case: CaseId, entries: &[(bool, CaseEntry)], policy: &Policy) {
        drop(self.remove(case));
        let queued = entries.iter().fold(None, |queued, (is_history, entry)| self.follow(queued, entry, *is_history));
        self.put(case, queued, policy);
    }

    /// A case after one more entry; none when it is one that began before.
    fn follow(&mut self, queued: Option<QueuedCase>, entry: &CaseEntry, is_history: bool) -> Option<QueuedCase> {
        let mut queued = match (queued, entry.events.first()) {
            (Some(queued), _) => queued,
            (None, Some(CaseEvent::Intake(IntakeEvent::Opened(opened)))) => QueuedCase::opened(opened, entry.at),
            (None, _) => return None,
        };
        for event in &entry.events {
            let at = event.at().unwrap_or(entry.at);
            queued.apply(event, at);
            if let CaseEvent::Work(WorkEvent::Assigned(Assigned { agent, .. }))
            | CaseEvent::Offer(OfferEvent::Offered(Offered { agent, .. })) = event
            {
                let desk = self.agents.entry(agent.clone()).or_default();
                desk.last_given = desk.last_given.max(at);
            }
        }
        queued.version = entry.version;
        queued.is_history = is_history;
        Some(queued)
    }

    /// Notes whether an agent takes on cases.
    pub fn set_presence(&mut self, agent: &AgentId, presence: Presence) {
        self.agents.entry(agent.clone()).or_default().presence = presence;
    }

    /// Orders and weighs everything anew, by another policy.
    pub fn rebase(&mut self, policy: &Policy) {
        let cases: Vec<CaseId> = self.cases.keys().copied().collect();
        for case in cases {
            let queued = self.remove(case);
            self.put(case, queued, policy);
        }
    }

    /// How many cases could be taken.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.values().flat_map(HashMap::values).map(BTreeSet::len).sum()
    }

    /// Puts a case in its place, unless it is over.
    fn put(&mut self, case: CaseId, queued: Option<QueuedCase>, policy: &Policy) {
        let Some(mut queued) = queued.filter(|queued| queued.facts.status.is_active()) else { return };
        queued.weigh(&policy.document);
        if let Some((agent, units)) = queued.load() {
            self.agents.entry(agent.clone()).or_default().in_hand += units;
        }
        if let Some(queue) = queued.waits_in() {
            let lines = self.waiting.entry(queue.clone()).or_default();
            lines.entry(queued.requirements.clone()).or_default().insert((queued.rank, queued.since, case));
        }
        self.cases.insert(case, queued);
    }

    fn remove(&mut self, case: CaseId) -> Option<QueuedCase> {
        let queued = self.cases.remove(&case)?;
        if let Some((agent, units)) = queued.load()
            && let Some(desk) = self.agents.get_mut(agent)
        {
            desk.in_hand = desk.in_hand.saturating_sub(units);
        }
        if let Some(lines) = queued.waits_in().and_then(|queue| self.waiting.get_mut(queue))
            && let Some(line) = lines.get_mut(&queued.requirements)
        {
            line.remove(&(queued.rank, queued.since, case));
            if line.is_empty() {
                lines.remove(&queued.requirements);
            }
        }
        Some(queued)
    }
}

/// Whether an event makes a case that was over active again.
fn brings_back(event: &CaseEvent) -> bool {
    matches!(event, CaseEvent::Ending(EndingEvent::Reopened(_)) | CaseEvent::Merge(MergeEvent::Unmerged(_)))
}
