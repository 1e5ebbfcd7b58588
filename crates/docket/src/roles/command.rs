//! The role that decides commands: the bus on one side, the log on the other.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use docket_command::{BoardError, CommandService, Envelope, Settings, Start};
use docket_eventlog::EventLog as _;
use docket_jetstream::access::SystemUser;
use docket_jetstream::bus::{self, CommandHeaders, Hears, Incoming, IncomingKind, Unreadable};
use docket_jetstream::seals::Seals;
use docket_jetstream::{Connection, JetStreamLog, Namespace};
use docket_keyring::KeyRing;
use docket_messages::{CaseReply, Headers, PrincipalName, Rejection, RejectionCode, Reply, Via};
use docket_projection::{ReadModels, Schema, Unfinished};
use docket_sealing::{Length, SealingError, found};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;
use tokio::task::{AbortHandle, JoinHandle};

use super::role::{AtWork, Description, Quiet, Streams, Task};
use super::{Engines, Health, RESTART, Role, RoleState, connect, submissions};
use crate::error::{AnyError, is_refused, one_line};
use crate::{environment, traces};

/// The role.
pub const ROLE: Role = Role::new(&Description {
    name: "command",
    told: "Decides commands and answers queries",
    user: SystemUser::Command,
    streams: Streams::Creates,
    opens_texts: true,
    is_vital: true,
    is_current: |_, _| true,
    is_moving: |_, _| true,
    start: |engines, health| start(engines, health).boxed(),
});

/// How often is looked whether the policy names somebody new.
const LOOK: Duration = Duration::from_millis(200);
/// How often is looked whether the log answers, and how long it may take to.
const LISTEN: Duration = Duration::from_secs(5);
/// How long a stop waits for the server.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long a stop waits for what came in.
const DRAIN: Duration = Duration::from_secs(10);

/// The role at work.
struct Running {
    announced: Arc<bus::Service>,
    service: CommandService<JetStreamLog>,
    lines: JoinHandle<()>,
    submissions: JoinHandle<()>,
    board: JoinHandle<()>,
    watch: JoinHandle<()>,
}

/// Starts the role, unless the log has lost what was sealed of it: then nothing is decided, and a person must look.
async fn start(engines: Engines, health: Health) -> Result<Box<dyn AtWork>, AnyError> {
    let connection = connect(&engines, ROLE, "docket").await?;
    let log = JetStreamLog::open(connection.clone(), engines.names.clone()).await?;
    if let Some(why) = fence(&connection, &engines.names, &log).await? {
        tracing::error!("no command is decided: {why}");
        health.set(ROLE, RoleState::Halted(why));
        return Ok(Task::spawn(std::future::pending()));
    }
    let seals = Seals::open(&connection, engines.names.clone()).await?;
    let keys = engines.keys.needed_ring(&connection, &engines.names)?;
    Ok(Box::new(serve(engines, health, log, seals, keys).await?))
}

/// Why nothing may be written behind the log, if something is wrong with its end.
async fn fence(connection: &Connection, names: &Namespace, log: &JetStreamLog) -> Result<Option<String>, AnyError> {
    let sealed = async {
        let seals = Seals::open(connection, names.clone()).await?;
        Ok::<_, AnyError>(docket_sealing::sealed(log, &seals).await?)
    };
    match connection.unless_refused(Box::pin(sealed)).await {
        Ok(_) => Ok(None),
        Err(error) if is_refused(error.as_ref()) => {
            tracing::warn!("could not see up to where the log is sealed: {}", one_line(error.as_ref()));
            Ok(None)
        }
        Err(error) => match error.downcast::<SealingError>() {
            Ok(finding) if finding.is_finding() => Ok(Some(one_line(finding.as_ref()))),
            Ok(failed) => Err(failed),
            Err(failed) => Err(failed),
        },
    }
}

/// Decides commands and answers queries. The bus and the log have a connection each, so neither waits behind the other.
async fn serve(
    engines: Engines,
    health: Health,
    log: JetStreamLog,
    seals: Seals,
    keys: Arc<KeyRing>,
) -> Result<Running, AnyError> {
    let service = CommandService::start(log.clone(), keys, environment::real(), Settings::default());
    let takes = service.clone();
    let take = Arc::new(move |incoming| take_in(&takes, incoming));
    let users = engines.nats.principals.clone();
    let hears = if users.is_some() { Hears::Named } else { Hears::Anybody };
    let announced = Arc::new(bus::serve(engines.nats.of(SystemUser::Bus), &engines.names, hears, take).await?);
    // The timers speak as Docket itself.
    for user in [&PrincipalName::system()].into_iter().chain(users.iter().flatten()) {
        announced.hear_apart(user).await?;
    }
    let lines = tokio::spawn(keep_lines(Arc::clone(&announced), service.clone()));
    let board = tokio::spawn(keep_board(engines.postgres.clone(), service.clone()));
    let submissions = tokio::spawn(submissions::keep_taking_in(engines, service.clone()));
    health.set(ROLE, RoleState::Running);
    let inbox = submissions.abort_handle();
    let watch = tokio::spawn(watch_log(log, seals, health, Arc::clone(&announced), inbox));
    Ok(Running { announced, service, lines, submissions, board, watch })
}

/// Says how the role is for as long as it is at work: it decides nothing while the log does not answer, and goes on by
/// itself. If the log has become shorter, or the sealer has found something, it takes in nothing more.
async fn watch_log(log: JetStreamLog, seals: Seals, health: Health, announced: Arc<bus::Service>, inbox: AbortHandle) {
    let (mut answers, mut length) = (Answers::default(), Length::default());
    loop {
        tokio::time::sleep(LISTEN).await;
        if let Ok(Err(found @ SealingError::Found(_))) = tokio::time::timeout(LISTEN, found(&log, &seals)).await {
            inbox.abort();
            return stand(&health, &announced, &found).await;
        }
        match tokio::time::timeout(LISTEN, log.head()).await {
            Ok(Ok(head)) => match length.note(head) {
                Ok(()) => answers.note(&health, None),
                Err(shorter) => {
                    inbox.abort();
                    return stand(&health, &announced, &shorter).await;
                }
            },
            Ok(Err(error)) => answers.note(&health, Some(one_line(&error))),
            Err(_) => answers.note(&health, Some(format!("the log has not answered for {} s", LISTEN.as_secs()))),
        }
    }
}

/// Takes in nothing more, and says why.
async fn stand(health: &Health, announced: &bus::Service, why: &SealingError) {
    tracing::error!("no more commands are decided: {why}");
    health.set(ROLE, RoleState::Halted(why.to_string()));
    if let Err(error) = announced.stop().await {
        tracing::warn!(%error, "could not withdraw from the bus: {error}");
    }
}

/// Whether the log answers.
#[derive(Default)]
struct Answers {
    was_away: bool,
    missed: u32,
}

impl Answers {
    /// Notes that it has answered, or why not. One late answer is no absence.
    fn note(&mut self, health: &Health, away: Option<String>) {
        self.missed = if away.is_some() { self.missed + 1 } else { 0 };
        if self.missed == 1 {
            return;
        }
        match &away {
            Some(cause) if !self.was_away => {
                tracing::warn!("the log does not answer, so no command is decided: {cause}");
            }
            None if self.was_away => tracing::info!("the log answers again"),
            Some(_) | None => {}
        }
        self.was_away = away.is_some();
        health.set(ROLE, away.map_or(RoleState::Running, RoleState::Waiting));
    }
}

/// Hears each principal of the policy over a connection of its own, those of later policies as well.
async fn keep_lines(announced: Arc<bus::Service>, service: CommandService<JetStreamLog>) {
    loop {
        for principal in service.principals() {
            if let Err(error) = announced.hear_apart(&principal).await {
                tracing::warn!(
                    "could not open a separate connection for `{principal}`; it still shares one: {}",
                    one_line(&error)
                );
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Keeps the board of the desk, and again when it fails. The read models only say which cases to look at; what they are
/// is read from the log.
async fn keep_board(postgres: String, service: CommandService<JetStreamLog>) {
    loop {
        let start = || start_of_board(postgres.clone()).boxed();
        if let Err(error) = service.keep_board(start).await {
            let cause = one_line(error.as_ref());
            tracing::warn!(%cause, "the routing board failed and is being rebuilt: {cause}");
        }
        tokio::time::sleep(RESTART).await;
    }
}

async fn start_of_board(postgres: String) -> Result<Start, BoardError> {
    let models = ReadModels::open(&postgres, &Schema::default()).await?;
    let Unfinished { position, cases, agents } = models.unfinished().await?;
    Ok(Start { position, cases, agents })
}

/// Says whether it is in flight now.
fn take_in(service: &CommandService<JetStreamLog>, one: Incoming) -> bool {
    match one.kind {
        IncomingKind::Command => match one.headers() {
            Ok(headers) => {
                let envelope = envelope(one.path(), headers, one.body(), one.by_operator);
                let span = envelope.trace.span.clone();
                service.take(envelope, move |reply| {
                    traces::answered(&span, &reply);
                    one.respond(to_json(&reply));
                })
            }
            Err(cause) => {
                let reply = to_json(&Reply::Rejected { rejected: unreadable(cause) });
                one.respond(reply);
                false
            }
        },
        IncomingKind::Query => match one.headers() {
            Ok(_) => {
                let (path, body) = (one.path().to_owned(), one.body());
                service.take_query(path, body, move |reply| one.respond(to_json(&reply)))
            }
            Err(cause) => {
                let reply = to_json(&CaseReply::Rejected { rejected: unreadable(cause) });
                one.respond(reply);
                false
            }
        },
    }
}

/// Tells the sender what is wrong with the headers.
pub(super) fn unreadable(cause: &Unreadable) -> Rejection {
    Rejection::new(RejectionCode::BadRequest, cause.to_string())
}

/// A command as the service takes it, from the bus or from the inbox.
pub(super) fn envelope(path: &str, headers: &CommandHeaders, body: Bytes, by_operator: bool) -> Envelope {
    Envelope {
        path: path.to_owned(),
        via: by_operator.then_some(Via::Operator),
        headers: Headers::read(headers.pairs()),
        body,
        trace: traces::of_command(path, headers.trace()),
    }
}

pub(super) fn to_json<T: Serialize>(reply: &T) -> Bytes {
    serde_json::to_vec(reply).map_or_else(
        |error| {
            tracing::error!(%error, "a reply could not be written as JSON: {error}");
            Bytes::from_static(
                br#"{"failed":{"code":"log_unreadable","message":"the reply could not be written","retryable":false}}"#,
            )
        },
        Bytes::from,
    )
}

impl AtWork for Running {
    fn stop(self: Box<Self>) -> BoxFuture<'static, ()> {
        Running::stop(*self).boxed()
    }

    fn hears_nobody_new(&self) -> BoxFuture<'_, Option<Quiet>> {
        async { Some(Box::new(self.announced.hears_nobody_new().await) as Quiet) }.boxed()
    }
}

impl Running {
    /// Takes in nothing more and answers what came in.
    #[expect(clippy::cognitive_complexity, reason = "each line that is logged counts as branches")]
    async fn stop(self) {
        // What it has in flight stays in the inbox until its outcome is published, by this instance or the next.
        self.submissions.abort();
        self.board.abort();
        self.lines.abort();
        self.watch.abort();
        // A server that is gone or stands still is not waited for.
        match tokio::time::timeout(FAREWELL, self.announced.stop()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "could not withdraw from the bus: {error}"),
            Err(_) => tracing::warn!("could not withdraw from the bus: the server does not answer"),
        }
        let idle = async {
            while self.service.in_flight() > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        if tokio::time::timeout(DRAIN, idle).await.is_err() {
            tracing::warn!("stopping with {} commands unanswered", self.service.in_flight());
        }
        match tokio::time::timeout(FAREWELL, self.announced.flush()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "could not see the last replies off: {error}"),
            Err(_) => tracing::debug!("could not see the last replies off: the server does not answer"),
        }
    }
}
