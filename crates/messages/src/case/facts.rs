//! What every reader of a case's events counts alike.

use super::{
    CaseEvent, Classified, EndingEvent, FamilyEvent, IntakeEvent, MergeEvent, Opened, Relation, Status, SurveyEvent,
    WorkEvent,
};
use crate::{AgentId, CaseId, CustomerId, Name, Survey, Timestamp};

/// The facts of a case, by its events alone: no rule is applied, and no policy is asked. The state that decides, the
/// read models, the board and the ledger all fold these, so a case has one number of transfers, wherever it is asked
/// for.
/// `docket.cases` has a column for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    /// Its status; [`Status::is_active`] says whether it counts in the backlog.
    pub status: Status,
    /// What it is about.
    pub class: Classification,
    /// How the customer came.
    pub channel: Name,
    /// The queue that it is in.
    pub queue: Option<Name>,
    /// Who has it.
    pub assignee: Option<AgentId>,
    /// The customer.
    pub customer_id: Option<CustomerId>,
    /// The case that it belongs to.
    pub parent_id: Option<CaseId>,
    /// The case that it goes on in.
    pub merged_into: Option<CaseId>,
    /// When it began.
    pub opened_at: Timestamp,
    /// The first public response by a human.
    pub first_response_at: Option<Timestamp>,
    /// When it was first resolved.
    pub first_resolved_at: Option<Timestamp>,
    /// When it was last resolved; absent once it came back or was withdrawn.
    pub resolved_at: Option<Timestamp>,
    /// When it was closed; absent once it came back.
    pub closed_at: Option<Timestamp>,
    /// How often it came back.
    pub reopen_count: u32,
    /// How often it went from one agent to another, with nobody in between.
    pub reassign_count: u32,
    /// How often it went from one queue to another.
    pub transfer_count: u32,
    /// The level that it was raised to; 0 is none.
    pub escalation_level: u32,
    /// How it was solved.
    pub resolution_code: Option<Name>,
    /// How it ended.
    pub closure_code: Option<Name>,
    /// The latest CSAT score.
    pub csat: Option<u32>,
    /// The customer's language.
    pub language: Option<Name>,
    /// The customer's tier.
    pub tier: Option<Name>,
}

/// What a case is about. Only the type is known until it is classified, which intake does at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification {
    /// The type.
    pub case_type: Name,
    /// The category.
    pub category: Option<Name>,
    /// The subcategory.
    pub subcategory: Option<Name>,
    /// How much is affected.
    pub impact: Option<Name>,
    /// How soon it matters.
    pub urgency: Option<Name>,
    /// What the policy's matrix makes of the two.
    pub priority: Option<Name>,
}

impl From<&Classified> for Classification {
    fn from(classified: &Classified) -> Self {
        Self {
            case_type: classified.case_type.clone(),
            category: classified.category.clone(),
            subcategory: classified.subcategory.clone(),
            impact: Some(classified.impact.clone()),
            urgency: Some(classified.urgency.clone()),
            priority: Some(classified.priority.clone()),
        }
    }
}

impl CaseFacts {
    /// The facts of a case that was just opened.
    #[must_use]
    pub fn opened(opened: &Opened, at: Timestamp) -> Self {
        Self {
            status: opened.status,
            class: Classification {
                case_type: opened.case_type.clone(),
                category: None,
                subcategory: None,
                impact: None,
                urgency: None,
                priority: None,
            },
            channel: opened.channel.clone(),
            queue: None,
            assignee: None,
            customer_id: opened.customer_id.clone(),
            parent_id: opened.parent_id,
            merged_into: None,
            opened_at: at,
            first_response_at: None,
            first_resolved_at: None,
            resolved_at: None,
            closed_at: None,
            reopen_count: 0,
            reassign_count: 0,
            transfer_count: 0,
            escalation_level: 0,
            resolution_code: None,
            closure_code: None,
            csat: None,
            language: opened.language.clone(),
            tier: opened.tier.clone(),
        }
    }

    /// Applies one event that happened at `at`.
    pub fn apply(&mut self, event: &CaseEvent, at: Timestamp) {
        if let Some(status) = event.status() {
            self.status = status;
        }
        match event {
            CaseEvent::Intake(event) => self.place(event),
            CaseEvent::Work(event) => self.work(event, at),
            CaseEvent::Ending(event) => self.end(event, at),
            CaseEvent::Merge(event) => self.merge(event),
            CaseEvent::Family(event) => self.belong(event),
            CaseEvent::Survey(event) => self.rate(event),
            CaseEvent::Article(_) | CaseEvent::Offer(_) | CaseEvent::Clock(..) => {}
        }
    }

    fn place(&mut self, event: &IntakeEvent) {
        match event {
            IntakeEvent::Opened(_) => {}
            IntakeEvent::Classified(classified) => self.class = Classification::from(classified),
            IntakeEvent::Routed(routed) => {
                self.transfer_count += u32::from(self.queue.as_ref().is_some_and(|queue| *queue != routed.queue));
                self.queue = Some(routed.queue.clone());
            }
        }
    }

    fn work(&mut self, event: &WorkEvent, at: Timestamp) {
        match event {
            WorkEvent::Assigned(assigned) => {
                let is_other = self.assignee.as_ref().is_some_and(|agent| *agent != assigned.agent);
                self.reassign_count += u32::from(is_other);
                self.assignee = Some(assigned.agent.clone());
            }
            WorkEvent::Unassigned(_) => self.assignee = None,
            WorkEvent::Responded(responded) => {
                if !responded.automatic {
                    self.first_response_at.get_or_insert(at);
                }
            }
            WorkEvent::Escalated(escalated) => self.escalation_level = escalated.level,
            WorkEvent::Deescalated(deescalated) => self.escalation_level = deescalated.level,
            WorkEvent::MessageReceived(_)
            | WorkEvent::Noted(_)
            | WorkEvent::Pended(_)
            | WorkEvent::Resumed(_)
            | WorkEvent::FollowUpDue(_)
            | WorkEvent::Notified(_)
            | WorkEvent::EffortLogged(_) => {}
        }
    }

    fn end(&mut self, event: &EndingEvent, at: Timestamp) {
        match event {
            EndingEvent::Resolved(resolved) => {
                self.first_resolved_at.get_or_insert(at);
                self.resolved_at = Some(at);
                self.resolution_code = Some(resolved.code.clone());
            }
            EndingEvent::Closed(closed) => {
                self.closed_at = Some(at);
                self.closure_code = Some(closed.code.clone());
            }
            EndingEvent::Reopened(_) => {
                self.reopen_count += 1;
                self.no_longer_resolved();
            }
            EndingEvent::Cancelled(_) => self.no_longer_resolved(),
            EndingEvent::ResolutionConfirmed(_) | EndingEvent::ResolutionRejected(_) => {}
        }
    }

    fn merge(&mut self, event: &MergeEvent) {
        match event {
            MergeEvent::Merged(merged) => self.merged_into = Some(merged.into),
            MergeEvent::Unmerged(unmerged) => {
                self.merged_into = None;
                self.first_response_at = self.first_response_at.or(unmerged.answered_at);
            }
            MergeEvent::MergeRequested(_)
            | MergeEvent::MergeRefused(_)
            | MergeEvent::Absorbed(_)
            | MergeEvent::UnmergeRequested(_)
            | MergeEvent::Released(_) => {}
        }
    }

    fn belong(&mut self, event: &FamilyEvent) {
        match event {
            FamilyEvent::Linked(linked) => {
                if linked.relation == Relation::Parent {
                    self.parent_id = Some(linked.to);
                }
            }
            FamilyEvent::LinkRequested(_)
            | FamilyEvent::LinkRefused(_)
            | FamilyEvent::ParentAccepted(_)
            | FamilyEvent::PassingOn(_)
            | FamilyEvent::PassedOn(_)
            | FamilyEvent::SplitRequested(_) => {}
        }
    }

    fn rate(&mut self, event: &SurveyEvent) {
        match event {
            SurveyEvent::SurveyAnswered(answered) => {
                if answered.survey == Survey::Csat {
                    self.csat = Some(answered.score);
                }
            }
            SurveyEvent::SurveyRequested(_) | SurveyEvent::SurveyExpired(_) => {}
        }
    }

    fn no_longer_resolved(&mut self) {
        self.resolved_at = None;
        self.closed_at = None;
        self.resolution_code = None;
        self.closure_code = None;
    }
}
