//! `cases`: one row per case, as it is now.

use docket_messages::{
    AgentId, CaseEntry, CaseEvent, CaseId, CustomerId, Name, Opened, Position, Relation, Status, Survey, Timestamp,
    Version,
};

use crate::bulk::{Rows, Table};

pub(crate) const TABLE: Table = Table {
    name: "cases",
    columns: &[
        "case_id",
        "status",
        "type",
        "category",
        "subcategory",
        "impact",
        "urgency",
        "priority",
        "channel",
        "queue",
        "assignee",
        "customer_id",
        "parent_id",
        "merged_into",
        "opened_at",
        "first_response_at",
        "first_resolved_at",
        "resolved_at",
        "closed_at",
        "reopen_count",
        "reassign_count",
        "transfer_count",
        "escalation_level",
        "resolution_code",
        "closure_code",
        "csat",
        "language",
        "tier",
        "wake_at",
        "version",
        "position",
        "responses_known",
        "is_backdated",
    ],
    key: &["case_id"],
};

/// A row of `cases`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CaseRow {
    pub case_id: CaseId,
    pub status: Status,
    pub case_type: Name,
    pub category: Option<Name>,
    pub subcategory: Option<Name>,
    pub impact: Option<Name>,
    pub urgency: Option<Name>,
    pub priority: Option<Name>,
    pub channel: Name,
    pub queue: Option<Name>,
    pub assignee: Option<AgentId>,
    pub customer_id: Option<CustomerId>,
    pub parent_id: Option<CaseId>,
    pub merged_into: Option<CaseId>,
    pub opened_at: Timestamp,
    pub first_response_at: Option<Timestamp>,
    pub first_resolved_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub reopen_count: u32,
    pub reassign_count: u32,
    pub transfer_count: u32,
    pub escalation_level: u32,
    pub resolution_code: Option<Name>,
    pub closure_code: Option<Name>,
    pub csat: Option<u32>,
    pub language: Option<Name>,
    pub tier: Option<Name>,
    pub wake_at: Option<Timestamp>,
    pub version: Version,
    pub position: Position,
    pub responses_known: bool,
    pub is_backdated: bool,
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
        match event {
            CaseEvent::Classified(classified) => {
                self.case_type = classified.case_type.clone();
                self.category.clone_from(&classified.category);
                self.subcategory.clone_from(&classified.subcategory);
                self.impact = Some(classified.impact.clone());
                self.urgency = Some(classified.urgency.clone());
                self.priority = Some(classified.priority.clone());
            }
            CaseEvent::Routed(routed) => {
                self.transfer_count += u32::from(self.queue.as_ref().is_some_and(|queue| *queue != routed.queue));
                self.queue = Some(routed.queue.clone());
            }
            CaseEvent::Assigned(assigned) => {
                let is_other = self.assignee.as_ref().is_some_and(|agent| *agent != assigned.agent);
                self.reassign_count += u32::from(is_other);
                self.assignee = Some(assigned.agent.clone());
                self.status = assigned.status;
            }
            CaseEvent::Unassigned(_) => self.assignee = None,
            CaseEvent::Responded(responded) => {
                if !responded.automatic {
                    self.first_response_at.get_or_insert(at);
                }
                self.status = responded.status;
            }
            CaseEvent::Pended(pended) => self.status = pended.status,
            CaseEvent::Resumed(resumed) => self.status = resumed.status,
            CaseEvent::Escalated(escalated) => self.escalation_level = escalated.level,
            CaseEvent::Deescalated(deescalated) => self.escalation_level = deescalated.level,
            CaseEvent::Resolved(resolved) => {
                self.status = resolved.status;
                self.first_resolved_at.get_or_insert(at);
                self.resolved_at = Some(at);
                self.resolution_code = Some(resolved.code.clone());
            }
            CaseEvent::Closed(closed) => {
                self.status = closed.status;
                self.closed_at = Some(at);
                self.closure_code = Some(closed.code.clone());
            }
            CaseEvent::Reopened(reopened) => self.reopen(reopened.status),
            CaseEvent::Cancelled(cancelled) => self.cancel(cancelled.status),
            CaseEvent::Merged(merged) => {
                self.status = merged.status;
                self.merged_into = Some(merged.into);
            }
            CaseEvent::Unmerged(unmerged) => {
                self.status = unmerged.status;
                self.merged_into = None;
                self.first_response_at = self.first_response_at.or(unmerged.answered_at);
            }
            CaseEvent::Linked(linked) => {
                if linked.relation == Relation::Parent {
                    self.parent_id = Some(linked.to);
                }
            }
            CaseEvent::SurveyAnswered(answered) => {
                if answered.survey == Survey::Csat {
                    self.csat = Some(answered.score);
                }
            }
            CaseEvent::Opened(_)
            | CaseEvent::MessageReceived(_)
            | CaseEvent::Noted(_)
            | CaseEvent::Notified(_)
            | CaseEvent::EffortLogged(_)
            | CaseEvent::LinkRequested(_)
            | CaseEvent::ArticleAttached(_)
            | CaseEvent::ArticleDetached(_)
            | CaseEvent::ArticleNotFound(_)
            | CaseEvent::LinkRefused(_)
            | CaseEvent::ParentAccepted(_)
            | CaseEvent::PassingOn(_)
            | CaseEvent::PassedOn(_)
            | CaseEvent::SplitRequested(_)
            | CaseEvent::Offered(_)
            | CaseEvent::OfferDeclined(_)
            | CaseEvent::OfferExpired(_)
            | CaseEvent::MergeRequested(_)
            | CaseEvent::MergeRefused(_)
            | CaseEvent::Absorbed(_)
            | CaseEvent::UnmergeRequested(_)
            | CaseEvent::Released(_)
            | CaseEvent::ResolutionConfirmed(_)
            | CaseEvent::ResolutionRejected(_)
            | CaseEvent::SurveyRequested(_)
            | CaseEvent::SurveyExpired(_)
            | CaseEvent::FollowUpDue(_)
            | CaseEvent::Clock(..) => {}
        }
    }

    fn reopen(&mut self, status: Status) {
        self.status = status;
        self.reopen_count += 1;
        self.no_longer_resolved();
    }

    fn cancel(&mut self, status: Status) {
        self.status = status;
        self.no_longer_resolved();
    }

    fn no_longer_resolved(&mut self) {
        self.resolved_at = None;
        self.closed_at = None;
        self.resolution_code = None;
        self.closure_code = None;
    }

    /// Notes where the case is after an entry.
    pub(crate) fn settle(&mut self, entry: &CaseEntry, position: Position, recorded_at: Timestamp) {
        self.is_backdated = entry.is_backdated(recorded_at);
        self.version = entry.version;
        self.position = position;
        self.wake_at = entry.wake_at;
    }

    pub(crate) fn write(&self, rows: &mut Rows) {
        rows.row()
            .uuid(self.case_id)
            .text(self.status.as_str())
            .text(self.case_type.as_str())
            .opt_text(self.category.as_ref().map(Name::as_str))
            .opt_text(self.subcategory.as_ref().map(Name::as_str))
            .opt_text(self.impact.as_ref().map(Name::as_str))
            .opt_text(self.urgency.as_ref().map(Name::as_str))
            .opt_text(self.priority.as_ref().map(Name::as_str))
            .text(self.channel.as_str())
            .opt_text(self.queue.as_ref().map(Name::as_str))
            .opt_text(self.assignee.as_ref().map(AgentId::as_str))
            .opt_text(self.customer_id.as_ref().map(CustomerId::as_str))
            .opt_uuid(self.parent_id)
            .opt_uuid(self.merged_into)
            .at(self.opened_at)
            .opt_at(self.first_response_at)
            .opt_at(self.first_resolved_at)
            .opt_at(self.resolved_at)
            .opt_at(self.closed_at)
            .int(self.reopen_count)
            .int(self.reassign_count)
            .int(self.transfer_count)
            .int(self.escalation_level)
            .opt_text(self.resolution_code.as_ref().map(Name::as_str))
            .opt_text(self.closure_code.as_ref().map(Name::as_str))
            .opt_int(self.csat)
            .opt_text(self.language.as_ref().map(Name::as_str))
            .opt_text(self.tier.as_ref().map(Name::as_str))
            .opt_at(self.wake_at)
            .int(self.version.get())
            .bigint(i64::try_from(self.position.get()).unwrap_or(i64::MAX))
            .flag(self.responses_known)
            .flag(self.is_backdated);
    }
}
