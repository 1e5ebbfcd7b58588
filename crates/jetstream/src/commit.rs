//! Group commit: concurrent appends are committed together.
//!
//! A single publish costs one write to disk, and the server does one after the other; an atomic batch costs
//! some four, whatever its size. So while less is under way than a batch costs, entries go out one by one at
//! once. When more is, they go out as batches, one at a time: a batch is opened with the first entry that
//! arrives after the last acknowledgement, takes in those that follow for a moment, since senders that just
//! got their replies are about to send again, and is then committed. What arrives meanwhile waits for the next; when
//! much is under way, the next is open already, and one half gathers while the other one is committed.

mod cost;

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::client::Client;
use cost::Cost;
use docket_eventlog::{AppendError, Draft, Expect};
use docket_messages::Position;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::meter;
use crate::publish::{self, Batch, BatchError, Message};

/// The most entries of a batch; the server takes 1,000.
const BATCH_ENTRIES: usize = 1_000;
/// The most bytes of a batch.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// How long a batch waits, at most, for those who were in the last one.
const GATHER: RangeInclusive<Duration> = Duration::from_millis(2)..=Duration::from_millis(20);
/// From so many entries on under way, they go in two halves: the turnaround of that many senders takes longer than one
/// more commit costs.
const HALVES: usize = 192;
/// The most appends that wait; above that `append` itself waits.
const WAITING: usize = 16_384;
/// The most single publishes under way after a batch was refused.
const ONE_BY_ONE: usize = 256;

type Outcome = Result<Position, AppendError>;

#[derive(Debug)]
struct Append {
    message: Message,
    done: oneshot::Sender<Outcome>,
}

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
        let single = Single { load: Arc::clone(self), under_way, began: Instant::now() };
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
    under_way: usize,
    began: Instant,
}

impl Single {
    async fn publish(self, client: &Client, message: &Message) -> Outcome {
        let outcome = publish::single(client, message).await;
        if outcome.is_ok() {
            self.load.learn(|cost| cost.single_took(self.began.elapsed(), self.under_way));
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
        let Draft { payload, trace } = draft;
        let outcome = self.publish(Message { subject, expect: Some(expect), payload, trace }).await;
        if outcome.is_ok() {
            meter::appended(began.elapsed());
        }
        outcome
    }

    async fn publish(&self, message: Message) -> Outcome {
        if !self.load.is_batching.load(Ordering::Relaxed)
            && let Some(single) = self.load.take_single()
        {
            return single.publish(&self.client, &message).await;
        }
        let (done, outcome) = oneshot::channel();
        let append = Append { message, done };
        let gone = || AppendError::Unavailable { source: "the committer has ended".into() };
        self.appends.send(append).await.map_err(|_| gone())?;
        outcome.await.map_err(|error| AppendError::Unknown { source: error.into() })?
    }
}

struct Task {
    client: Client,
    load: Arc<Load>,
    waiting: VecDeque<Append>,
    open: Option<OpenBatch>,
    committing: Option<BoxFuture<'static, ()>>,
    /// The size of the last batch; 0 once less was waiting than is worth one.
    last_batch: usize,
    /// What was in the last batch and the one before it, or waited, when the last one was committed.
    under_way: usize,
    /// When the last batch was acknowledged, if the next one follows at once.
    acknowledged: Option<Instant>,
    batches: u64,
    id_prefix: String,
    hasher: RandomState,
}

/// A batch that still takes entries.
struct OpenBatch {
    batch: Batch,
    /// What was published, and the last entry, which will be when the batch is committed.
    appends: Vec<Append>,
    /// Hashes of the subjects: the server checks a subject's expectation once per batch. Two that collide only
    /// wait for each other.
    subjects: HashSet<u64>,
    bytes: usize,
    /// How many entries are worth waiting for.
    expected: usize,
    until: Instant,
}

impl Task {
    fn new(client: Client, load: Arc<Load>) -> Self {
        let inbox = client.new_inbox();
        let id_prefix = inbox.rsplit('.').next().unwrap_or_default().to_owned();
        Self {
            client,
            load,
            waiting: VecDeque::new(),
            open: None,
            committing: None,
            last_batch: 0,
            under_way: 0,
            acknowledged: None,
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
            let until = self.open.as_ref().filter(|_| self.committing.is_none()).map(|open| open.until);
            tokio::select! {
                biased;
                () = finished(self.committing.as_mut()), if self.committing.is_some() => self.committed(),
                Some(()) = singles.next(), if !singles.is_empty() => {}
                count = appends.recv_many(&mut arrived, BATCH_ENTRIES), if is_open => {
                    is_open = count > 0;
                    self.waiting.extend(arrived.drain(..));
                }
                () = sleep_until(until), if until.is_some() => {}
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
        self.waiting.pop_front().map(|append| (append, single))
    }

    /// Opens the next batch, fills the open one, and commits it when it is time.
    async fn fill(&mut self) {
        if self.committing.is_some() && !self.is_halved() {
            return;
        }
        // After a batch the next one is open at once, so that those who send again gather in it.
        let is_wanted = !self.waiting.is_empty() || (self.last_batch > 0 && self.committing.is_none());
        if self.open.is_none() && is_wanted {
            self.open = Some(self.next_batch());
        }
        let is_halved = self.is_halved();
        let Some(open) = &mut self.open else { return };
        let is_full = open.take_from(&mut self.waiting, &self.hasher).await;
        let size = open.appends.len();
        if self.committing.is_some() {
            return;
        }
        // Those who were in the last batch are about to send again. In two halves, one gathers while the other one is
        // committed.
        let all = self.last_batch + size + self.waiting.len();
        let worth = if is_halved { all.div_ceil(2).min(BATCH_ENTRIES) } else { open.expected };
        let Some(open) = self.open.take_if(|open| {
            let is_complete = size > 0 && size >= worth;
            is_full || is_complete || open.until <= Instant::now()
        }) else {
            return;
        };
        self.commit(open);
    }

    /// Whether so much is under way that it goes in two halves.
    fn is_halved(&self) -> bool {
        self.under_way >= HALVES
    }

    fn next_batch(&mut self) -> OpenBatch {
        self.batches += 1;
        let id = format!("{}-{}", self.id_prefix, self.batches);
        let expected = (self.last_batch + self.waiting.len()).min(BATCH_ENTRIES);
        OpenBatch::new(Batch::open(self.client.clone(), id), expected, Instant::now() + self.gather())
    }

    /// How long a batch waits for entries: a part of what a batch costs.
    fn gather(&self) -> Duration {
        (self.load.commit_cost() / 2).clamp(*GATHER.start(), *GATHER.end())
    }

    fn commit(&mut self, open: OpenBatch) {
        let size = open.appends.len();
        // A batch that was not worth it is the last one, unless more waits by then.
        let under_way = size + self.waiting.len() + if self.is_halved() { self.last_batch } else { 0 };
        self.last_batch = if under_way > self.load.most_singles.load(Ordering::Relaxed) { size } else { 0 };
        self.under_way = under_way;
        if size > 0 {
            let (client, load) = (self.client.clone(), Arc::clone(&self.load));
            self.committing = Some(Box::pin(open.commit(client, load)));
        }
    }

    /// A batch is acknowledged, or given up. The other one now waits for those who were in it, no longer than any does.
    fn committed(&mut self) {
        self.committing = None;
        let now = Instant::now();
        if let Some(before) = self.acknowledged {
            self.load.learn(|cost| cost.cycle_took(now - before));
        }
        self.acknowledged = (self.last_batch > 0).then_some(now);
        let until = now + self.gather();
        if let Some(open) = &mut self.open {
            open.until = until;
        }
    }
}

impl OpenBatch {
    fn new(batch: Batch, expected: usize, until: Instant) -> Self {
        let (appends, subjects) = (Vec::new(), HashSet::new());
        Self { batch, appends, subjects, bytes: 0, expected, until }
    }

    /// Takes what fits, in order, each subject at most once. Returns whether nothing more fits.
    async fn take_from(&mut self, waiting: &mut VecDeque<Append>, hasher: &RandomState) -> bool {
        let mut left = VecDeque::new();
        while let Some(append) = waiting.pop_front() {
            let size = append.message.payload.len();
            if !self.appends.is_empty() && (self.appends.len() >= BATCH_ENTRIES || self.bytes + size > BATCH_BYTES) {
                waiting.push_front(append);
                break;
            }
            if !self.subjects.insert(hasher.hash_one(&append.message.subject)) {
                left.push_back(append);
                continue;
            }
            // The last entry is held back: it carries the commit. A connection that is gone fails the commit, too.
            if let Some(held) = self.appends.last() {
                let _ = self.batch.publish(&held.message).await;
            }
            self.bytes += size;
            self.appends.push(append);
        }
        let is_full = !waiting.is_empty();
        left.append(waiting);
        *waiting = left;
        is_full
    }

    async fn commit(self, client: Client, load: Arc<Load>) {
        let began = Instant::now();
        let Some(last) = self.appends.last().map(|append| append.message.clone()) else { return };
        match self.batch.commit(last).await {
            Ok(first) => {
                load.learn(|cost| cost.commit_took(began.elapsed()));
                meter::committed(self.appends.len());
                let mut position = first;
                for append in self.appends {
                    tell(append.done, Ok(position));
                    position = position.next();
                }
            }
            Err(BatchError::Refused) => one_by_one(&client, self.appends).await,
            Err(BatchError::Failed { is_unknown, cause }) => {
                for append in self.appends {
                    let source = cause.clone().into();
                    let error =
                        if is_unknown { AppendError::Unknown { source } } else { AppendError::Unavailable { source } };
                    tell(append.done, Err(error));
                }
            }
        }
    }
}

async fn finished(committing: Option<&mut BoxFuture<'static, ()>>) {
    if let Some(committing) = committing {
        committing.await;
    }
}

async fn sleep_until(instant: Option<Instant>) {
    if let Some(instant) = instant {
        tokio::time::sleep_until(instant).await;
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

/// Whoever asked may have gone away; the entry is in the log all the same.
fn tell(done: oneshot::Sender<Outcome>, outcome: Outcome) {
    let _ = done.send(outcome);
}
