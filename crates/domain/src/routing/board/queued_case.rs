//! A case on the board, as its events leave it.

use docket_messages::policy::Document;
use docket_messages::{
    AgentId, CaseEvent, CaseFacts, EndingEvent, IntakeEvent, MergeEvent, Name, OfferDeclined, OfferEvent, OfferExpired,
    Opened, SkillNeed, Status, Timestamp, Version, WorkEvent,
};

use crate::policy::listed;

/// What an agent must have to take a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Requirements {
    pub(super) needs: Vec<SkillNeed>,
    /// How much of an agent's capacity it takes.
    pub(super) units: u32,
}

/// A case that is not over.
#[derive(Debug, Clone)]
pub(super) struct QueuedCase {
    pub(super) version: Version,
    pub(super) facts: CaseFacts,
    pub(super) requirements: Requirements,
    pub(super) offered_to: Option<AgentId>,
    /// Who let an offer of it pass, in this queue.
    pub(super) passed_by: Vec<AgentId>,
    /// Since when it could be taken, in this queue.
    pub(super) since: Timestamp,
    /// The rank of its priority.
    pub(super) rank: usize,
    /// Whether its last entry records what happened long ago: then there may be more of that to come.
    pub(super) is_history: bool,
}

impl QueuedCase {
    pub(super) fn opened(opened: &Opened, at: Timestamp) -> Self {
        Self {
            version: Version(0),
            facts: CaseFacts::opened(opened, at),
            requirements: Requirements { needs: Vec::new(), units: 1 },
            offered_to: None,
            passed_by: Vec::new(),
            since: at,
            rank: usize::MAX,
            is_history: false,
        }
    }

    pub(super) fn apply(&mut self, event: &CaseEvent, at: Timestamp) {
        let before = self.could_be_taken_in().cloned();
        self.facts.apply(event, at);
        match event {
            CaseEvent::Intake(event) => self.place(event),
            CaseEvent::Work(event) => self.work(event),
            CaseEvent::Offer(event) => self.offer(event),
            CaseEvent::Ending(EndingEvent::Resolved(_) | EndingEvent::Closed(_) | EndingEvent::Cancelled(_))
            | CaseEvent::Merge(MergeEvent::Merged(_)) => self.offered_to = None,
            CaseEvent::Ending(_)
            | CaseEvent::Merge(_)
            | CaseEvent::Article(_)
            | CaseEvent::Family(_)
            | CaseEvent::Survey(_)
            | CaseEvent::Clock(..) => {}
        }
        if self.could_be_taken_in() != before.as_ref() {
            self.since = at;
        }
    }

    fn place(&mut self, event: &IntakeEvent) {
        if let IntakeEvent::Routed(routed) = event {
            self.requirements.needs.clone_from(&routed.skills);
            self.offered_to = None;
            self.passed_by.clear();
        }
    }

    /// Status and assignee are facts; what is left is to whom it may be offered.
    fn work(&mut self, event: &WorkEvent) {
        if let WorkEvent::Assigned(_) = event {
            self.offered_to = None;
            self.passed_by.clear();
        } else if let WorkEvent::Unassigned(unassigned) = event {
            // Who gave it back is not the first to have it again.
            self.passed_by.push(unassigned.agent.clone());
        } else if let WorkEvent::Pended(_) = event {
            self.offered_to = None;
        }
    }

    fn offer(&mut self, event: &OfferEvent) {
        match event {
            OfferEvent::Offered(offered) => self.offered_to = Some(offered.agent.clone()),
            OfferEvent::OfferDeclined(OfferDeclined { agent, .. })
            | OfferEvent::OfferExpired(OfferExpired { agent, .. }) => {
                self.offered_to = None;
                self.passed_by.push(agent.clone());
            }
        }
    }

    /// The queue in which it waits to be taken.
    pub(super) fn waits_in(&self) -> Option<&Name> {
        self.could_be_taken_in().filter(|_| self.offered_to.is_none() && !self.is_history)
    }

    /// The queue in which it waits, or would if it were not just offered to somebody.
    pub(super) fn could_be_taken_in(&self) -> Option<&Name> {
        let is_free = self.facts.assignee.is_none() && matches!(self.facts.status, Status::New | Status::Open);
        self.facts.queue.as_ref().filter(|_| is_free)
    }

    /// Whose capacity it takes, and how much of it. What waits takes none.
    pub(super) fn load(&self) -> Option<(&AgentId, u32)> {
        let is_worked_on = matches!(self.facts.status, Status::New | Status::Open);
        let agent = self.facts.assignee.as_ref().or(self.offered_to.as_ref()).filter(|_| is_worked_on)?;
        Some((agent, self.requirements.units))
    }

    pub(super) fn weigh(&mut self, document: &Document) {
        let weight = document.weights.iter().find(|weight| {
            listed(&weight.case_type, Some(&self.facts.class.case_type))
                && listed(&weight.priority, self.facts.class.priority.as_ref())
                && listed(&weight.channel, Some(&self.facts.channel))
        });
        self.requirements.units = weight.map_or(1, |weight| weight.units);
        // A priority that the policy no longer has comes last.
        let place = |priority| document.matrix.priorities.iter().position(|other| other == priority);
        self.rank = self.facts.class.priority.as_ref().and_then(place).unwrap_or(usize::MAX);
    }
}
