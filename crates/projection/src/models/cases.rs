//! `cases`: one row per case, as it is now.

use docket_messages::{
    AgentId, CaseEntry, CaseEvent, CaseId, CustomerId, EndingEvent, FamilyEvent, IntakeEvent, MergeEvent, Name, Opened,
    Position, Relation, Status, Survey, SurveyEvent, Timestamp, Version, WorkEvent,
};

read_model! {
    /// A row of `cases`.
    CaseRow in "cases" by ["case_id"] {
        case_id: CaseId,
        status: Status,
        case_type as "type": Name,
        category: Option<Name>,
        subcategory: Option<Name>,
        impact: Option<Name>,
        urgency: Option<Name>,
        priority: Option<Name>,
        channel: Name,
        queue: Option<Name>,
        assignee: Option<AgentId>,
        customer_id: Option<CustomerId>,
        parent_id: Option<CaseId>,
        merged_into: Option<CaseId>,
        opened_at: Timestamp,
        first_response_at: Option<Timestamp>,
        first_resolved_at: Option<Timestamp>,
        resolved_at: Option<Timestamp>,
        closed_at: Option<Timestamp>,
        reopen_count: u32,
        reassign_count: u32,
        transfer_count: u32,
        escalation_level: u32,
        resolution_code: Option<Name>,
        closure_code: Option<Name>,
        csat: Option<u32>,
        language: Option<Name>,
        tier: Option<Name>,
        wake_at: Option<Timestamp>,
        version: Version,
        position: Position,
        responses_known: bool,
        is_backdated: bool,
    }
}

impl CaseRow {
    /// The row of a case that was just opened.
    pub(crate) fn opened(case_id: CaseId, opened: &Opened, at: Timestamp) -> Self {
        Self {
            case_id,
            status: opened.status,
            case_type: opened.case_type.clone(),
            category: None,
            subcategory: None,
            impact: None,
            urgency: None,
            priority: None,
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
            wake_at: None,
            version: Version(0),
            position: Position(0),
            responses_known: opened.responses_unknown != Some(true),
            is_backdated: false,
        }
    }

    /// Applies one event that happened at `at`.
    pub(crate) fn apply(&mut self, event: &CaseEvent, at: Timestamp) {
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
            IntakeEvent::Classified(classified) => {
                self.case_type = classified.case_type.clone();
                self.category.clone_from(&classified.category);
                self.subcategory.clone_from(&classified.subcategory);
                self.impact = Some(classified.impact.clone());
                self.urgency = Some(classified.urgency.clone());
                self.priority = Some(classified.priority.clone());
            }
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

    /// Notes where the case is after an entry.
    pub(crate) fn settle(&mut self, entry: &CaseEntry, position: Position, recorded_at: Timestamp) {
        self.is_backdated = entry.is_history(recorded_at);
        self.version = entry.version;
        self.position = position;
        self.wake_at = entry.wake_at;
    }
}
