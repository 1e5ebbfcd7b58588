//! A decision in the making: the case as it would be, and the events that made it so.

use docket_messages::{CaseEvent, CaseId, Cause, Classification, ClockChange, IntakeEvent, Opened, Timestamp};

use super::clocks::Passed;
use super::request::Request;
use super::{Case, CaseTexts, evolve};
use crate::clock::{self, Clock, Start};
use crate::policy::{Policies, Policy};

/// A case with events that are not in the log yet.
pub(super) struct Draft<'a> {
    pub case: Case,
    pub events: Vec<CaseEvent>,
    /// The command's moment.
    pub at: Timestamp,
    /// Clocks that have passed, and whose escalations are still to be done.
    pub passed: Vec<Passed>,
    /// What the case was about before, if it is a parent.
    pub class_before: Option<Classification>,
    /// A back-dated command records what happened; the automations of the lifecycle do not apply.
    pub is_backdated: bool,
    /// What was said of the case, where deciding needs it.
    pub texts: Option<&'a CaseTexts>,
    policies: &'a Policies,
}

impl<'a> Draft<'a> {
    pub(super) fn of(case: &Case, at: Timestamp, request: &Request<'a>) -> Self {
        let draft = Self::of_own(case.clone(), at, request.occurred_at.is_some(), request.policies);
        Self { texts: request.texts, ..draft }
    }

    pub(super) fn opening(
        id: CaseId,
        opened: Opened,
        at: Timestamp,
        is_backdated: bool,
        policies: &'a Policies,
    ) -> Self {
        let mut draft = Self::of_own(evolve::open(id, &opened, at), at, is_backdated, policies);
        draft.events.push(CaseEvent::Intake(IntakeEvent::Opened(opened)));
        draft
    }

    /// The same for a case that nobody else holds.
    pub(super) fn of_own(mut case: Case, at: Timestamp, is_backdated: bool, policies: &'a Policies) -> Self {
        case.clocks.iter_mut().filter(|clock| clock.is_pending()).for_each(|clock| clock.count(policies));
        let class_before = case.is_parent.then(|| case.facts.class.clone());
        Self { case, events: Vec::new(), at, passed: Vec::new(), class_before, is_backdated, texts: None, policies }
    }

    /// Does something with a case that there is: what fell due before is decided first, and what follows from it, last.
    pub(super) fn advance_and_act<E>(
        &mut self,
        is_tick: bool,
        act: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        self.bring_up_to_date(is_tick);
        let from = self.events.len();
        act(self)?;
        self.settle_clocks(from, self.at);
        self.pass_on();
        Ok(())
    }

    /// The policy in force.
    pub(super) fn policy(&self) -> &'a Policy {
        self.policies.current()
    }

    /// All versions of the policy.
    pub(super) fn policies(&self) -> &'a Policies {
        self.policies
    }

    /// The policy that a clock pinned.
    pub(super) fn policy_of(&self, clock: &Clock) -> &'a Policy {
        self.policies.get(clock.policy())
    }

    pub(super) fn emit(&mut self, event: impl Into<CaseEvent>) {
        let event = event.into();
        // Deciding has no use for a clock that another took the place of.
        drop(self.case.apply(&event, self.at));
        self.events.push(event);
    }

    /// Emits a change of a clock at an instant, which may lie before the command's moment.
    pub(super) fn change_clock(&mut self, clock: &Clock, change: ClockChange, at: Timestamp, cause: Option<Cause>) {
        let mut reading = clock.read_change(change, self.policies, (at, &self.case.over), cause);
        reading.at = self.own_instant(at);
        self.emit(CaseEvent::Clock(change, reading));
    }

    /// Emits the start of a clock.
    pub(super) fn start_clock(&mut self, start: &Start<'_>, at: Timestamp) {
        let mut reading = clock::first_reading(start, at, &self.case.over);
        reading.at = self.own_instant(at);
        self.emit(CaseEvent::Clock(ClockChange::Started, reading));
    }

    /// The moment of a back-dated command.
    pub(super) fn occurred_at(&self) -> Option<Timestamp> {
        self.is_backdated.then_some(self.at)
    }

    /// An event has an instant of its own only when it fell due before the command.
    pub(super) fn own_instant(&self, at: Timestamp) -> Option<Timestamp> {
        (at < self.at).then_some(at)
    }
}
