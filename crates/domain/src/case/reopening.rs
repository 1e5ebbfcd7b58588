//! What the policy does beside what people did, when a resolution is refused or confirmed.

use docket_messages::policy::{ReopenedOften, ReopenedOwner};
use docket_messages::{Cause, Closed, Escalated, Personal, ReasonText, Reopened, Status, Unassigned};

use super::draft::Draft;
use super::requirements;

impl Draft<'_> {
    /// The case comes back.
    pub(super) fn reopen(&mut self, cause: Option<Cause>, personal: Option<Personal<ReasonText>>) {
        self.emit(Reopened { status: Status::Open, cause, personal });
        self.follow_reopening();
    }

    /// Takes it from its agent, and raises it, if the policy says so. A back-dated command records what people did.
    pub(super) fn follow_reopening(&mut self) {
        if self.is_backdated {
            return;
        }
        let lifecycle = &self.policy().document.lifecycle;
        let cause = Some(Cause::Reopen);
        if lifecycle.reopened_owner == ReopenedOwner::Reset
            && let Some(agent) = self.case.facts.assignee.clone()
        {
            self.emit(Unassigned { agent, cause, personal: None });
        }
        if let Some(ReopenedOften { times, level }) = lifecycle.reopened_often
            && self.case.facts.reopen_count >= times
            && self.case.facts.escalation_level < level
        {
            self.emit(Escalated { level, cause, at: None, personal: None });
        }
    }

    /// Closes a case whose resolution is confirmed, if the policy says so and nothing is missing.
    pub(super) fn follow_confirmation(&mut self) {
        let policy = self.policy();
        let Some(code) = policy.document.lifecycle.close_on_confirm.clone().filter(|_| !self.is_backdated) else {
            return;
        };
        if self.case.status() == Status::Resolved && requirements::missing_at_close(&self.case, policy).is_none() {
            let (status, cause) = (Status::Closed, Some(Cause::Confirmation));
            self.emit(Closed { code, status, at: None, cause, personal: None });
        }
    }
}
