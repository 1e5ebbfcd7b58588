//! The board of the desk, kept up to the log: what claims choose from, and what queues give out by themselves.
//!
//! It is kept only where it is needed: by a policy with agents or with queues that give their cases out, or once
//! somebody has claimed. The role that starts it says which cases are not over; each of them is read from the log, and
//! the log is followed from there. Nothing here is relied on: a case that is proposed decides for itself, and any
//! number of services may propose at once.

mod held;
mod keeper;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_domain::policy::Policy;
use docket_domain::routing::Board;
use docket_domain::routing::board::Taken;
use docket_eventlog::EventLog;
use docket_messages::{
    AgentId, CaseId, Failure, FailureCode, Name, PolicyVersion, Position, Presence, Rejection, RejectionCode, Reply,
    Timestamp,
};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

use self::held::{Hold, Until};
use crate::answers::failed;
use crate::policy::book::KnownPolicies;

pub(crate) use held::Held;

/// How long a claim waits for the board to be there, or to be up to the log.
const WAIT: Duration = Duration::from_secs(5);

/// What the desk looks like when its board starts.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Everything after this position is followed.
    pub position: Position,
    /// The cases that are not over, at least as of that position.
    pub cases: Vec<CaseId>,
    /// The agents, and whether they take on cases.
    pub agents: Vec<(AgentId, Presence)>,
}

/// Why the board could not be kept.
pub type BoardError = Box<dyn std::error::Error + Send + Sync>;

/// The board, once there is one. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Boards(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Somebody needs it.
    wanted: Notify,
    /// How far it is; nothing while there is none.
    position: watch::Sender<Option<Position>>,
}

#[derive(Debug, Default)]
struct State {
    board: Board,
    policy: PolicyVersion,
    /// Cases that are on their way to an agent.
    held: HashMap<CaseId, Hold>,
    is_wanted: bool,
}

impl State {
    /// Lets go of what has arrived.
    fn tidy(&mut self, position: Position) {
        let now = Instant::now();
        self.held.retain(|_, hold| match hold.until {
            Until::Answered => true,
            Until::Seen(at) => at > position,
            Until::Later(at) => at > now,
        });
    }

    fn holders(&self) -> HashMap<CaseId, AgentId> {
        self.held.iter().map(|(case, hold)| (*case, hold.agent.clone())).collect()
    }

    fn hold(&mut self, case: CaseId, agent: AgentId) {
        self.held.insert(case, Hold { agent, until: Until::Answered });
    }
}

impl Boards {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A case that an agent could take, held back for them. Before it says that there is none, it is brought up to the
    /// log.
    pub(crate) async fn propose<L: EventLog>(
        &self,
        log: &L,
        now: Timestamp,
        known: &KnownPolicies,
        queue: &Name,
        agent: &AgentId,
        lost: &HashSet<CaseId>,
    ) -> Result<Held, Reply> {
        let Some(policies) = &known.policies else { return Err(unavailable()) };
        self.want();
        self.at_least(Position(0)).await?;
        match self.try_propose(policies.current(), now, queue, agent, lost) {
            Err(rejected) if may_have_changed(rejected.code) => {
                let head = log.head().await;
                let head = head.map_err(|error| failed(FailureCode::LogUnavailable, &error, true))?;
                self.at_least(head).await?;
                self.try_propose(policies.current(), now, queue, agent, lost)
            }
            tried => tried,
        }
        .map(|case| Held::new(self, case))
        .map_err(|rejected| Reply::Rejected { rejected })
    }

    fn try_propose(
        &self,
        policy: &Policy,
        now: Timestamp,
        queue: &Name,
        agent: &AgentId,
        lost: &HashSet<CaseId>,
    ) -> Result<CaseId, Rejection> {
        let position = self.0.position.borrow().unwrap_or_default();
        let mut state = self.state();
        state.tidy(position);
        state.follow_policy(policy);
        let taken = Taken { held: &state.holders(), lost };
        let case = state.board.next(queue, agent, policy, now, &taken)?;
        state.hold(case, agent.clone());
        Ok(case)
    }

    fn want(&self) {
        self.state().is_wanted = true;
        self.0.wanted.notify_one();
    }

    /// Waits until the board has seen a position.
    async fn at_least(&self, position: Position) -> Result<(), Reply> {
        let mut at = self.0.position.subscribe();
        let seen = at.wait_for(|at| at.is_some_and(|at| at >= position));
        match timeout(WAIT, seen).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(unavailable()),
        }
    }
}

impl State {
    fn follow_policy(&mut self, policy: &Policy) {
        if self.policy != policy.version {
            self.policy = policy.version;
            self.board.rebase(policy);
        }
    }
}

/// Whether what is not on the board yet could make it another answer.
fn may_have_changed(code: RejectionCode) -> bool {
    matches!(code, RejectionCode::QueueEmpty | RejectionCode::AgentFull | RejectionCode::AgentOffline)
}

fn unavailable() -> Reply {
    let message = "who waits in which queue is not known yet; send the command again, with the same id".to_owned();
    Reply::Failed { failed: Failure { code: FailureCode::RoutingUnavailable, message, retryable: true } }
}
