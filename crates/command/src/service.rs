//! The service: shards of cases, the policy, and the bounds.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use docket_eventlog::EventLog;
use docket_keyring::KeyRing;
use docket_messages::{CaseReply, Failure, FailureCode, PrincipalName, Rejection, Reply};
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use crate::admission::{Admission, Bounds, Permit};
use crate::admit::{self, Target};
use crate::board::{BoardError, Boards, Start};
use crate::context::{Context, ParentsAtWork};
use crate::policy::book::PolicyBook;
use crate::policy::change::change;
use crate::query::Answer;
use crate::shard::Shard;
use crate::shards::{Job, RetryPolicy, Shards};
use crate::{Envelope, Environment, Respond, agent, claim, metrics, query};

/// How much the service takes on.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Tasks that own cases.
    pub shards: usize,
    /// Cases that each of them keeps at hand.
    pub cases_per_shard: usize,
    /// What may be in flight at once. One more command is refused as `overloaded`.
    pub bounds: Bounds,
    /// The same for queries.
    pub queries: Bounds,
    /// Queries that are answered at a time; others wait.
    pub queries_at_once: usize,
}

impl Default for Settings {
    fn default() -> Self {
        let queries = Bounds { commands: 1_024, bytes: 16 * 1024 * 1024 };
        Self { shards: 2, cases_per_shard: 20_000, bounds: Bounds::default(), queries, queries_at_once: 64 }
    }
}

/// The command service. Clones share it.
#[derive(Clone)]
pub struct CommandService<L> {
    pub(crate) context: Arc<Context<L>>,
    shards: Shards,
    admission: Admission,
    query_admission: Admission,
    queries: Arc<Semaphore>,
}

impl<L: EventLog> CommandService<L> {
    /// Starts the service on a log, with the keys of what is personal in it. Its tasks end when the last clone is dropped.
    #[must_use]
    pub fn start(log: L, keys: Arc<KeyRing>, environment: Environment, settings: Settings) -> Self {
        let policies = PolicyBook::new(log.clone(), (environment.zones)());
        let (parents_at_work, boards) = (ParentsAtWork::default(), Boards::default());
        let context = Arc::new(Context { log, policies, keys, environment, parents_at_work, boards });
        let (shards, ends) = Shards::new(settings.shards);
        for jobs in ends {
            let shard = Shard::new(Arc::clone(&context), settings.cases_per_shard, shards.router());
            tokio::spawn(shard.run(jobs));
        }
        tokio::spawn(follow_policy(Arc::downgrade(&context)));
        Self {
            context,
            shards,
            admission: Admission::new(settings.bounds),
            query_admission: Admission::new(settings.queries),
            queries: Arc::new(Semaphore::new(settings.queries_at_once)),
        }
    }

    /// Keeps the board that claims choose from and that queues give their cases out by, until the log cannot be
    /// followed. `start` says where it begins. Without it, the next case of a queue cannot be claimed.
    ///
    /// # Errors
    /// What went wrong; then the board is gone, and may be kept again.
    pub async fn keep_board(
        &self,
        start: impl Fn() -> BoxFuture<'static, Result<Start, BoardError>>,
    ) -> Result<(), BoardError> {
        self.context.boards.keep(&self.context, &self.shards.router(), start).await
    }

    /// Accepts a command and sends exactly one reply to `respond`. A principal with too many commands in flight is
    /// refused before anything is read. Returns true if the command is now in flight, and false if it is already
    /// answered.
    pub fn take(&self, envelope: Envelope, respond: impl FnOnce(Reply) + Send + 'static) -> bool {
        let respond = counted(respond);
        let permit = permit_for(&self.admission, &envelope.path, &envelope.body);
        let admitted = permit.map_err(NotAdmitted::reply).and_then(|permit| {
            let target = admit::admit(envelope).map_err(|rejected| Reply::Rejected { rejected })?;
            Ok((permit, target))
        });
        match admitted {
            Ok((permit, target)) => {
                self.hand_on(target, RetryPolicy::None, giving_back(permit, respond));
                true
            }
            Err(reply) => {
                respond(reply);
                false
            }
        }
    }

    /// Takes a submission on: waits while the service is full, and decides again while the machine fails. The reply,
    /// which goes to `respond`, is a retryable failure only when this service is stopping.
    pub async fn take_submitted(&self, envelope: Envelope, respond: impl FnOnce(Reply) + Send + 'static) {
        let respond = counted(respond);
        let mut attempt = 0;
        let permit = loop {
            match permit_for(&self.admission, &envelope.path, &envelope.body) {
                Ok(permit) => break permit,
                Err(NotAdmitted::Refused(rejected)) => return respond(Reply::Rejected { rejected }),
                Err(NotAdmitted::Full(_)) => {}
            }
            attempt += 1;
            self.context.back_off(attempt).await;
        };
        match admit::admit(envelope) {
            Ok(target) => self.hand_on(target, RetryPolicy::UntilDecided, giving_back(permit, respond)),
            Err(rejected) => respond(Reply::Rejected { rejected }),
        }
    }

    /// Takes a query on: `path` is the subject below `docket.query.`. The reply goes to `respond`, exactly once. A
    /// principal that has its share in flight is refused before anything is read. Says whether the query is in flight
    /// now.
    pub fn take_query(&self, path: String, body: Bytes, respond: impl FnOnce(Answer) + Send + 'static) -> bool {
        let permit = match permit_for(&self.query_admission, &path, &body) {
            Ok(permit) => permit,
            Err(not_admitted) => {
                respond(Answer::Case(not_admitted.case_reply()));
                return false;
            }
        };
        let (context, queries) = (Arc::clone(&self.context), Arc::clone(&self.queries));
        tokio::spawn(async move {
            // The semaphore is never closed.
            let Ok(_permit) = queries.acquire().await else { return };
            let reply = query::query(&context, &path, &body).await;
            drop(permit);
            respond(reply);
        });
        true
    }

    fn hand_on(&self, target: Target, retry: RetryPolicy, respond: Respond) {
        match target {
            Target::Case(case, command) => self.shards.send(Job { case, command, retry, respond }),
            Target::Policy(command) => {
                let both = Arc::new((Arc::clone(&self.context), command));
                self.run(retry, respond, move || {
                    let both = Arc::clone(&both);
                    async move { change(&both.0, &both.1).await }
                });
            }
            Target::Agent(command) => {
                let both = Arc::new((Arc::clone(&self.context), command));
                self.run(retry, respond, move || {
                    let both = Arc::clone(&both);
                    async move { agent::presence::set(&both.0, &both.1).await }
                });
            }
            Target::Claim(command) => {
                let all = Arc::new((Arc::clone(&self.context), self.shards.router(), command));
                self.run(retry, respond, move || {
                    let all = Arc::clone(&all);
                    async move { claim::claim(&all.0, &all.1, &all.2).await }
                });
            }
        }
    }

    /// Runs what is no single case's affair, again for as long as the machine fails and the sender can wait.
    fn run<F>(&self, retry: RetryPolicy, respond: Respond, handle: impl Fn() -> F + Send + 'static)
    where
        F: Future<Output = Reply> + Send,
    {
        let context = Arc::clone(&self.context);
        tokio::spawn(async move {
            let mut attempt = 0;
            let reply = loop {
                context.back_off(attempt).await;
                let reply = handle().await;
                if !retry.outlasts(&reply) {
                    break reply;
                }
                attempt += 1;
            };
            respond(reply);
        });
    }

    /// The principals of the policy in force, as far as the service knows it by now.
    #[must_use]
    pub fn principals(&self) -> Vec<PrincipalName> {
        let known = self.context.policies.known();
        let policies = known.policies.iter();
        policies.flat_map(|policies| policies.current().document.principals.keys().cloned()).collect()
    }

    /// Commands in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.admission.held()
    }
}

/// Why there is no permit for a command or a query.
enum NotAdmitted {
    /// It cannot be anything.
    Refused(Rejection),
    /// Its principal has its share.
    Full(PrincipalName),
}

impl NotAdmitted {
    fn reply(self) -> Reply {
        match self {
            Self::Refused(rejected) => Reply::Rejected { rejected },
            Self::Full(by) => Reply::Failed { failed: overloaded(&by) },
        }
    }

    fn case_reply(self) -> CaseReply {
        match self {
            Self::Refused(rejected) => CaseReply::Rejected { rejected },
            Self::Full(by) => CaseReply::Failed { failed: overloaded(&by) },
        }
    }
}

fn permit_for(admission: &Admission, path: &str, body: &[u8]) -> Result<Permit, NotAdmitted> {
    let (by, _, _) = admit::path(path).map_err(NotAdmitted::Refused)?;
    admit::within_limit(body).map_err(NotAdmitted::Refused)?;
    admission.permit(&by, body.len()).ok_or(NotAdmitted::Full(by))
}

fn counted(respond: impl FnOnce(Reply) + Send + 'static) -> impl FnOnce(Reply) + Send + 'static {
    |reply| {
        metrics::answered(&reply);
        respond(reply);
    }
}

fn giving_back(permit: Permit, respond: impl FnOnce(Reply) + Send + 'static) -> Respond {
    Box::new(move |reply| {
        drop(permit);
        respond(reply);
    })
}

fn overloaded(by: &PrincipalName) -> Failure {
    let message = format!("`{by}` has too many requests in flight; send this one again a little later");
    Failure { code: FailureCode::Overloaded, message, retryable: true }
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
