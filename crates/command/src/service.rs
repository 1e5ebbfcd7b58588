//! The service: shards of cases, the policy, and the bounds.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use docket_eventlog::EventLog;
use docket_messages::{CaseCommand, CaseId, CaseReply, Failure, FailureCode, Reply};
use tokio::sync::mpsc;

use crate::admit::{self, Admitted, Target};
use crate::meter;
use crate::policies::PolicyBook;
use crate::shard::Shard;
use crate::{Envelope, Respond, Surroundings, publish, query};

/// How much the service takes on.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Tasks that own cases.
    pub shards: usize,
    /// Cases that each of them keeps at hand.
    pub cases_per_shard: usize,
    /// Commands that may be in hand at once. One more is refused as `overloaded`.
    pub in_flight: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { shards: 2, cases_per_shard: 20_000, in_flight: 16_384 }
    }
}

/// What every step of every command needs.
#[derive(Debug)]
pub(crate) struct Context<L> {
    pub log: L,
    pub policies: PolicyBook<L>,
    pub surroundings: Surroundings,
}

impl<L> Context<L> {
    /// Waits before deciding again: longer each time, and not the same for everybody.
    pub(crate) async fn back_off(&self, attempt: u32) {
        if attempt == 0 {
            return;
        }
        let random = u64::from((self.surroundings.random)().first().copied().unwrap_or(0));
        let millis = (1_u64 << attempt.min(8)) * (128 + random) / 256;
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// A command on its way to its shard.
pub(crate) struct Job {
    pub case: CaseId,
    pub command: Box<Admitted<CaseCommand>>,
    pub patience: Patience,
    pub respond: Respond,
}

/// What a failure of the machine means for a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// The sender waits, and is told.
    None,
    /// The command waits in the inbox: it is decided again until it is.
    UntilDecided,
}

impl Patience {
    /// Whether a reply is not the last word.
    pub(crate) fn outlasts(self, reply: &Reply) -> bool {
        self == Self::UntilDecided && reply.is_retryable_failure()
    }
}

/// The command service. Clones share it.
#[derive(Clone)]
pub struct CommandService<L> {
    context: Arc<Context<L>>,
    shards: Arc<[mpsc::UnboundedSender<Job>]>,
    in_flight: Arc<AtomicUsize>,
    limit: usize,
}

impl<L: EventLog> CommandService<L> {
    /// Starts the service on a log. Its tasks end when the last clone is dropped.
    #[must_use]
    pub fn start(log: L, surroundings: Surroundings, settings: Settings) -> Self {
        let policies = PolicyBook::new(log.clone());
        let context = Arc::new(Context { log, policies, surroundings });
        let shards = (0..settings.shards.max(1)).map(|_| {
            // Bounded by `in_flight`, so the channel itself need not be.
            let (jobs, waiting) = mpsc::unbounded_channel();
            tokio::spawn(Shard::new(Arc::clone(&context), settings.cases_per_shard).run(waiting));
            jobs
        });
        let shards = shards.collect();
        tokio::spawn(follow_policy(Arc::downgrade(&context)));
        Self { context, shards, in_flight: Arc::default(), limit: settings.in_flight }
    }

    /// Takes a command on. The reply goes to `respond`, exactly once.
    pub fn take(&self, envelope: Envelope, respond: impl FnOnce(Reply) + Send + 'static) {
        let respond = counted(respond);
        let target = match admit::admit(envelope) {
            Ok(target) => target,
            Err(rejected) => return respond(Reply::Rejected { rejected }),
        };
        match self.take_place() {
            Some(place) => self.hand_on(target, Patience::None, place.giving_back(respond)),
            None => respond(overloaded(self.limit)),
        }
    }

    /// Takes a submission on: waits while the service is full, and decides again while the machine fails. The reply,
    /// which goes to `respond`, is a failure that sending it again may mend only when this service is stopping.
    pub async fn take_submitted(&self, envelope: Envelope, respond: impl FnOnce(Reply) + Send + 'static) {
        let respond = counted(respond);
        let target = match admit::admit(envelope) {
            Ok(target) => target,
            Err(rejected) => return respond(Reply::Rejected { rejected }),
        };
        let mut attempt = 0;
        let place = loop {
            if let Some(place) = self.take_place() {
                break place;
            }
            attempt += 1;
            self.context.back_off(attempt).await;
        };
        self.hand_on(target, Patience::UntilDecided, place.giving_back(respond));
    }

    fn take_place(&self) -> Option<Place> {
        let place = Place { in_flight: Arc::clone(&self.in_flight) };
        (self.in_flight.fetch_add(1, Ordering::Relaxed) < self.limit).then_some(place)
    }

    fn hand_on(&self, target: Target, patience: Patience, respond: Respond) {
        match target {
            Target::Case(case, command) => self.to_shard(Job { case, command, patience, respond }),
            Target::Policy(command) => {
                let context = Arc::clone(&self.context);
                tokio::spawn(async move {
                    let mut attempt = 0;
                    let mut reply = publish::publish(&context, &command).await;
                    while patience.outlasts(&reply) {
                        attempt += 1;
                        context.back_off(attempt).await;
                        reply = publish::publish(&context, &command).await;
                    }
                    respond(reply);
                });
            }
        }
    }

    /// Commands in hand.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Answers a query: `path` is the subject below `docket.query.`.
    pub async fn query(&self, path: &str, body: &[u8]) -> CaseReply {
        query::query(&self.context, path, body).await
    }

    fn to_shard(&self, job: Job) {
        let mut hasher = DefaultHasher::new();
        job.case.hash(&mut hasher);
        let count = u64::try_from(self.shards.len()).unwrap_or(1);
        let index = usize::try_from(hasher.finish() % count).unwrap_or(0);
        let Some(shard) = self.shards.get(index) else { return };
        if let Err(refused) = shard.send(job) {
            let message = "the service is stopping; send the command again".to_owned();
            let failed = Failure { code: FailureCode::ShuttingDown, message, retryable: true };
            (refused.0.respond)(Reply::Failed { failed });
        }
    }
}

/// The place of one command in hand, given back when it is answered, or dropped.
struct Place {
    in_flight: Arc<AtomicUsize>,
}

impl Place {
    fn giving_back(self, respond: impl FnOnce(Reply) + Send + 'static) -> Respond {
        Box::new(move |reply| {
            drop(self);
            respond(reply);
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

fn counted(respond: impl FnOnce(Reply) + Send + 'static) -> impl FnOnce(Reply) + Send + 'static {
    |reply| {
        meter::answered(&reply);
        respond(reply);
    }
}

fn overloaded(limit: usize) -> Reply {
    let message = format!("{limit} commands are in hand, which is the bound; send the command again a little later");
    Reply::Failed { failed: Failure { code: FailureCode::Overloaded, message, retryable: true } }
}

/// Keeps up with policies that other instances publish. Without it a policy would be noticed late, not wrongly:
/// a rejection confirms the policy, and an entry names the version that it was decided under.
async fn follow_policy<L: EventLog>(context: std::sync::Weak<Context<L>>) {
    const PAUSE: Duration = Duration::from_secs(1);
    while let Some(context) = context.upgrade() {
        let followed = tokio::select! {
            followed = context.policies.follow() => followed,
            // Looks now and then whether the service is still wanted.
            () = tokio::time::sleep(Duration::from_secs(30)) => Ok(()),
        };
        if let Err(error) = followed {
            tracing::warn!(%error, "could not follow the policy; trying again: {error}");
            drop(context);
            tokio::time::sleep(PAUSE).await;
        }
    }
}
