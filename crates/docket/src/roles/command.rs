//! The role that decides commands: the bus on one side, the log on the other.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use docket_command::{BoardError, CommandService, Envelope, Settings, Start};
use docket_eventlog::EventLog as _;
use docket_jetstream::JetStreamLog;
use docket_jetstream::access::SystemUser;
use docket_jetstream::bus::{self, CommandHeaders, Hears, Incoming, IncomingKind, Unreadable};
use docket_messages::{CaseReply, Headers, PrincipalName, Rejection, RejectionCode, Reply, Via};
use docket_projection::{ReadModels, Schema, Unfinished};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;
use tokio::task::JoinHandle;

use super::role::{AtWork, Description, Quiet, Streams};
use super::{Engines, Health, RESTART, Role, RoleState, connect, submissions};
use crate::error::{AnyError, one_line};
use crate::{environment, traces};

/// The role.
pub const ROLE: Role = Role::new(&Description {
    name: "command",
    told: "Decides commands and answers queries",
    user: SystemUser::Command,
    streams: Streams::Creates,
    is_vital: true,
    is_current: |_, _| true,
    is_moving: |_, _| true,
    start: |engines, health| async { Ok(Box::new(start(engines, health).await?) as Box<dyn AtWork>) }.boxed(),
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

/// Starts the role. The bus and the log have a connection each, so neither waits behind the other.
async fn start(engines: Engines, health: Health) -> Result<Running, AnyError> {
    let log = JetStreamLog::open(connect(&engines, ROLE, "docket").await?, engines.names.clone()).await?;
    let service = CommandService::start(log.clone(), environment::real(), Settings::default());
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
    let watch = tokio::spawn(watch_log(log, health));
    Ok(Running { announced, service, lines, submissions, board, watch })
}

/// Says how the role is for as long as it is at work: it decides nothing while the log does not answer, and goes on by
/// itself.
async fn watch_log(log: JetStreamLog, health: Health) {
    let (mut was_away, mut missed) = (false, 0);
    loop {
        tokio::time::sleep(LISTEN).await;
        let away = match tokio::time::timeout(LISTEN, log.head()).await {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(one_line(&error)),
            Err(_) => Some(format!("the log has not answered for {} s", LISTEN.as_secs())),
        };
        missed = if away.is_some() { missed + 1 } else { 0 };
        // One late answer is no absence.
        if missed == 1 {
            continue;
        }
        match &away {
            Some(cause) if !was_away => tracing::warn!("the log does not answer, so no command is decided: {cause}"),
            None if was_away => tracing::info!("the log answers again"),
            _ => {}
        }
        was_away = away.is_some();
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
