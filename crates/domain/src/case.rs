//! The case: state, events folded into it (`evolve`), commands decided on it (`decide`), and questions asked of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_messages::{
    AgentId, CaseEvent, CaseFacts, CaseId, ClockName, EndingEvent, Fields, Name, PolicyVersion, Relation, SkillNeed,
    Status, Survey, Timestamp, Version,
};

use crate::clock::{Clock, Interval};
use crate::policy::Targeted;

mod act;
mod clocks;
mod commands;
pub mod conformance;
mod decide;
mod draft;
mod due;
mod escalation;
mod evolve;
mod passing_on;
pub mod process;
mod reopening;
pub mod replay;
mod request;
mod requirements;
mod steps;
mod texts;
mod view;

pub use act::{Asks, Rules};
pub use commands::needs_texts;
pub use decide::{Decision, decide, rules};
pub use evolve::{InvalidEntry, fold};
pub use process::{Asked, PendingProcess, Step};
pub use request::Request;
pub use texts::CaseTexts;
pub use view::CaseHistory;

/// A case, as its events have made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// How many events it has.
    pub version: Version,
    /// The moment of its last entry.
    pub last_at: Timestamp,
    /// What every reader of its events knows of it.
    pub facts: CaseFacts,
    /// Whether it came with a description.
    pub is_described: bool,
    /// What the customer is entitled to.
    pub entitlement: Option<Name>,
    /// Its custom fields that are not personal.
    pub fields: Fields,
    /// Which of its personal custom fields are known. What they say is for those who read it, not for the rules.
    pub personal_fields: BTreeSet<Name>,
    /// What it waits for; kept while it goes on in another case.
    waits: Option<Wait>,
    /// The status that it had before it was merged.
    status_before_merge: Status,
    /// What an agent must know to be given it in that queue.
    pub skills: Vec<SkillNeed>,
    /// To whom it is offered.
    pub offer: Option<Offer>,
    /// Its clocks: of each kind the last that started.
    pub clocks: Vec<Clock>,
    /// Its surveys, in the order in which they were requested.
    pub surveys: Vec<SurveyRound>,
    /// The knowledge articles that are attached to it.
    pub articles: Vec<Name>,
    /// The cases that it is linked to, but for its children.
    pub links: Vec<(CaseId, Relation)>,
    /// Its children, in the order in which they came. There may be thousands, and nearly every command leaves them be.
    pub children: Arc<Vec<CaseId>>,
    /// Whether what happens to it is passed on to them.
    pub is_parent: bool,
    /// What is being passed on, oldest first.
    pub passing: Vec<PassOn>,
    /// What it waits for another case for.
    pub process: Option<PendingProcess>,
    /// When that began, if it is a history: then the steps that follow are back-dated, too.
    pub process_at: Option<Timestamp>,
    /// The cases that were merged into it, those that go on by themselves again included.
    pub taken_in: Vec<TakenIn>,
    /// Whether its history does not say what was answered.
    pub are_responses_unknown: bool,
    /// Since when its customer waits for an answer by a human: the oldest message without one. Where the history does
    /// not say what was answered, only what a clock waits for.
    pub unanswered_since: Option<Timestamp>,
    /// The last public response since it was last resolved.
    pub updated_at: Option<Timestamp>,
    /// The last of them by a human, or the first of a bot's after none.
    pub told_since: Option<Timestamp>,
    /// Since when it lies in its queue and nobody has it.
    pub unowned_since: Option<Timestamp>,
    /// Since when it is over: resolved, closed, cancelled or merged.
    over_since: Option<Timestamp>,
    /// When it was over before that, in order.
    over: Vec<Interval>,
    newest_policy: PolicyVersion,
    resolved_under: PolicyVersion,
}

/// What a pending case waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Why, as the policy names it.
    pub reason: Name,
    /// When to look at it again, until that was said.
    pub follow_up_at: Option<Timestamp>,
}

/// An offer to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The agent.
    pub agent: AgentId,
    /// The last instant for an answer.
    pub expires_at: Timestamp,
}

/// A case that was merged into this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenIn {
    /// That case.
    pub case: CaseId,
    /// The first answer by a human since then.
    pub answered_at: Option<Timestamp>,
    /// Whether it goes on by itself again.
    pub is_released: bool,
}

/// Something that happened to a parent and is being passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassOn {
    /// The version of the event.
    pub of: Version,
    /// It is for the first so many children.
    pub children: u32,
}

/// A survey of one resolution cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyRound {
    /// The kind.
    pub survey: Survey,
    /// The resolution cycle, counted from 1.
    pub cycle: u32,
    /// The last instant for an answer.
    pub expires_at: Option<Timestamp>,
    /// Whether it was answered or has expired.
    pub is_over: bool,
}

impl Case {
    /// Its status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.facts.status
    }

    /// The status that it has once an agent has it: a new case becomes open.
    pub(crate) fn status_when_assigned(&self) -> Status {
        match self.status() {
            Status::New => Status::Open,
            status @ (Status::Open
            | Status::PendingCustomer
            | Status::PendingThirdParty
            | Status::PendingInternal
            | Status::Resolved
            | Status::Closed
            | Status::Cancelled
            | Status::Merged) => status,
        }
    }

    /// The status that it has once its customer was answered: a human takes up a new case by that.
    pub(crate) fn status_when_answered(&self, is_by_bot: bool) -> Status {
        if is_by_bot { self.status() } else { self.status_when_assigned() }
    }

    /// What it waits for, while it is pending.
    #[must_use]
    pub fn wait(&self) -> Option<&Wait> {
        self.waits.as_ref().filter(|_| self.status().is_pending())
    }

    /// The subcategory, where the category is to be another or stay: it belongs to its category, and another one leaves
    /// it behind.
    fn subcategory_within(&self, category: Option<&Name>) -> Option<&Name> {
        let class = &self.facts.class;
        class.subcategory.as_ref().filter(|_| category == class.category.as_ref())
    }

    /// A clock that is neither met nor cancelled.
    #[must_use]
    pub fn pending_clock(&self, name: ClockName) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.name == name && clock.is_pending())
    }

    /// The number of the next clock of a kind, counted from 1.
    #[must_use]
    pub fn next_instance(&self, name: ClockName) -> u32 {
        let last = self.clocks.iter().find(|clock| clock.name == name);
        last.map_or(1, |clock| clock.instance.saturating_add(1))
    }

    /// The survey of a kind that may be answered: the one that was requested last, whatever became of the case since.
    #[must_use]
    pub fn open_survey(&self, survey: Survey) -> Option<&SurveyRound> {
        self.surveys.iter().rev().find(|round| round.survey == survey && !round.is_over)
    }

    /// Whether its customer was ever asked for a rating of a kind.
    #[must_use]
    pub fn has_asked(&self, survey: Survey) -> bool {
        self.surveys.iter().any(|round| round.survey == survey)
    }

    /// The resolution cycle that it is in, counted from 1.
    #[must_use]
    pub fn cycle(&self) -> u32 {
        self.facts.reopen_count.saturating_add(1)
    }

    /// Notes the policy that an entry was decided under.
    fn decided_under(&mut self, policy: PolicyVersion, events: &[CaseEvent]) {
        self.newest_policy = self.newest_policy.max(policy);
        if events.iter().any(|event| matches!(event, CaseEvent::Ending(EndingEvent::Resolved(_)))) {
            self.resolved_under = policy;
        }
    }

    /// What decides which targets it has.
    pub(crate) fn targeted(&self) -> Targeted<'_> {
        let (tier, entitlement) = (self.facts.tier.as_ref(), self.entitlement.as_ref());
        Targeted {
            priority: self.facts.class.priority.as_ref(),
            case_type: &self.facts.class.case_type,
            tier,
            entitlement,
        }
    }

    /// The newest policy version that it depends on; a decision needs all versions up to it.
    #[must_use]
    pub fn newest_policy(&self) -> PolicyVersion {
        self.newest_policy
    }

    /// Folds an event: what every reader of the log does. Gives back the clock that another instance of its kind takes
    /// the place of.
    fn apply(&mut self, event: &CaseEvent, at: Timestamp) -> Option<Clock> {
        let at = event.at().unwrap_or(at);
        let replaced = evolve::apply(self, event, at);
        self.version = Version(self.version.get().saturating_add(1));
        replaced
    }
}

#[cfg(test)]
mod tests;
