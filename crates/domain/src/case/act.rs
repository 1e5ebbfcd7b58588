//! What every command and every step says of itself, beside what it does: so it is described in one place.

use docket_messages::{CaseEvent, Personal, Rejection, RejectionCode, Status};

use super::Case;
use super::draft::Draft;
use crate::policy::Policy;

/// A command, or a step of Docket's own, to a case that there is.
pub(super) trait Act {
    /// What holds of it, whatever it says.
    const RULES: Rules;

    /// Refuses a word that the policy does not list, or a custom field of another kind. That is asked first, whatever
    /// has become of the case.
    fn require_values(&self, _case: &Case, _policy: &Policy) -> Result<(), Rejection> {
        Ok(())
    }

    /// Whether what it asks for is so already, in a status from which it could not come about.
    fn holds_already(&self, _case: &Case) -> bool {
        false
    }

    /// What was asked for, as an entry tells it: by the events in it that are no consequence of others, of which there is one
    /// at least. An auditor decides that again.
    fn recorded(_case: &Case, _facts: &[&CaseEvent]) -> Recorded<Self>
    where
        Self: Sized,
    {
        Recorded::InPart
    }

    /// Checks what else the policy and the stage of the case ask of it, and emits what happens.
    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection>;
}

/// What an entry tells of what was asked for.
pub(super) enum Recorded<A> {
    /// All of it.
    As(A),
    /// Not all of it, or only what cannot be opened.
    InPart,
    /// No command or step of this kind leaves such events.
    Never,
}

impl<A> Recorded<A> {
    /// All of it, if it can be opened.
    pub(super) fn of(opened: Option<A>) -> Self {
        opened.map_or(Self::InPart, Self::As)
    }
}

/// What is personal in an event, if something is. None if it cannot be opened.
pub(super) fn opened<T>(personal: Option<&Personal<T>>) -> Option<Option<&T>> {
    match personal {
        None => Some(None),
        Some(personal) => personal.open().map(Some),
    }
}

/// What holds of a command or a step, whatever it says.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// From where it is possible.
    from: Statuses,
    /// The events that may come of it, by name, beside those that follow by themselves.
    leaves: &'static [&'static str],
    /// Whether one that is sent to a case that was merged is for the case that goes on.
    pub follows_a_merge: bool,
    /// Who else has a say in it.
    pub asks: Asks,
}

/// Who has a say in a command beside its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Nobody.
    Nobody,
    /// The other case that it names, or begins something with.
    OtherCase,
    /// The customer, who may have been asked just now.
    Customer,
    /// The desk of the agent who is to have the case.
    Desk,
}

/// The statuses from which a command is possible. What depends on more than the status, the command asks itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statuses {
    allows: fn(Status) -> bool,
    told: &'static str,
}

impl Statuses {
    pub(super) const ANY: Self = Self { allows: |_| true, told: "any" };
    pub(super) const ACTIVE: Self = Self { allows: Status::is_active, told: "new, open or pending" };
    pub(super) const LIVE: Self = Self {
        allows: |status| status.is_active() || status == Status::Resolved,
        told: "new, open, pending or resolved",
    };
    pub(super) const WAITING: Self =
        Self { allows: |status| matches!(status, Status::New | Status::Open), told: "new or open" };
    pub(super) const RESOLVED: Self = Self { allows: |status| status == Status::Resolved, told: "resolved" };
    pub(super) const ENDED: Self =
        Self { allows: |status| matches!(status, Status::Resolved | Status::Closed), told: "resolved or closed" };
    pub(super) const MERGED: Self = Self { allows: |status| status == Status::Merged, told: "merged" };
    pub(super) const UNMERGED: Self = Self { allows: |status| status != Status::Merged, told: "any but merged" };
    pub(super) const RECEIVING: Self = Self { allows: is_not_withdrawn, told: "any but cancelled or merged" };
    pub(super) const CLOSING: Self = Self { allows: is_not_withdrawn, told: "resolved" };
    pub(super) const CANCELLING: Self = Self {
        allows: |status| !matches!(status, Status::Closed | Status::Merged),
        told: "new, open, pending or resolved",
    };
}

fn is_not_withdrawn(status: Status) -> bool {
    !matches!(status, Status::Cancelled | Status::Merged)
}

impl Rules {
    /// It is possible from some statuses, follows a merge, and asks nobody.
    pub(super) const fn new(from: Statuses, leaves: &'static [&'static str]) -> Self {
        Self { from, leaves, follows_a_merge: true, asks: Asks::Nobody }
    }

    /// It is for the case that it was sent to, even if that was merged.
    pub(super) const fn stays(self) -> Self {
        Self { follows_a_merge: false, ..self }
    }

    pub(super) const fn asks(self, asks: Asks) -> Self {
        Self { asks, ..self }
    }

    /// Whether an event of this name may come of it.
    pub(super) fn leaves(&self, event: &str) -> bool {
        self.leaves.contains(&event)
    }

    /// Refuses what is not possible from a status.
    pub(super) fn require(&self, status: Status, verb: &str) -> Result<(), Rejection> {
        if (self.from.allows)(status) { Ok(()) } else { Err(wrong_status(status, verb, self.from.told)) }
    }
}

/// Decides a command or a step on a case that has been brought up to its moment.
pub(super) fn perform<A: Act>(draft: &mut Draft<'_>, action: &A, verb: &str) -> Result<(), Rejection> {
    action.require_values(&draft.case, draft.policy())?;
    if action.holds_already(&draft.case) {
        return Ok(());
    }
    A::RULES.require(draft.case.status(), verb)?;
    action.act(draft)
}

/// Decides again what an entry tells. None if it does not tell all of it.
pub(super) fn perform_again<A: Act>(
    draft: &mut Draft<'_>,
    facts: &[&CaseEvent],
    verb: &str,
) -> Option<Result<(), Rejection>> {
    match A::recorded(&draft.case, facts) {
        Recorded::As(action) => Some(perform(draft, &action, verb)),
        Recorded::InPart => None,
        // Nothing is done, so what stands in the entry does not follow.
        Recorded::Never => Some(Ok(())),
    }
}

pub(super) fn wrong_status(status: Status, verb: &str, from: &str) -> Rejection {
    Rejection::new(RejectionCode::WrongStatus, format!("the case is `{status}`; `{verb}` is possible from {from}"))
}
