//! The roles that a process can play, and their health.

pub mod command;
mod health;
pub mod http;
pub mod projection;
mod submissions;
mod threads;
pub mod timers;

use std::collections::BTreeSet;
use std::time::Duration;

use docket_jetstream::{Connection, Namespace};
use tokio::task::JoinSet;

use crate::error::AnyError;

pub use health::{Health, RoleState};
use threads::Threads;

/// A role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Role {
    /// Decides commands.
    Command,
    /// Keeps the read models.
    Projection,
    /// Wakes cases.
    Timers,
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
}

/// The addresses of NATS for the roles.
#[derive(Debug, Clone)]
pub struct Logins {
    /// For the command service, where the streams are.
    pub command: String,
    /// For the command service, where the principals are.
    pub bus: String,
    /// For the projection.
    pub projection: String,
    /// For the timers.
    pub timers: String,
}

impl Logins {
    /// The same for all roles.
    pub fn same(url: &str) -> Self {
        Self { command: url.to_owned(), bus: url.to_owned(), projection: url.to_owned(), timers: url.to_owned() }
    }

    fn of(&self, role: Role) -> &str {
        match role {
            Role::Command => &self.command,
            Role::Projection => &self.projection,
            Role::Timers => &self.timers,
        }
    }
}

/// Roles at work.
pub struct Running {
    /// How they are.
    pub health: Health,
    command: Option<command::Running>,
    tasks: JoinSet<()>,
    /// Last, since everything above runs on them.
    threads: Vec<Threads>,
}

/// How long a role that failed waits before it starts again.
const RESTART: Duration = Duration::from_secs(1);

/// Starts roles: streams first, which the command service creates and the others need, then each of them. Roles that fail later start again by themselves.
pub async fn start(engines: &Engines, roles: &BTreeSet<Role>) -> Result<Running, AnyError> {
    if roles.contains(&Role::Command) {
        let connection = connect(engines, Role::Command, "docket").await?;
        docket_jetstream::streams::ensure(&connection, &engines.names, engines.replicas).await?;
    } else if let Some(reader) = roles.first() {
        let connection = connect(engines, *reader, "docket").await?;
        docket_jetstream::streams::verify_log(&connection, &engines.names).await?;
    }
    if roles.contains(&Role::Projection) || roles.contains(&Role::Timers) {
        docket_projection::migrate(&engines.postgres, &docket_projection::Schema::default()).await?;
    }
    let health = Health::default();
    let (command, tasks, threads) = (None, JoinSet::new(), Vec::new());
    let mut running = Running { health: health.clone(), command, tasks, threads };
    for role in roles {
        health.set(*role, RoleState::Starting);
        let threads = Threads::start(*role)?;
        let on = threads.handle();
        match role {
            Role::Command => {
                running.command = Some(on.spawn(command::start(engines.clone())).await??);
                health.set(*role, RoleState::Running);
            }
            Role::Projection => {
                running.tasks.spawn_on(projection::keep_running(engines.clone(), health.clone()), &on);
            }
            Role::Timers => {
                running.tasks.spawn_on(timers::keep_running(engines.clone(), health.clone()), &on);
            }
        }
        running.threads.push(threads);
    }
    Ok(running)
}

impl Running {
    /// Stops: takes in nothing more, answers what came in, and ends the other roles. Each of them may be ended
    /// at any moment without harm.
    pub async fn stop(mut self) {
        if let Some(command) = self.command.take() {
            command.stop().await;
        }
        self.tasks.shutdown().await;
        self.threads.clear();
    }
}

/// A connection of a role's own, to where the streams are.
async fn connect(engines: &Engines, role: Role, name: &str) -> Result<Connection, AnyError> {
    Ok(docket_jetstream::connect(engines.nats.of(role), name).await?)
}
