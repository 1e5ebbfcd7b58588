//! The roles that a process can play, and their health.

pub mod command;
mod health;
pub mod http;
pub mod projection;
mod role;
pub mod sealer;
mod submissions;
mod threads;
pub mod timers;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use docket_jetstream::access::SystemUser;
use docket_jetstream::{Connection, Feed, Namespace, NatsError};
use docket_messages::PrincipalName;
use docket_projection::ProjectionError;

use crate::error::{AnyError, one_line};
use crate::keys::MasterKeySource;

pub use health::{Health, RoleState};
pub use role::Role;
use role::{AtWork, Quiet, Streams};
pub use sealer::Sealing;
use threads::Threads;

impl Role {
    /// Every role. What is not listed here, nobody plays.
    pub const ALL: [Self; 4] = [command::ROLE, projection::ROLE, timers::ROLE, sealer::ROLE];
}

/// Where the engines are, and what they are called.
#[derive(Debug, Clone)]
pub struct Engines {
    /// NATS, with each role's own credentials.
    pub nats: Logins,
    /// Postgres.
    pub postgres: String,
    /// The names of subjects and streams.
    pub names: Namespace,
    /// On how many servers of a cluster a stream is kept that does not exist yet.
    pub replicas: usize,
    /// Where the master keys are.
    pub keys: MasterKeySource,
    /// What the sealer works with, where there may be one.
    pub sealing: Option<Sealing>,
    /// By which the sealer has what the projection reads of the log; made where both are started.
    pub feed: Option<Feed>,
}

/// The addresses of NATS for Docket's own users.
#[derive(Debug, Clone)]
pub struct Logins {
    addresses: BTreeMap<SystemUser, String>,
    /// The principals that have a user of their own; none on a server without accounts, where anybody may send.
    pub principals: Option<Vec<PrincipalName>>,
}

impl Logins {
    /// An address for each user, on a server with accounts for these principals.
    pub fn each(address: impl Fn(SystemUser) -> String, principals: Option<Vec<PrincipalName>>) -> Self {
        Self { addresses: SystemUser::ALL.map(|user| (user, address(user))).into(), principals }
    }

    /// The same address for all, on a server without accounts.
    pub fn same(url: &str) -> Self {
        Self::each(|_| url.to_owned(), None)
    }

    /// The address for a user.
    pub fn of(&self, user: SystemUser) -> &str {
        self.addresses.get(&user).map(String::as_str).unwrap_or_default()
    }
}

/// Roles at work.
pub struct Running {
    /// How they are.
    pub health: Health,
    at_work: Vec<Box<dyn AtWork>>,
    /// Last, since everything above runs on them.
    threads: Vec<Threads>,
}

/// How long a role that failed waits before it starts again.
const RESTART: Duration = Duration::from_secs(1);

/// Starts roles: streams first, which the command service creates and the others need, then each of them. NATS is
/// waited for while it is away; Postgres is not, since commands do not need it, and the roles that do wait for
/// themselves. Roles that fail later start again by themselves.
pub async fn start(engines: &Engines, roles: &BTreeSet<Role>, health: &Health) -> Result<Running, AnyError> {
    for role in roles {
        health.set(*role, RoleState::Starting);
    }
    let are_both = [projection::ROLE, sealer::ROLE].iter().all(|role| roles.contains(role));
    let engines = &Engines { feed: are_both.then(Feed::default), ..engines.clone() };
    if let Some(creator) = roles.iter().find(|role| role.streams == Streams::Creates) {
        let connection = reach(engines, *creator, roles, health).await?;
        docket_jetstream::streams::ensure(&connection, &engines.names, engines.replicas).await?;
    } else if let Some(reader) = roles.first() {
        let connection = reach(engines, *reader, roles, health).await?;
        docket_jetstream::streams::verify_log(&connection, &engines.names).await?;
    }
    let mut running = Running { health: health.clone(), at_work: Vec::new(), threads: Vec::new() };
    for role in roles {
        health.set(*role, RoleState::Starting);
        let threads = Threads::start(*role)?;
        let started = threads.handle().spawn((role.start)(engines.clone(), health.clone())).await?;
        running.at_work.push(started?);
        running.threads.push(threads);
    }
    Ok(running)
}

/// Connects to NATS, and waits for it while nobody is there.
async fn reach(engines: &Engines, role: Role, roles: &BTreeSet<Role>, health: &Health) -> Result<Connection, AnyError> {
    let mut said = None;
    loop {
        let error = match docket_jetstream::connect(engines.nats.of(role.user), "docket").await {
            Ok(connection) => return Ok(connection),
            // Waiting does not help who is not let in, or is told a wrong address.
            Err(error) if !error.is_absence() => return Err(error.into()),
            Err(error) => one_line(&error),
        };
        if said.as_ref() != Some(&error) {
            tracing::warn!("waiting for NATS, which is needed for everything: {error}");
            for role in roles {
                health.set(*role, RoleState::Waiting(error.clone()));
            }
            said = Some(error);
        }
        tokio::time::sleep(RESTART).await;
    }
}

/// Notes that a role failed and is about to start again: it waits if that was for want of an engine. It is said once
/// for each cause, since an engine may be away for long.
fn note_failure(health: &Health, role: Role, error: &AnyError) {
    let cause = one_line(error.as_ref());
    let waits_for_postgres = matches!(error.downcast_ref(), Some(ProjectionError::Postgres { .. }));
    let waits_for_nats = error.downcast_ref().is_some_and(NatsError::is_absence);
    let waits = waits_for_postgres || waits_for_nats;
    let state = if waits { RoleState::Waiting(cause.clone()) } else { RoleState::Failed(cause.clone()) };
    if health.note_failure(role, &cause) {
        tracing::warn!("the role `{}` failed and starts again: {cause}", role.name);
    }
    health.set(role, state);
}

impl Running {
    /// Has nobody new heard for as long as this is held, while the server reads its accounts again.
    pub async fn hears_nobody_new(&self) -> Vec<Quiet> {
        let mut quiet = Vec::new();
        for role in &self.at_work {
            quiet.extend(role.hears_nobody_new().await);
        }
        quiet
    }

    /// Stops the roles, one after the other: that of the commands first, which takes in nothing more and answers what
    /// came in. Each of them may be ended at any moment without harm.
    pub async fn stop(mut self) {
        for role in self.at_work.drain(..) {
            role.stop().await;
        }
        self.threads.clear();
    }
}

/// A connection of a role's own, to where the streams are.
async fn connect(engines: &Engines, role: Role, name: &str) -> Result<Connection, AnyError> {
    Ok(docket_jetstream::connect(engines.nats.of(role.user), name).await?)
}
