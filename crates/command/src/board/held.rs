//! Cases on their way to an agent: they are proposed to nobody else, and are part of what the agent has in hand.

use std::time::Duration;

use docket_eventlog::EventLog;
use docket_messages::{AgentId, CaseId, FailureCode, Position, Reply};
use tokio::time::Instant;

use super::Boards;
use crate::answers::failed;
use crate::policy::book::KnownPolicies;

/// How long a case that was refused is left alone: by then the log has said why.
const LEFT_ALONE: Duration = Duration::from_secs(1);

/// A case on its way to an agent.
#[derive(Debug)]
pub(super) struct Hold {
    pub agent: AgentId,
    pub until: Until,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Until {
    /// The case has not answered.
    Answered,
    /// It has, and the board will see it.
    Seen(Position),
    /// It was refused.
    Later(Instant),
}

/// A case that is held back for an agent. A request that gives up lets go of it.
pub(crate) struct Held {
    boards: Boards,
    pub case: CaseId,
}

impl Held {
    pub(super) fn new(boards: &Boards, case: CaseId) -> Self {
        Self { boards: boards.clone(), case }
    }

    /// Notes what the case has answered.
    pub(crate) fn answered(&mut self, reply: &Reply) {
        self.boards.answered(self.case, Some(reply));
    }

    /// Notes where the log has it that the agent has the case.
    pub(crate) fn recorded(&mut self, position: Position) {
        self.boards.recorded(self.case, position);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.boards.give_up(self.case);
    }
}

impl Boards {
    /// Lets go of a case that was not had, a little later.
    fn release(&self, case: CaseId) {
        if let Some(hold) = self.state().held.get_mut(&case) {
            hold.until = Until::Later(Instant::now() + LEFT_ALONE);
        }
    }

    /// Lets go of a case that has not answered.
    fn give_up(&self, case: CaseId) {
        let mut state = self.state();
        if let Some(hold) = state.held.get_mut(&case).filter(|hold| matches!(hold.until, Until::Answered)) {
            hold.until = Until::Later(Instant::now() + LEFT_ALONE);
        }
    }

    /// Notes what became of a case that was held.
    pub(super) fn answered(&self, case: CaseId, reply: Option<&Reply>) {
        match reply {
            Some(Reply::Accepted { accepted, .. }) => {
                self.recorded(case, accepted.position);
            }
            Some(Reply::Rejected { .. } | Reply::Failed { .. }) | None => self.release(case),
        }
    }

    fn recorded(&self, case: CaseId, position: Position) {
        if let Some(hold) = self.state().held.get_mut(&case) {
            hold.until = Until::Seen(position);
        }
    }

    /// Holds a case back for an agent who is to have just this one, unless the agent is offline, does not work on its
    /// queue or has no room. That is judged by the whole log. An agent whom the policy does not list is asked nothing.
    pub(crate) async fn admit<L: EventLog>(
        &self,
        log: &L,
        known: &KnownPolicies,
        case: CaseId,
        agent: &AgentId,
    ) -> Result<Option<Held>, Reply> {
        let policies = known.policies.as_ref();
        let Some(policy) = policies.map(|policies| policies.current()) else { return Ok(None) };
        if !policy.document.agents.contains_key(agent) {
            return Ok(None);
        }
        self.want();
        let head = log.head().await.map_err(|error| failed(FailureCode::LogUnavailable, &error, true))?;
        self.at_least(head).await?;
        let position = self.0.position.borrow().unwrap_or_default();
        let mut state = self.state();
        state.tidy(position);
        state.follow_policy(policy);
        let admitted = state.board.require_room(case, agent, policy, &state.holders());
        admitted.map_err(|rejected| Reply::Rejected { rejected })?;
        state.hold(case, agent.clone());
        drop(state);
        Ok(Some(Held::new(self, case)))
    }
}
