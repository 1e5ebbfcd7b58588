//! A case as it is shown.

use docket_messages::{CaseEntry, CaseEvent, CaseId, CaseView, FamilyEvent, Intake, Position, Timestamp};

use super::evolve::{InvalidEntry, fold_and_keep};
use super::{Case, CaseTexts};
use crate::clock::Clock;

/// A case with all that is shown of it, also what the rules have no more use for.
#[derive(Debug, Clone, Default)]
pub struct CaseHistory {
    case: Option<Case>,
    texts: CaseTexts,
    earlier_clocks: Vec<Clock>,
    /// The cases that were asked for to take up a part, and how each begins.
    splits: Vec<Intake>,
}

impl CaseHistory {
    /// Folds one more entry into it.
    ///
    /// # Errors
    /// [`InvalidEntry`] as [`fold`](super::fold) says.
    pub fn fold(&mut self, id: CaseId, entry: &CaseEntry) -> Result<(), InvalidEntry> {
        self.case = fold_and_keep(self.case.take(), id, entry, &mut |clock| self.earlier_clocks.push(clock))?;
        for event in &entry.events {
            self.texts.apply(event);
            if let (CaseEvent::Family(FamilyEvent::SplitRequested(asked)), Some(case)) = (event, &self.case) {
                self.splits.extend(self.texts.intake_of_split(case, asked));
            }
        }
        Ok(())
    }

    /// Forgets what people said of it.
    pub fn leave_texts_out(&mut self) {
        self.texts = CaseTexts::default();
    }

    /// The case, if one was opened.
    #[must_use]
    pub fn case(&self) -> Option<&Case> {
        self.case.as_ref()
    }

    /// What people said of it.
    #[must_use]
    pub fn texts(&self) -> &CaseTexts {
        &self.texts
    }

    /// How a case begins that takes up a part of this one: as this one stood when that was asked for. None when it was
    /// not, or what was said cannot be opened.
    #[must_use]
    pub fn intake_of_split(&self, into: CaseId) -> Option<&Intake> {
        self.splits.iter().find(|intake| intake.case_id == Some(into))
    }

    /// The case as `docket.query` and `docket case show` give it back, with what only the time of asking
    /// makes true: a deadline that has passed.
    #[must_use]
    pub fn view(&self, position: Position, now: Timestamp) -> Option<CaseView> {
        let mut view = self.case.as_ref()?.view(&self.texts, position, now);
        view.clocks.extend(self.earlier_clocks.iter().map(|clock| clock.view(now)));
        view.clocks.sort_by_key(|clock| (clock.started_at, clock.clock, clock.instance));
        Some(view)
    }
}

impl Case {
    fn view(&self, texts: &CaseTexts, position: Position, now: Timestamp) -> CaseView {
        CaseView {
            case_id: self.id,
            status: self.status(),
            case_type: self.facts.class.case_type.clone(),
            category: self.facts.class.category.clone(),
            subcategory: self.facts.class.subcategory.clone(),
            impact: self.facts.class.impact.clone(),
            urgency: self.facts.class.urgency.clone(),
            priority: self.facts.class.priority.clone(),
            channel: self.facts.channel.clone(),
            queue: self.facts.queue.clone(),
            assignee: self.facts.assignee.clone(),
            customer_id: self.facts.customer_id.clone(),
            language: self.facts.language.clone(),
            tier: self.facts.tier.clone(),
            parent_id: self.facts.parent_id,
            merged_into: self.merged_into(),
            subject: texts.subject.clone(),
            fields: texts.all_fields(self),
            opened_at: self.facts.opened_at,
            first_response_at: self.facts.first_response_at,
            first_resolved_at: self.facts.first_resolved_at,
            resolved_at: self.facts.resolved_at,
            closed_at: self.facts.closed_at,
            reopen_count: self.facts.reopen_count,
            reassign_count: self.facts.reassign_count,
            transfer_count: self.facts.transfer_count,
            escalation_level: self.facts.escalation_level,
            resolution_code: self.facts.resolution_code.clone(),
            closure_code: self.facts.closure_code.clone(),
            csat: self.facts.csat,
            version: self.version,
            position,
            clocks: self.clocks.iter().map(|clock| clock.view(now)).collect(),
        }
    }
}
