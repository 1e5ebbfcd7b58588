//! What the log would look like under another policy.
//!
//! The log is read once. Each case belongs to one thread, which keeps two ledgers of it: one of the events that were
//! recorded, and one of those that follow from the same facts under the other policy.

mod comparison;
mod report;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};

use docket_domain::policy::Policies;
use docket_eventlog::{EventLog, Recorded};
use docket_messages::{Position, Timestamp};
use futures::StreamExt;

use crate::Error;
use comparison::Comparisons;

pub use report::{Attainment, Changed, Kept, Report, Workload, or_none};

/// Entries that are handed to a thread at a time.
const HANDFUL: usize = 256;
/// Handfuls that may wait for a thread.
const WAITING: usize = 16;

/// What is simulated.
pub struct Simulation {
    /// The other policy, in place of all versions.
    pub policies: Policies,
    /// What happened before is replayed and not counted.
    pub from: Option<Timestamp>,
    /// What happened from then on is left out.
    pub to: Option<Timestamp>,
}

/// A simulation at work.
pub struct Running {
    threads: Threads,
    from: Option<Timestamp>,
    until: Timestamp,
}

impl Simulation {
    /// Starts it. Without an end of its own it ends `now`.
    #[must_use]
    pub fn start(self, now: Timestamp) -> Running {
        let until = self.to.unwrap_or(now);
        Running { threads: Threads::start(&self.policies, until), from: self.from, until }
    }
}

impl Running {
    /// Reads a log up to a position. `progress` is told how many more entries were read.
    ///
    /// # Errors
    /// That the log cannot be read. Why a thread ended says [`Self::finish`].
    pub async fn read(&self, log: &impl EventLog, head: Position, progress: impl FnMut(u64)) -> Result<(), Error> {
        self.threads.read(log, head, progress).await
    }

    /// What changes.
    ///
    /// # Errors
    /// An entry that cannot be replayed.
    pub fn finish(self) -> Result<Report, Error> {
        Ok(Report::of(self.threads.finish()?, self.from, self.until))
    }
}

/// One thread for each processor, each with cases of its own.
struct Threads(Vec<(SyncSender<Vec<Recorded>>, Worker)>);

type Worker = JoinHandle<Result<Comparisons, Error>>;

impl Threads {
    fn start(policies: &Policies, until: Timestamp) -> Self {
        let count = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = (0..count).map(|_| {
            let (ways, entries) = mpsc::sync_channel::<Vec<Recorded>>(WAITING);
            let policies = policies.clone();
            let worker = thread::spawn(move || {
                let mut comparisons = Comparisons::new(policies, until);
                for recorded in entries.iter().flatten() {
                    comparisons.apply(&recorded)?;
                }
                Ok(comparisons.finish())
            });
            (ways, worker)
        });
        Self(threads.collect())
    }

    /// Hands every entry to the thread of its case.
    async fn read(&self, log: &impl EventLog, head: Position, mut progress: impl FnMut(u64)) -> Result<(), Error> {
        let mut handfuls: Vec<Vec<Recorded>> = self.0.iter().map(|_| Vec::with_capacity(HANDFUL)).collect();
        if head > Position::default() {
            let mut entries = log.follow(Position::default()).await?;
            while let Some(recorded) = entries.next().await {
                let recorded = recorded?;
                let position = recorded.position;
                let thread = self.thread_of(recorded.subject.as_ref());
                if let (Some(handful), Some((ways, _))) = (handfuls.get_mut(thread), self.0.get(thread)) {
                    handful.push(recorded);
                    if handful.len() == HANDFUL {
                        let full = std::mem::replace(handful, Vec::with_capacity(HANDFUL));
                        // A thread that has ended says why when it is joined.
                        tokio::task::block_in_place(|| ways.send(full)).map_err(|_| "a thread has ended")?;
                    }
                }
                if position.get() % 1_024 == 0 {
                    progress(1_024);
                }
                if position >= head {
                    break;
                }
            }
        }
        for (rest, (ways, _)) in handfuls.into_iter().zip(&self.0) {
            tokio::task::block_in_place(|| ways.send(rest)).map_err(|_| "a thread has ended")?;
        }
        Ok(())
    }

    fn thread_of(&self, subject: impl Hash) -> usize {
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        let count = u64::try_from(self.0.len()).unwrap_or(1).max(1);
        usize::try_from(hasher.finish() % count).unwrap_or(0)
    }

    fn finish(self) -> Result<Vec<Comparisons>, Error> {
        let mut all = Vec::with_capacity(self.0.len());
        for (ways, worker) in self.0 {
            drop(ways);
            all.push(worker.join().map_err(|_| "a thread of the simulation failed")??);
        }
        Ok(all)
    }
}
