//! A shard: one task that owns its cases, so nothing is locked.

use std::collections::{HashMap, VecDeque};
use std::num::NonZeroUsize;
use std::sync::Arc;

use docket_eventlog::EventLog;
use docket_messages::CaseId;
use fail::fail_point;
use futures::stream::{FuturesUnordered, StreamExt};
use lru::LruCache;
use tokio::sync::mpsc;
use tracing::Instrument as _;

use crate::aggregate::Aggregate;
use crate::handle::handle;
use crate::service::{Context, Job};

/// The most commands that are taken from the channel at a time.
const TAKEN: usize = 256;

pub(crate) struct Shard<L> {
    context: Arc<Context<L>>,
    /// Cases with no command in hand.
    idle: LruCache<CaseId, Box<Aggregate>>,
    /// Cases with a command in hand, and those that wait for it.
    busy: HashMap<CaseId, VecDeque<Job>>,
}

impl<L: EventLog> Shard<L> {
    pub(crate) fn new(context: Arc<Context<L>>, cases: usize) -> Self {
        let idle = LruCache::new(NonZeroUsize::new(cases).unwrap_or(NonZeroUsize::MIN));
        Self { context, idle, busy: HashMap::new() }
    }

    /// Runs until the service is dropped and everything in hand is answered.
    pub(crate) async fn run(mut self, mut jobs: mpsc::UnboundedReceiver<Job>) {
        let mut running = FuturesUnordered::new();
        let mut is_open = true;
        let mut arrived = Vec::with_capacity(TAKEN);
        while is_open || !running.is_empty() {
            tokio::select! {
                biased;
                Some((case, aggregate)) = running.next(), if !running.is_empty() => {
                    if let Some((job, at_hand)) = self.finished(case, aggregate) {
                        running.push(run_one(Arc::clone(&self.context), job, at_hand));
                    }
                }
                count = jobs.recv_many(&mut arrived, TAKEN), if is_open => {
                    is_open = count > 0;
                    for job in arrived.drain(..) {
                        if let Some((job, at_hand)) = self.arrived(job) {
                            running.push(run_one(Arc::clone(&self.context), job, at_hand));
                        }
                    }
                }
            }
        }
    }

    /// A command arrived: it starts, unless its case has one in hand.
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
    job: Job,
    at_hand: Option<Box<Aggregate>>,
) -> (CaseId, Option<Box<Aggregate>>) {
    let Job { case, command, patience, respond } = job;
    let (mut attempt, mut at_hand) = (0, at_hand);
    // The case stays busy, so what was submitted after this waits for it.
    let (reply, aggregate) = loop {
        context.back_off(attempt).await;
        let handled = handle(&context, case, at_hand, &command).instrument(command.trace.span.clone());
        let (reply, aggregate) = handled.await;
        if !patience.outlasts(&reply) {
            break (reply, aggregate);
        }
        attempt += 1;
        at_hand = aggregate;
    };
    fail_point!("command::before-reply");
    respond(reply);
    (case, aggregate)
}
