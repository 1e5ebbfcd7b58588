//! A case on the board, as its events leave it.

use docket_messages::policy::Document;
use docket_messages::{
    AgentId, CaseEvent, Name, OfferDeclined, OfferExpired, Opened, SkillNeed, Status, Timestamp, Version,
};

use crate::case::listed;

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
    pub(super) status: Status,
    pub(super) case_type: Name,
    pub(super) channel: Name,
    pub(super) priority: Option<Name>,
    pub(super) queue: Option<Name>,
    pub(super) requirements: Requirements,
    pub(super) assignee: Option<AgentId>,
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
            status: opened.status,
            case_type: opened.case_type.clone(),
            channel: opened.channel.clone(),
            priority: None,
            queue: None,
            requirements: Requirements { needs: Vec::new(), units: 1 },
            assignee: None,
            offered_to: None,
            passed_by: Vec::new(),
            since: at,
            rank: usize::MAX,
            is_history: false,
        }
    }

    pub(super) fn apply(&mut self, event: &CaseEvent, at: Timestamp) {
        let before = self.could_be_taken_in().cloned();
        match event {
            CaseEvent::Classified(classified) => {
                self.case_type = classified.case_type.clone();
                self.priority = Some(classified.priority.clone());
            }
            CaseEvent::Routed(routed) => {
                self.queue = Some(routed.queue.clone());
                self.requirements.needs.clone_from(&routed.skills);
                self.offered_to = None;
                self.passed_by.clear();
            }
            CaseEvent::Assigned(assigned) => {
                self.assignee = Some(assigned.agent.clone());
                self.status = assigned.status;
                self.offered_to = None;
                self.passed_by.clear();
            }
            CaseEvent::Unassigned(unassigned) => {
                self.assignee = None;
                // Who gave it back is not the first to have it again.
                self.passed_by.push(unassigned.agent.clone());
            }
            CaseEvent::Offered(offered) => self.offered_to = Some(offered.agent.clone()),
            CaseEvent::OfferDeclined(OfferDeclined { agent, .. })
            | CaseEvent::OfferExpired(OfferExpired { agent, .. }) => {
                self.offered_to = None;
                self.passed_by.push(agent.clone());
            }
            CaseEvent::Responded(responded) => self.status = responded.status,
            CaseEvent::Pended(pended) => self.end_offer(pended.status),
            CaseEvent::Resumed(resumed) => self.status = resumed.status,
            CaseEvent::Resolved(resolved) => self.end_offer(resolved.status),
            CaseEvent::Closed(closed) => self.end_offer(closed.status),
            CaseEvent::Cancelled(cancelled) => self.end_offer(cancelled.status),
            CaseEvent::Merged(merged) => self.end_offer(merged.status),
            CaseEvent::Unmerged(unmerged) => self.status = unmerged.status,
            CaseEvent::Reopened(reopened) => self.status = reopened.status,
            CaseEvent::Opened(_)
            | CaseEvent::MessageReceived(_)
            | CaseEvent::Noted(_)
            | CaseEvent::Escalated(_)
            | CaseEvent::Deescalated(_)
            | CaseEvent::Notified(_)
            | CaseEvent::ResolutionConfirmed(_)
            | CaseEvent::ResolutionRejected(_)
            | CaseEvent::EffortLogged(_)
            | CaseEvent::ArticleAttached(_)
            | CaseEvent::ArticleDetached(_)
            | CaseEvent::ArticleNotFound(_)
            | CaseEvent::Linked(_)
            | CaseEvent::LinkRequested(_)
            | CaseEvent::LinkRefused(_)
            | CaseEvent::ParentAccepted(_)
            | CaseEvent::PassingOn(_)
            | CaseEvent::PassedOn(_)
            | CaseEvent::SplitRequested(_)
            | CaseEvent::MergeRequested(_)
            | CaseEvent::MergeRefused(_)
            | CaseEvent::Absorbed(_)
            | CaseEvent::UnmergeRequested(_)
            | CaseEvent::Released(_)
            | CaseEvent::SurveyRequested(_)
            | CaseEvent::SurveyAnswered(_)
            | CaseEvent::SurveyExpired(_)
            | CaseEvent::FollowUpDue(_)
            | CaseEvent::Clock(..) => {}
        }
        if self.could_be_taken_in() != before.as_ref() {
            self.since = at;
        }
    }

    pub(super) fn end_offer(&mut self, status: Status) {
        self.status = status;
        self.offered_to = None;
    }

    /// The queue in which it waits to be taken.
    pub(super) fn waits_in(&self) -> Option<&Name> {
        self.could_be_taken_in().filter(|_| self.offered_to.is_none() && !self.is_history)
    }

    /// The queue in which it waits, or would if it were not just offered to somebody.
    pub(super) fn could_be_taken_in(&self) -> Option<&Name> {
        let is_free = self.assignee.is_none() && matches!(self.status, Status::New | Status::Open);
        self.queue.as_ref().filter(|_| is_free)
    }

    /// Whose capacity it takes, and how much of it. What waits takes none.
    pub(super) fn load(&self) -> Option<(&AgentId, u32)> {
        let is_worked_on = matches!(self.status, Status::New | Status::Open);
        let agent = self.assignee.as_ref().or(self.offered_to.as_ref()).filter(|_| is_worked_on)?;
        Some((agent, self.requirements.units))
    }

    pub(super) fn weigh(&mut self, document: &Document) {
        let weight = document.weights.iter().find(|weight| {
            listed(&weight.case_type, Some(&self.case_type))
                && listed(&weight.priority, self.priority.as_ref())
                && listed(&weight.channel, Some(&self.channel))
        });
        self.requirements.units = weight.map_or(1, |weight| weight.units);
        // A priority that the policy no longer has comes last.
        let place = |priority| document.matrix.priorities.iter().position(|other| other == priority);
        self.rank = self.priority.as_ref().and_then(place).unwrap_or(usize::MAX);
    }
}
