//! Keeps the board up to the log, and gives out what queues give out by themselves.

use std::pin::pin;
use std::time::Duration;

use docket_domain::policy::Policy;
use docket_domain::routing::board::Proposal;
use docket_eventlog::{EventLog, Follower, Recorded, Subject};
use docket_messages::{AgentEvent, CaseEntry, CaseId, CaseStep, Entry, PolicyEntry, Position, Push, UnreadableEntry};
use futures::future::BoxFuture;
use futures::{StreamExt as _, stream};
use tokio::time::timeout;

use super::{BoardError, Boards, Start, State};
use crate::ask::ask;
use crate::context::Context;
use crate::policy::book::KnownPolicies;
use crate::shards::{RetryPolicy, ShardRouter};

/// How often queues are looked through though nothing happened: skills that are asked for only for a time are dropped.
const LOOK: Duration = Duration::from_secs(1);
/// Cases that are read at once when it starts.
const READ_AT_ONCE: usize = 64;
/// Entries that are applied between two looks.
const TAKEN: usize = 256;
impl Boards {
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
        let mut entries = Follower::start(&context.log, after).await?;
        let mut is_behind = false;
        loop {
            // After a full stretch there is probably more at once; if there is not, the queues are not kept waiting.
            let stretch = match timeout(if is_behind { Duration::ZERO } else { LOOK }, entries.next(TAKEN)).await {
                Ok(stretch) => stretch?,
                Err(_) => Vec::new(),
            };
            is_behind = stretch.len() == TAKEN;
            for recorded in stretch {
                self.apply(context, &recorded).await?;
                self.0.position.send_replace(Some(recorded.position));
            }
            if entries.position() >= head && !is_behind {
                self.give_out(context, shards);
            }
        }
    }

    async fn apply<L: EventLog>(&self, context: &Context<L>, recorded: &Recorded) -> Result<(), BoardError> {
        match &recorded.subject {
            Ok(Subject::Case(case)) => self.apply_case(context, *case, recorded).await?,
            Ok(Subject::Agent(_)) => {
                let entry = Entry::<AgentEvent>::decode(&recorded.payload)?;
                for AgentEvent::PresenceChanged(changed) in &entry.events {
                    self.state().board.set_presence(&changed.agent, changed.presence);
                }
            }
            Ok(Subject::Policy) => {
                let entry = PolicyEntry::decode(&recorded.payload)?;
                let known = context.policies.at_least(entry.policy).await?;
                if let Some(policies) = &known.policies {
                    self.state().follow_policy(policies.current());
                }
            }
            Ok(Subject::Claim(_) | Subject::Customer(_)) | Err(_) => {}
        }
        Ok(())
    }

    async fn apply_case<L: EventLog>(
        &self,
        context: &Context<L>,
        case: CaseId,
        recorded: &Recorded,
    ) -> Result<(), BoardError> {
        let entry = CaseEntry::decode(&recorded.payload)?;
        // Entries name the policy that they were decided under, so it is known by now, or can be.
        let known = context.policies.at_least(entry.policy).await?;
        let Some(policies) = &known.policies else { return Ok(()) };
        let is_history = entry.is_history(recorded.recorded_at);
        let applied = self.state().board.apply(case, &entry, is_history, policies.current());
        if applied.is_err() {
            let entries = context.log.read_subject(&Subject::Case(case), None).await?;
            self.put(case, &entries, policies.current())?;
        }
        Ok(())
    }

    /// Puts a case on the board, from its whole subject.
    fn put(&self, case: CaseId, entries: &[Recorded], policy: &Policy) -> Result<(), BoardError> {
        let decode = |recorded: &Recorded| {
            let entry = CaseEntry::decode(&recorded.payload)?;
            Ok((entry.is_history(recorded.recorded_at), entry))
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
                let push = CaseStep::Push(Push { case_id: case, queue, agent });
                let reply = ask(&shards, push, &id, RetryPolicy::None).await;
                boards.answered(case, reply.as_ref());
            });
        }
    }
}

/// Whether a policy has agents or queues that give their cases out.
fn needs_board(known: &KnownPolicies) -> bool {
    known.policies.as_ref().is_some_and(|policies| {
        let document = &policies.current().document;
        !document.agents.is_empty() || document.queues.values().any(|queue| queue.push)
    })
}
