//! The board of the desk, kept up to the log: what claims choose from, and what queues give out by themselves.
//!
//! It is kept only where it is needed: by a policy with agents or with queues that give their cases out, or once
//! somebody has claimed. Whoever starts it says which cases are not over; each of them is read from the log, and the log
//! is followed from there. Nothing here is relied on: a case that is proposed decides for itself, and any number of
//! services may propose at once.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_domain::policy::Policy;
use docket_domain::routing::Board;
use docket_domain::routing::board::{Proposal, Taken};
use docket_eventlog::{EventLog, Recorded, Subject};
use docket_messages::{
    AgentEvent, AgentId, CaseCommand, CaseEntry, CaseId, Entry, Failure, FailureCode, Name, PolicyEntry, PolicyVersion,
    Position, Presence, Push, RejectionCode, Reply, UnreadableEntry,
};
use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, stream};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout};

use crate::ask::ask;
use crate::handle::failed;
use crate::policies::Known;
use crate::service::Context;
use crate::shards::{RetryPolicy, ShardRouter};

mod held;

pub(crate) use held::Held;
use held::{Hold, Until};

/// How often queues are looked through though nothing happened: skills that are asked for only for a time are dropped.
const LOOK: Duration = Duration::from_secs(1);
/// Cases that are read at once when it starts.
const READ_AT_ONCE: usize = 64;
/// Entries that are taken in between two looks.
const TAKEN: usize = 256;
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
        context: &Context<L>,
        known: &Known,
        queue: &Name,
        agent: &AgentId,
        lost: &HashSet<CaseId>,
    ) -> Result<Held, Reply> {
        let Some(policies) = &known.policies else { return Err(unavailable()) };
        self.want();
        self.at_least(Position(0)).await?;
        match self.try_propose(context, policies.current(), queue, agent, lost) {
            Err(rejected) if may_have_changed(rejected.code) => {
                let head = context.log.head().await;
                let head = head.map_err(|error| failed(FailureCode::LogUnavailable, &error, true))?;
                self.at_least(head).await?;
                self.try_propose(context, policies.current(), queue, agent, lost)
            }
            tried => tried,
        }
        .map(|case| Held::new(self, case))
        .map_err(|rejected| Reply::Rejected { rejected })
    }

    fn try_propose<L>(
        &self,
        context: &Context<L>,
        policy: &Policy,
        queue: &Name,
        agent: &AgentId,
        lost: &HashSet<CaseId>,
    ) -> Result<CaseId, docket_messages::Rejection> {
        let position = self.0.position.borrow().unwrap_or_default();
        let mut state = self.state();
        state.tidy(position);
        state.follow_policy(policy);
        let taken = Taken { held: &state.holders(), lost };
        let case = state.board.next(queue, agent, policy, (context.environment.now)(), &taken)?;
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

    /// Keeps the board until the log cannot be followed. Waits until somebody needs it.
    pub(crate) async fn keep<L: EventLog>(
        &self,
        context: &Context<L>,
        shards: &ShardRouter,
        start: impl Fn() -> BoxFuture<'static, Result<Start, BoardError>>,
    ) -> Result<(), BoardError> {
        let ended = self.keep_on(context, shards, start).await;
        self.0.position.send_replace(None);
        let mut state = self.state();
        *state = State { is_wanted: state.is_wanted, ..State::default() };
        ended
    }

    async fn keep_on<L: EventLog>(
        &self,
        context: &Context<L>,
        shards: &ShardRouter,
        start: impl Fn() -> BoxFuture<'static, Result<Start, BoardError>>,
    ) -> Result<(), BoardError> {
        while !self.state().is_wanted && !needs_board(&context.policies.known()) {
            // A policy that needs it may come at any time.
            let _ = timeout(LOOK, self.0.wanted.notified()).await;
        }
        let Start { position, cases, agents } = start().await?;
        // Until it is there, it does not know who has gone home.
        let head = context.log.head().await?;
        let known = context.policies.current().await?;
        let Some(policies) = &known.policies else { return Ok(()) };
        self.state().follow_policy(policies.current());
        for (agent, presence) in &agents {
            self.state().board.set_presence(agent, *presence);
        }
        let log = context.log.clone();
        let subjects = stream::iter(cases).map(move |case| {
            let log = log.clone();
            async move { log.read_subject(&Subject::Case(case), None).await.map(|entries| (case, entries)) }
        });
        let mut subjects = pin!(subjects.buffer_unordered(READ_AT_ONCE));
        while let Some(read) = subjects.next().await {
            let (case, entries) = read?;
            self.put(case, &entries, policies.current())?;
        }
        self.0.position.send_replace(Some(position));
        self.follow(context, shards, position, head).await
    }

    async fn follow<L: EventLog>(
        &self,
        context: &Context<L>,
        shards: &ShardRouter,
        after: Position,
        head: Position,
    ) -> Result<(), BoardError> {
        let mut entries = context.log.follow(after).await?;
        let mut position = after;
        loop {
            let mut is_behind = false;
            if let Ok(next) = timeout(LOOK, entries.next()).await {
                let mut next = next;
                for _ in 0..TAKEN {
                    let recorded = next.ok_or("the log ended")??;
                    self.apply(context, &recorded).await?;
                    position = recorded.position;
                    self.0.position.send_replace(Some(position));
                    let more = entries.next().now_or_never();
                    is_behind = more.is_some();
                    match more {
                        Some(more) => next = more,
                        None => break,
                    }
                }
            }
            if position >= head && !is_behind {
                self.give_out(context, shards);
            }
        }
    }

    async fn apply<L: EventLog>(&self, context: &Context<L>, recorded: &Recorded) -> Result<(), BoardError> {
        match Subject::parse(&recorded.subject) {
            Some(Subject::Case(case)) => self.take_in_case(context, case, recorded).await?,
            Some(Subject::Agent(_)) => {
                let entry = Entry::<AgentEvent>::decode(&recorded.payload)?;
                for AgentEvent::PresenceChanged(changed) in &entry.events {
                    self.state().board.set_presence(&changed.agent, changed.presence);
                }
            }
            Some(Subject::Policy) => {
                let entry = PolicyEntry::decode(&recorded.payload)?;
                let known = context.policies.at_least(entry.policy).await?;
                if let Some(policies) = &known.policies {
                    self.state().follow_policy(policies.current());
                }
            }
            Some(Subject::Claim(_) | Subject::Customer(_)) | None => {}
        }
        Ok(())
    }

    async fn take_in_case<L: EventLog>(
        &self,
        context: &Context<L>,
        case: CaseId,
        recorded: &Recorded,
    ) -> Result<(), BoardError> {
        let entry = CaseEntry::decode(&recorded.payload)?;
        // Entries name the policy that they were decided under, so it is known by now, or can be.
        let known = context.policies.at_least(entry.policy).await?;
        let Some(policies) = &known.policies else { return Ok(()) };
        let is_backdated = entry.is_backdated(recorded.recorded_at);
        let taken = self.state().board.apply(case, &entry, is_backdated, policies.current());
        if taken.is_err() {
            let entries = context.log.read_subject(&Subject::Case(case), None).await?;
            self.put(case, &entries, policies.current())?;
        }
        Ok(())
    }

    /// Puts a case on the board, from its whole subject.
    fn put(&self, case: CaseId, entries: &[Recorded], policy: &Policy) -> Result<(), BoardError> {
        let decode = |recorded: &Recorded| {
            let entry = CaseEntry::decode(&recorded.payload)?;
            Ok((entry.is_backdated(recorded.recorded_at), entry))
        };
        let entries: Result<Vec<(bool, CaseEntry)>, UnreadableEntry> = entries.iter().map(decode).collect();
        self.state().board.apply_whole(case, &entries?, policy);
        Ok(())
    }

    /// Gives out what queues give out by themselves.
    fn give_out<L: EventLog>(&self, context: &Context<L>, shards: &ShardRouter) {
        let known = context.policies.known();
        let Some(policies) = &known.policies else { return };
        let proposals = {
            let position = self.0.position.borrow().unwrap_or_default();
            let mut state = self.state();
            state.tidy(position);
            state.follow_policy(policies.current());
            let held = state.holders();
            let proposals = state.board.proposals(policies.current(), (context.environment.now)(), &held);
            for proposal in &proposals {
                state.hold(proposal.case, proposal.agent.clone());
            }
            proposals
        };
        for Proposal { case, queue, agent } in proposals {
            let random = (context.environment.random)();
            let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
            let (boards, shards) = (self.clone(), shards.clone());
            tokio::spawn(async move {
                let push = CaseCommand::Push(Push { case_id: case, queue, agent });
                let reply = ask(&shards, push, &id, RetryPolicy::None).await;
                boards.answered(case, reply.as_ref());
            });
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

/// Whether a policy has agents or queues that give their cases out.
fn needs_board(known: &Known) -> bool {
    known.policies.as_ref().is_some_and(|policies| {
        let document = &policies.current().document;
        !document.agents.is_empty() || document.queues.values().any(|queue| queue.push)
    })
}

/// Whether what is not on the board yet could make it another answer.
fn may_have_changed(code: RejectionCode) -> bool {
    matches!(code, RejectionCode::QueueEmpty | RejectionCode::AgentFull | RejectionCode::AgentOffline)
}

fn unavailable() -> Reply {
    let message = "who waits in which queue is not known yet; send the command again, with the same id".to_owned();
    Reply::Failed { failed: Failure { code: FailureCode::RoutingUnavailable, message, retryable: true } }
}
