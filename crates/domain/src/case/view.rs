//! A case as it is shown.

use docket_messages::{CaseEntry, CaseId, CaseView, Position, Timestamp};

use super::Case;
use super::evolve::{InvalidEntry, fold_and_keep};
use crate::clock::Clock;

/// A case with all that is shown of it, also what the rules have no more use for.
#[derive(Debug, Clone, Default)]
pub struct CaseHistory {
    case: Option<Case>,
    earlier_clocks: Vec<Clock>,
}

impl CaseHistory {
    /// Folds one more entry into it.
    ///
    /// # Errors
    /// [`InvalidEntry`] as [`fold`](super::fold) says.
    pub fn fold(&mut self, id: CaseId, entry: &CaseEntry) -> Result<(), InvalidEntry> {
        self.case = fold_and_keep(self.case.take(), id, entry, &mut |clock| self.earlier_clocks.push(clock))?;
        Ok(())
    }

    /// The case, if one was opened.
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        self.case.as_ref()
    }

    /// The case as `docket.query` and `docket case show` give it back, with what only the time of asking
    /// makes true: a deadline that has passed.
    #[must_use]
    pub fn view(&self, position: Position, now: Timestamp) -> Option<CaseView> {
        let mut view = self.case.as_ref()?.view(position, now);
        view.clocks.extend(self.earlier_clocks.iter().map(|clock| clock.view(now)));
        view.clocks.sort_by_key(|clock| (clock.started_at, clock.clock, clock.instance));
        Some(view)
    }
}

impl Case {
    fn view(&self, position: Position, now: Timestamp) -> CaseView {
        CaseView {
            case_id: self.id,
            status: self.status(),
            case_type: self.class.case_type.clone(),
            category: self.class.category.clone(),
            subcategory: self.class.subcategory.clone(),
            impact: self.class.impact.clone(),
            urgency: self.class.urgency.clone(),
            priority: self.class.priority.clone(),
            channel: self.channel.clone(),
            queue: self.queue.clone(),
            assignee: self.assignee.clone(),
            customer_id: self.customer_id.clone(),
            language: self.language.clone(),
            tier: self.tier.clone(),
            parent_id: self.parent_id,
            merged_into: self.merged_into(),
            subject: self.subject.clone(),
            fields: self.fields.clone(),
            opened_at: self.opened_at,
            first_response_at: self.first_response_at,
            first_resolved_at: self.first_resolved_at,
            resolved_at: self.resolution().map(|resolution| resolution.at),
            closed_at: self.closure().map(|closure| closure.at),
            reopen_count: self.tally.reopens,
            reassign_count: self.tally.reassigns,
            transfer_count: self.tally.transfers,
            escalation_level: self.escalation_level,
            resolution_code: self.resolution().map(|resolution| resolution.code.clone()),
            closure_code: self.closure().map(|closure| closure.code.clone()),
            csat: self.csat,
            version: self.version,
            position,
            clocks: self.clocks.iter().map(|clock| clock.view(now)).collect(),
        }
    }
}
