//! The way of a command to the shard that owns its case.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Weak};

use docket_messages::{CaseAction, CaseId, Reply};
use tokio::sync::mpsc;

use crate::Respond;
use crate::admit::Admitted;
use crate::answers::stopping;

/// A command on its way to its shard.
pub(crate) struct Job {
    pub case: CaseId,
    pub command: Box<Admitted<CaseAction>>,
    pub retry: RetryPolicy,
    pub respond: Respond,
}

/// What a failure of the machine means for a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// The sender waits, and is told.
    None,
    /// The command waits in the inbox, or is a step of a process: it is decided again until it is.
    UntilDecided,
}

impl RetryPolicy {
    /// Whether a reply is not the last word.
    pub(crate) fn outlasts(self, reply: &Reply) -> bool {
        self == Self::UntilDecided && reply.is_retryable_failure()
    }
}

/// The ways to all shards, which run for as long as there are any. Clones share them.
#[derive(Clone)]
pub(crate) struct Shards(Arc<[mpsc::UnboundedSender<Job>]>);

/// The same for a shard, which must not keep itself alive.
#[derive(Clone)]
pub(crate) struct ShardRouter(Weak<[mpsc::UnboundedSender<Job>]>);

impl Shards {
    /// Ways to so many shards, and where each of them gets its commands from. Bounded by the permits, so the channels
    /// themselves need not be.
    pub(crate) fn new(count: usize) -> (Self, Vec<mpsc::UnboundedReceiver<Job>>) {
        let (ways, ends): (Vec<_>, Vec<_>) = (0..count.max(1)).map(|_| mpsc::unbounded_channel()).unzip();
        (Self(ways.into()), ends)
    }

    pub(crate) fn router(&self) -> ShardRouter {
        ShardRouter(Arc::downgrade(&self.0))
    }

    pub(crate) fn send(&self, job: Job) {
        let mut hasher = DefaultHasher::new();
        job.case.hash(&mut hasher);
        let count = u64::try_from(self.0.len()).unwrap_or(1);
        let index = usize::try_from(hasher.finish() % count).unwrap_or(0);
        let Some(shard) = self.0.get(index) else { return };
        if let Err(refused) = shard.send(job) {
            (refused.0.respond)(stopping());
        }
    }
}

impl ShardRouter {
    pub(crate) fn send(&self, job: Job) {
        match self.0.upgrade() {
            Some(ways) => Shards(ways).send(job),
            None => (job.respond)(stopping()),
        }
    }
}
