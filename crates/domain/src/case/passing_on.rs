//! What a parent passes on to its children.
//!
//! One disturbance has many customers: each has a case, and all of them one parent. What happens to the parent is
//! decided once, and the log says at which of its events the children are to be told (`passingOn`). Each child then
//! decides for itself (`inherit`), with an id that follows from that event, so that telling it twice is telling it
//! once; and when all have been told, the parent notes it (`passedOn`). Any service that finds a parent that is not
//! done can go on.

use docket_messages::policy::PassedOn as Kind;
use docket_messages::{
    CaseEvent, CaseId, CaseStep, Classification, Classified, Closed, EndingEvent, Inherit, IntakeEvent, PassingOn,
    Pended, Resolved, Responded, SettlePassing, Version, WorkEvent,
};

use super::draft::Draft;
use super::{Case, PassOn};
use crate::policy::Policy;

impl Draft<'_> {
    /// Says which of the events are passed on: those that the policy in force names, to the children that there are
    /// now. What is recorded of long ago is not news to them.
    pub(super) fn pass_on(&mut self) {
        if !self.case.is_parent || self.case.children.is_empty() || self.is_backdated {
            return;
        }
        let children = u32::try_from(self.case.children.len()).unwrap_or(u32::MAX);
        let first = self.case.version.get().saturating_sub(u32::try_from(self.events.len()).unwrap_or(u32::MAX));
        let policy = self.policy();
        let before = self.class_before.as_ref();
        let is_meant =
            |event: &CaseEvent| Inherited::of(event).is_some_and(|inherited| inherited.is_passed_on(policy, before));
        let numbered = (first + 1..).map(Version).zip(&self.events);
        let passed: Vec<Version> = numbered.filter(|(_, event)| is_meant(event)).map(|(version, _)| version).collect();
        for of in passed {
            self.emit(PassingOn { of, children });
        }
    }
}

/// What a child can take over from its parent.
pub(super) enum Inherited<'e> {
    Priority(&'e Classified),
    Wait(&'e Pended),
    Resumption,
    Response(&'e Responded),
    Resolution(&'e Resolved),
    Closure(&'e Closed),
}

impl<'e> Inherited<'e> {
    /// What an event of the parent means to its children, if it means anything. Nothing else is passed on.
    pub(super) fn of(event: &'e CaseEvent) -> Option<Self> {
        if let CaseEvent::Intake(IntakeEvent::Classified(classified)) = event {
            Some(Self::Priority(classified))
        } else if let CaseEvent::Work(WorkEvent::Pended(pended)) = event {
            Some(Self::Wait(pended))
        } else if let CaseEvent::Work(WorkEvent::Resumed(_)) = event {
            Some(Self::Resumption)
        } else if let CaseEvent::Work(WorkEvent::Responded(responded)) = event {
            (!responded.automatic).then_some(Self::Response(responded))
        } else if let CaseEvent::Ending(EndingEvent::Resolved(resolved)) = event {
            Some(Self::Resolution(resolved))
        } else if let CaseEvent::Ending(EndingEvent::Closed(closed)) = event {
            Some(Self::Closure(closed))
        } else {
            None
        }
    }

    /// Whether the policy passes it on. A policy that passes on the status passes on what goes with it.
    fn is_passed_on(&self, policy: &Policy, before: Option<&Classification>) -> bool {
        let any = |wanted: &[Kind]| wanted.iter().any(|kind| policy.document.parents.pass_on.contains(kind));
        match self {
            // Another category, or a field, is no news to the children.
            Self::Priority(now) => {
                any(&[Kind::Priority]) && before.is_none_or(|before| is_raised_or_lowered(before, now))
            }
            Self::Wait(_) | Self::Resumption => any(&[Kind::Status]),
            Self::Response(_) => any(&[Kind::Responses]),
            Self::Resolution(_) => any(&[Kind::Status, Kind::Resolution]),
            // Closing the parent closes the children that still wait for something to be done.
            Self::Closure(_) => true,
        }
    }
}

fn is_raised_or_lowered(before: &Classification, now: &Classified) -> bool {
    (before.impact.as_ref(), before.urgency.as_ref()) != (Some(&now.impact), Some(&now.urgency))
}

impl Case {
    /// What is to be passed on next, if anything is.
    #[must_use]
    pub fn next_passing(&self) -> Option<PassOn> {
        self.passing.first().copied()
    }

    /// The step that tells a child, and its id.
    #[must_use]
    pub fn pass_to(&self, child: CaseId, of: Version, event: CaseEvent) -> (CaseStep, String) {
        let inherit = Inherit { case_id: child, from: self.id, event: Box::new(event) };
        (CaseStep::Inherit(inherit), format!("{}-{of}", self.id.uuid().simple()))
    }

    /// The step that notes that all children were told, and its id.
    #[must_use]
    pub fn settle_passing(&self, of: Version, taken: u32, refused: u32) -> (CaseStep, String) {
        let settle = SettlePassing { case_id: self.id, of, taken, refused };
        (CaseStep::SettlePassing(settle), format!("passed-{}-{of}", self.id.uuid().simple()))
    }
}
