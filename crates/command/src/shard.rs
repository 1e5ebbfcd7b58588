//! A shard: one task that owns its cases, so nothing is locked.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;

use docket_domain::case::Step;
use docket_eventlog::EventLog;
use docket_messages::{CaseAction, CaseCommand, CaseId, Failure, FailureCode, Reply};
use fail::fail_point;
use futures::stream::{FuturesUnordered, StreamExt};
use lru::LruCache;
use tokio::sync::mpsc;
use tracing::Instrument as _;

use crate::admit::{Admitted, Way};
use crate::answers::stopping;
use crate::case::process_manager::Ended;
use crate::case::{Aggregate, End, handle, passing_on, process_manager};
use crate::context::Context;
use crate::shards::{Job, ShardRouter};

/// The most commands that are taken from the channel at a time.
const TAKEN: usize = 256;

/// How often a command is handed on between cases that are merged and separated meanwhile.
const TURNS: u32 = 40;

pub(crate) struct Shard<L> {
    context: Arc<Context<L>>,
    router: ShardRouter,
    /// Cases with no command in flight.
    idle: LruCache<CaseId, Box<Aggregate>>,
    /// Cases with a command in flight, and those that wait for it.
    busy: HashMap<CaseId, VecDeque<Job>>,
}

impl<L: EventLog> Shard<L> {
    pub(crate) fn new(context: Arc<Context<L>>, cases: usize, router: ShardRouter) -> Self {
        let idle = LruCache::new(NonZeroUsize::new(cases).unwrap_or(NonZeroUsize::MIN));
        Self { context, router, idle, busy: HashMap::new() }
    }

    /// Runs until the service is dropped and everything in flight is answered.
    pub(crate) async fn run(mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
        let mut running = FuturesUnordered::new();
        let mut is_open = true;
        let mut arrived = Vec::with_capacity(TAKEN);
        while is_open || !running.is_empty() {
            tokio::select! {
                biased;
                Some((case, aggregate)) = running.next(), if !running.is_empty() => {
                    if let Some((job, at_hand)) = self.finished(case, aggregate) {
                        running.push(self.run_one(job, at_hand));
                    }
                }
                count = jobs.recv_many(&mut arrived, TAKEN), if is_open => {
                    is_open = count > 0;
                    for job in arrived.drain(..) {
                        if let Some((job, at_hand)) = self.arrived(job) {
                            running.push(self.run_one(job, at_hand));
                        }
                    }
                }
            }
        }
    }

    fn run_one(
        &self,
        job: Job,
        at_hand: Option<Box<Aggregate>>,
    ) -> impl Future<Output = (CaseId, Option<Box<Aggregate>>)> + use<L> {
        run_one(Arc::clone(&self.context), self.router.clone(), job, at_hand)
    }

    /// A command arrived: it starts, unless its case has one in flight.
    fn arrived(&mut self, job: Job) -> Option<(Job, Option<Box<Aggregate>>)> {
        if let Some(waiting) = self.busy.get_mut(&job.case) {
            waiting.push_back(job);
            return None;
        }
        self.busy.insert(job.case, VecDeque::new());
        let at_hand = self.idle.pop(&job.case);
        Some((job, at_hand))
    }

    /// A command was answered: the next of its case starts, or the case is idle.
    fn finished(&mut self, case: CaseId, aggregate: Option<Box<Aggregate>>) -> Option<(Job, Option<Box<Aggregate>>)> {
        if let Some(next) = self.busy.get_mut(&case).and_then(VecDeque::pop_front) {
            return Some((next, aggregate));
        }
        self.busy.remove(&case);
        // A case that was never opened is not worth a place.
        if let Some(aggregate) = aggregate.filter(|aggregate| aggregate.last().is_some()) {
            self.idle.put(case, aggregate);
        }
        None
    }
}

async fn run_one<L: EventLog>(
    context: Arc<Context<L>>,
    router: ShardRouter,
    job: Job,
    at_hand: Option<Box<Aggregate>>,
) -> (CaseId, Option<Box<Aggregate>>) {
    let Job { case, mut command, retry, respond } = job;
    let (mut attempt, mut at_hand) = (0, at_hand);
    // The case stays busy, so what was submitted after this waits for it.
    let (reply, aggregate) = loop {
        context.back_off(attempt).await;
        let handled = handle(&context, case, at_hand, &command).instrument(command.trace.span.clone());
        let (end, aggregate) = handled.await;
        match end {
            End::Answered(reply) if retry.outlasts(&reply) => at_hand = aggregate,
            End::Answered(reply) => break (reply, aggregate),
            End::GoesOnIn(other) => {
                command.command = command.command.for_case(other);
                command.way = command.way.on_from(case);
                router.send(Job { case: other, command, retry, respond });
                return (case, aggregate);
            }
            End::OverAgain(first) => {
                command.command = command.command.for_case(first);
                command.way = command.way.over_again();
                tokio::spawn(over_again(context, router, Job { case: first, command, retry, respond }));
                return (case, aggregate);
            }
        }
        attempt += 1;
    };
    fail_point!("command::before-reply");
    if aggregate.as_ref().and_then(|aggregate| aggregate.case()).is_some_and(|case| case.next_passing().is_some()) {
        let (context, router) = (Arc::clone(&context), router.clone());
        tokio::spawn(async move { passing_on::pass_on(&context, &router, case).await });
    }
    match step_after(&command, &reply, aggregate.as_deref()) {
        None => respond(reply),
        // The sender is told when it is done, so that whatever comes next finds it so.
        Some((step, is_own)) => {
            let context = Arc::clone(&context);
            tokio::spawn(async move {
                respond(match process_manager::resume(&context, &router, step).await {
                    Ended::Completed(completed) if is_own => completed.in_place_of(reply),
                    Ended::Completed(_) | Ended::Stuck => reply,
                    // It is not done, and the same command finds out when it is.
                    Ended::Stopping => stopping(),
                });
            });
        }
    }
    (case, aggregate)
}

/// Sends a command back to the case that it was sent to, a little later each time: a merge is just being taken back.
async fn over_again<L: EventLog>(context: Arc<Context<L>>, router: ShardRouter, mut job: Job) {
    if job.command.way.turns > TURNS {
        let reply = turned_too_often(job.case);
        if !job.retry.outlasts(&reply) {
            return (job.respond)(reply);
        }
        job.command.way = Way::default();
    }
    context.back_off(job.command.way.turns).await;
    router.send(job);
}

fn turned_too_often(case: CaseId) -> Reply {
    let message = format!("the case {case} is just being merged and separated, again and again; send it again later");
    Reply::Failed { failed: Failure { code: FailureCode::Overloaded, message, retryable: true } }
}

/// What is to be done with another case, after a command that begins such a thing, which is then its own, or a tick
/// that comes upon it.
fn step_after(command: &Admitted<CaseAction>, reply: &Reply, aggregate: Option<&Aggregate>) -> Option<(Step, bool)> {
    let aggregate = aggregate.filter(|_| matches!(reply, Reply::Accepted { .. }))?;
    let step = aggregate.case()?.next_step()?;
    let is_own = aggregate.receipts().has_begun(&command.request(), command.way.sent_to, &step.completion_id());
    (is_own || matches!(command.command, CaseAction::Command(CaseCommand::Tick(_)))).then_some((step, is_own))
}
