//! Group commit: concurrent appends are committed together.
//!
//! A single publish costs one write to disk, an atomic batch costs four, whatever its size. So when little
//! waits, entries go out one by one at once; when much waits, they go out as one batch, one batch at a time,
//! and what arrives meanwhile makes up the next.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::client::Client;
use bytes::Bytes;
use docket_eventlog::{AppendError, Expect};
use docket_messages::Position;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::publish::{self, BatchError, Message};

/// The most entries of a batch; the server takes 1,000.
const BATCH_ENTRIES: usize = 1_000;
/// The most bytes of a batch.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Up to so many entries are published one by one.
const SINGLES: usize = 10;
/// How long a batch waits for those that were in the last one: senders who just got their replies are about
/// to send again.
const GATHER: Duration = Duration::from_millis(4);
/// The most appends that wait; above that `append` itself waits.
const WAITING: usize = 16_384;

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
    /// Whether the task has a batch under way, or appends that wait for the next.
    is_batching: AtomicBool,
}

impl Load {
    /// Takes the place of one single publish, if there is one.
    fn take_single(self: &Arc<Self>) -> Option<Single> {
        let single = Single(Arc::clone(self));
        let before = self.singles.fetch_add(1, Ordering::Relaxed);
        (before < SINGLES && !self.is_batching.load(Ordering::Relaxed)).then_some(single)
    }
}

/// The place of one single publish, given back when it is over, however it ends.
#[derive(Debug)]
struct Single(Arc<Load>);

impl Drop for Single {
    fn drop(&mut self) {
        self.0.singles.fetch_sub(1, Ordering::Relaxed);
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
        tokio::spawn(Task::new(client.clone(), Arc::clone(&load)).run(waiting));
        Self { client, load, appends }
    }

    /// Commits one message: at once while little is under way, else with those that wait.
    pub(crate) async fn commit(&self, subject: String, expect: Expect, payload: Bytes) -> Outcome {
        let message = Message { subject, expect: Some(expect), payload };
        if let Some(_place) = self.load.take_single() {
            return publish::single(&self.client, &message).await;
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
    batch_in_flight: bool,
    last_batch: usize,
    gather_until: Option<Instant>,
    batches: u64,
    id_prefix: String,
}

enum Finished {
    Single,
    Batch,
}

impl Task {
    fn new(client: Client, load: Arc<Load>) -> Self {
        let inbox = client.new_inbox();
        let id_prefix = inbox.rsplit('.').next().unwrap_or_default().to_owned();
        Self {
            client,
            load,
            waiting: VecDeque::new(),
            batch_in_flight: false,
            last_batch: 0,
            gather_until: None,
            batches: 0,
            id_prefix,
        }
    }

    async fn run(mut self, mut appends: mpsc::Receiver<Append>) {
        let mut in_flight = FuturesUnordered::new();
        let mut is_open = true;
        while is_open || !in_flight.is_empty() || !self.waiting.is_empty() {
            let mut arrived = Vec::new();
            let gathering = self.gather_until;
            tokio::select! {
                biased;
                Some(finished) = in_flight.next(), if !in_flight.is_empty() => self.finish(finished),
                count = appends.recv_many(&mut arrived, BATCH_ENTRIES), if is_open => {
                    is_open = count > 0;
                    self.waiting.extend(arrived);
                }
                () = sleep_until(gathering), if gathering.is_some() => self.gather_until = None,
            }
            if gathering.is_some_and(|until| self.waiting.len() >= self.last_batch || until <= Instant::now()) {
                self.gather_until = None;
            }
            while let Some(round) = self.next_round() {
                match round {
                    Round::Single(append, place) => {
                        in_flight.push(futures::future::Either::Left(single(self.client.clone(), append, place)));
                    }
                    Round::Batch(appends) => {
                        let id = format!("{}-{}", self.id_prefix, self.batches);
                        in_flight.push(futures::future::Either::Right(batch(self.client.clone(), id, appends)));
                    }
                }
            }
            let is_batching = self.batch_in_flight || self.gather_until.is_some() || !self.waiting.is_empty();
            self.load.is_batching.store(is_batching, Ordering::Relaxed);
        }
    }

    fn finish(&mut self, finished: Finished) {
        match finished {
            Finished::Single => {}
            Finished::Batch => {
                self.batch_in_flight = false;
                self.gather_until = (self.last_batch > SINGLES).then(|| Instant::now() + GATHER);
            }
        }
    }

    /// What may go out now, if anything.
    fn next_round(&mut self) -> Option<Round> {
        if self.batch_in_flight || self.gather_until.is_some() || self.waiting.is_empty() {
            return None;
        }
        if self.waiting.len() + self.load.singles.load(Ordering::Relaxed) <= SINGLES {
            self.last_batch = 0;
            self.load.singles.fetch_add(1, Ordering::Relaxed);
            let place = Single(Arc::clone(&self.load));
            return self.waiting.pop_front().map(|append| Round::Single(append, place));
        }
        let appends = self.take_batch();
        if appends.is_empty() {
            return None;
        }
        self.last_batch = appends.len();
        self.batch_in_flight = true;
        self.batches += 1;
        Some(Round::Batch(appends))
    }

    /// Takes what fits into a batch, in order, each subject at most once: the server checks a subject's
    /// expectation once per batch.
    fn take_batch(&mut self) -> Vec<Append> {
        let mut taken: Vec<Append> = Vec::with_capacity(self.waiting.len().min(BATCH_ENTRIES));
        let mut subjects = HashSet::with_capacity(self.waiting.len().min(BATCH_ENTRIES));
        let mut bytes = 0_usize;
        let mut left = VecDeque::new();
        while let Some(append) = self.waiting.pop_front() {
            let size = append.message.payload.len();
            let fits = taken.len() < BATCH_ENTRIES && (bytes + size <= BATCH_BYTES || taken.is_empty());
            if !fits {
                left.push_back(append);
                break;
            }
            if subjects.insert(append.message.subject.clone()) {
                bytes += size;
                taken.push(append);
            } else {
                left.push_back(append);
            }
        }
        left.append(&mut self.waiting);
        self.waiting = left;
        taken
    }
}

enum Round {
    Single(Append, Single),
    Batch(Vec<Append>),
}

async fn sleep_until(instant: Option<Instant>) {
    if let Some(instant) = instant {
        tokio::time::sleep_until(instant).await;
    }
}

async fn single(client: Client, append: Append, _place: Single) -> Finished {
    let outcome = publish::single(&client, &append.message).await;
    tell(append.done, outcome);
    Finished::Single
}

async fn batch(client: Client, id: String, appends: Vec<Append>) -> Finished {
    let (messages, waiters): (Vec<Message>, Vec<oneshot::Sender<Outcome>>) =
        appends.into_iter().map(|append| (append.message, append.done)).unzip();
    match publish::batch(&client, &id, &messages).await {
        Ok(first) => {
            let mut position = first;
            for done in waiters {
                tell(done, Ok(position));
                position = position.next();
            }
        }
        Err(BatchError::Refused) => {
            let both = messages.into_iter().zip(waiters);
            let appends: Vec<Append> = both.map(|(message, done)| Append { message, done }).collect();
            one_by_one(&client, appends).await;
        }
        Err(BatchError::Failed { is_unknown, cause }) => {
            for done in waiters {
                let source = cause.clone().into();
                tell(
                    done,
                    Err(if is_unknown { AppendError::Unknown { source } } else { AppendError::Unavailable { source } }),
                );
            }
        }
    }
    Finished::Batch
}

/// A refused batch goes out one by one, many at a time; so the server says which is at fault.
async fn one_by_one(client: &Client, appends: Vec<Append>) {
    let publishes = appends.into_iter().map(|append| async move {
        let outcome = publish::single(client, &append.message).await;
        tell(append.done, outcome);
    });
    futures::stream::iter(publishes).buffer_unordered(256).collect::<()>().await;
}

/// Whoever asked may have gone away; the entry is in the log all the same.
fn tell(done: oneshot::Sender<Outcome>, outcome: Outcome) {
    let _ = done.send(outcome);
}
