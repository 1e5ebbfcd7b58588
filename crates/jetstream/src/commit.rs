//! Group commit: concurrent appends are committed together.
//!
//! A single publish costs one write to disk, and the server does one after the other; an atomic batch costs
//! some six, whatever its size. So while less is under way than a batch costs, entries go out one by one at
//! once. When more is, they go out as batches, one at a time. Senders that just got their replies are about to send
//! again, so a batch waits for those who were in the last one, all but one: that one opens the next batch as soon as
//! this one is acknowledged, and the server makes the files of the one while the senders of the other come back.
//!
//! Principals have their turns ([`waiting`]). Who writes few entries beside somebody who writes many waits for none of
//! those: its entries go out one by one, and batches stay small meanwhile.

mod append;
mod cost;
mod open;
mod patience;
mod waiting;

use std::hash::RandomState;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::client::Client;
use docket_eventlog::{AppendError, Draft, Expect};
use docket_messages::PrincipalName;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use self::append::{Append, BATCH_ENTRIES, Outcome, tell};
use self::cost::Cost;
use self::open::OpenBatch;
use self::patience::Patience;
use self::waiting::Waiting;
use crate::metrics;
use crate::publish::{self, Batch, Message};
use crate::sleep::sleep_until;

/// The most appends on their way to the task. Who appends bounds how many there are.
const WAITING: usize = 16_384;
/// The most single publishes under way after a batch was refused.
const ONE_BY_ONE: usize = 256;

/// What is under way, as appenders and the task both see it.
#[derive(Debug, Default)]
struct Load {
    singles: AtomicUsize,
    /// Up to so many entries go out one by one.
    most_singles: AtomicUsize,
    /// Whether the task has a batch open or under way, or appends that wait for the next.
    is_batching: AtomicBool,
    cost: Mutex<Cost>,
}

impl Load {
    /// Takes the place of one single publish, if there is one.
    fn take_single(self: &Arc<Self>) -> Option<Single> {
        let under_way = self.singles.fetch_add(1, Ordering::Relaxed) + 1;
        let single = Single { load: Arc::clone(self), began: Instant::now() };
        (under_way <= self.most_singles.load(Ordering::Relaxed)).then_some(single)
    }

    /// What the commit of a batch costs lately.
    fn commit_cost(&self) -> Duration {
        self.cost.lock().unwrap_or_else(PoisonError::into_inner).commit()
    }

    fn learn(&self, what: impl FnOnce(&mut Cost)) {
        let mut cost = self.cost.lock().unwrap_or_else(PoisonError::into_inner);
        what(&mut cost);
        self.most_singles.store(cost.break_even(), Ordering::Relaxed);
    }
}

/// The place of one single publish, given back when it is over, however it ends.
#[derive(Debug)]
struct Single {
    load: Arc<Load>,
    began: Instant,
}

impl Single {
    async fn publish(self, client: &Client, message: &Message) -> Outcome {
        let outcome = publish::single(client, message).await;
        if outcome.is_ok() {
            self.load.learn(|cost| cost.single_took(self.began, Instant::now()));
        }
        outcome
    }
}

impl Drop for Single {
    fn drop(&mut self) {
        self.load.singles.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The way into the log.
#[derive(Debug, Clone)]
pub(crate) struct Committer {
    client: Client,
    load: Arc<Load>,
    appends: mpsc::Sender<Append>,
}

impl Committer {
    /// Starts the task. It ends when the last committer is dropped.
    pub(crate) fn start(client: Client) -> Self {
        let (appends, waiting) = mpsc::channel(WAITING);
        let load = Arc::<Load>::default();
        load.learn(|_| ());
        tokio::spawn(Task::new(client.clone(), Arc::clone(&load)).run(waiting));
        Self { client, load, appends }
    }

    /// Commits one message: at once while little is under way, else with those that wait.
    pub(crate) async fn commit(&self, subject: String, expect: Expect, draft: Draft) -> Outcome {
        let began = Instant::now();
        let Draft { payload, trace, by } = draft;
        let outcome = self.publish(Message { subject, expect: Some(expect), payload, trace }, by).await;
        if outcome.is_ok() {
            metrics::appended(began.elapsed());
        }
        outcome
    }

    async fn publish(&self, message: Message, by: Option<PrincipalName>) -> Outcome {
        if !self.load.is_batching.load(Ordering::Relaxed)
            && let Some(single) = self.load.take_single()
        {
            // Boxed, since under load none goes this way.
            return Box::pin(single.publish(&self.client, &message)).await;
        }
        let (done, outcome) = oneshot::channel();
        let append = Append { message, by, done };
        let gone = || AppendError::Unavailable { source: "the committer has ended".into() };
        self.appends.send(append).await.map_err(|_| gone())?;
        outcome.await.map_err(|error| AppendError::Unknown { source: error.into() })?
    }
}

struct Task {
    client: Client,
    load: Arc<Load>,
    waiting: Waiting,
    open: Option<OpenBatch>,
    committing: Option<BoxFuture<'static, bool>>,
    /// The size of the last batch; 0 once less was waiting than is worth one.
    last_batch: usize,
    /// When the commit of the newest batch began.
    began: Instant,
    /// Until when no batch is filled, so that who writes few has the log to itself.
    rests_until: Option<Instant>,
    patience: Patience,
    batches: u64,
    id_prefix: String,
    hasher: RandomState,
}

impl Task {
    fn new(client: Client, load: Arc<Load>) -> Self {
        let inbox = client.new_inbox();
        let id_prefix = inbox.rsplit('.').next().unwrap_or_default().to_owned();
        Self {
            client,
            load,
            waiting: Waiting::default(),
            open: None,
            committing: None,
            last_batch: 0,
            began: Instant::now(),
            rests_until: None,
            patience: Patience::default(),
            batches: 0,
            id_prefix,
            hasher: RandomState::new(),
        }
    }

    async fn run(mut self, mut appends: mpsc::Receiver<Append>) {
        let mut singles = FuturesUnordered::new();
        let mut arrived = Vec::with_capacity(BATCH_ENTRIES);
        let mut is_open = true;
        while is_open || !singles.is_empty() || self.is_batching() {
            let until = self.rests_until.or_else(|| self.open.as_ref().map(|open| open.until));
            tokio::select! {
                biased;
                is_in_the_log = finished(self.committing.as_mut()), if self.committing.is_some() => {
                    self.committed(is_in_the_log);
                }
                Some(()) = singles.next(), if !singles.is_empty() => {}
                count = appends.recv_many(&mut arrived, BATCH_ENTRIES), if is_open => {
                    is_open = count > 0;
                    for append in arrived.drain(..) {
                        if let Some((append, single)) = self.arrived(append) {
                            singles.push(publish_single(self.client.clone(), append, single));
                        }
                    }
                }
                () = sleep_until(until), if until.is_some() => self.rests_until = None,
            }
            while let Some((append, single)) = self.next_single() {
                singles.push(publish_single(self.client.clone(), append, single));
            }
            self.fill().await;
            self.load.is_batching.store(self.is_batching(), Ordering::Relaxed);
        }
    }

    fn is_batching(&self) -> bool {
        self.open.is_some() || self.committing.is_some() || !self.waiting.is_empty()
    }

    /// Lets an append wait for a batch, unless it goes out alone: one of few beside many of somebody else.
    fn arrived(&mut self, append: Append) -> Option<(Append, Single)> {
        if self.waiting.is_of_few(&append, Instant::now())
            && let Some(single) = self.load.take_single()
        {
            return Some((append, single));
        }
        self.waiting.push(append);
        None
    }

    /// An entry that goes out alone, while so little waits that a batch is not worth it.
    fn next_single(&mut self) -> Option<(Append, Single)> {
        if self.open.is_some() || self.committing.is_some() || self.last_batch > 0 || self.waiting.is_empty() {
            return None;
        }
        let under_way = self.load.singles.load(Ordering::Relaxed);
        if under_way + self.waiting.len() > self.load.most_singles.load(Ordering::Relaxed) {
            return None;
        }
        let single = self.load.take_single()?;
        self.waiting.pop().map(|append| (append, single))
    }

    /// Opens the next batch, fills the open one, and commits it when it is time.
    async fn fill(&mut self) {
        if self.committing.is_some() || self.rests_until.is_some() {
            return;
        }
        // After a batch the next one is open at once, so that those who send again gather in it.
        if self.open.is_none() && (self.last_batch > 0 || !self.waiting.is_empty()) {
            self.open = Some(self.next_batch());
        }
        let Some(open) = &mut self.open else { return };
        open.take_from(&mut self.waiting, &self.hasher).await;
        if let Some(open) = self.open.take_if(|open| open.is_complete() || open.until <= Instant::now()) {
            // Who was not waited for has nothing to teach.
            if self.last_batch > 0 {
                self.patience.learn(open.is_complete());
            }
            self.commit(open);
        }
    }

    fn next_batch(&mut self) -> OpenBatch {
        self.batches += 1;
        let batch = Batch::open(self.client.clone(), format!("{}-{}", self.id_prefix, self.batches));
        let until = Instant::now() + self.patience.of_batch(self.batches, self.load.commit_cost());
        OpenBatch::new(batch, self.waiting.len(), self.last_batch, self.waiting.share(Instant::now()).most, until)
    }

    /// Commits a batch; the next one waits for those who are in it.
    fn commit(&mut self, open: OpenBatch) {
        let size = open.len();
        self.waiting.learn(open.appends(), Instant::now());
        // A batch that was not worth it is the last one, unless more waits by then.
        let under_way = size + self.waiting.len();
        self.last_batch = if under_way > self.load.most_singles.load(Ordering::Relaxed) { size } else { 0 };
        if size > 0 {
            self.began = Instant::now();
            let (client, load) = (self.client.clone(), Arc::clone(&self.load));
            self.committing = Some(Box::pin(open.commit(client, load)));
        }
    }

    /// Those who were in a batch that did not get into the log were told one by one: who comes back already waits.
    fn committed(&mut self, is_in_the_log: bool) {
        self.committing = None;
        if !is_in_the_log {
            self.last_batch = 0;
            return;
        }
        let now = Instant::now();
        let rest = self.waiting.share(now).rest_after(now - self.began);
        self.rests_until = (!rest.is_zero()).then(|| now + rest);
    }
}

/// Whether the batch that is being committed, if there is one, got into the log.
async fn finished(committing: Option<&mut BoxFuture<'static, bool>>) -> bool {
    match committing {
        Some(committing) => committing.await,
        None => true,
    }
}

async fn publish_single(client: Client, append: Append, single: Single) {
    let outcome = single.publish(&client, &append.message).await;
    tell(append.done, outcome);
}

/// A refused batch goes out one by one, many at a time; so the server says which is at fault.
async fn one_by_one(client: &Client, appends: Vec<Append>) {
    let publishes = appends.into_iter().map(|append| async move {
        let outcome = publish::single(client, &append.message).await;
        tell(append.done, outcome);
    });
    futures::stream::iter(publishes).buffer_unordered(ONE_BY_ONE).collect::<()>().await;
}
