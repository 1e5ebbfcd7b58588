//! The role that keeps the read models.

use std::time::Duration;

use docket_eventlog::EventLog as _;
use docket_jetstream::access::SystemUser;
use docket_jetstream::seals::Seals;
use docket_jetstream::{Connection, JetStreamLog};
use docket_messages::Position;
use docket_projection::{Place, Progress, Schema, SealTable, Settings};
use futures::FutureExt as _;
use tokio::sync::watch;

use super::health::State;
use super::role::{Description, Streams, Task};
use super::{Engines, Health, RESTART, Role, RoleState, connect, note_failure};
use crate::environment::now;
use crate::error::{AnyError, one_line, plain};
use crate::{traces, zones};

/// The role.
pub const ROLE: Role = Role::new(&Description {
    name: "projection",
    told: "Keeps the read models",
    user: SystemUser::Projection,
    streams: Streams::Reads,
    opens_texts: true,
    is_vital: false,
    is_current: State::is_projection_current,
    is_moving: State::is_projection_moving,
    start: |engines, health| async { Ok(Task::spawn(keep_running(engines, health))) }.boxed(),
});

/// How often is looked for new seals.
const SEALS: Duration = Duration::from_secs(1);
/// How often is looked where the log ends.
const LOOK: Duration = Duration::from_secs(5);

/// Runs the projection, and again when it fails.
async fn keep_running(engines: Engines, health: Health) {
    loop {
        let (progress, seen) = watch::channel(Progress::default());
        let watching = watch_progress(seen, health.clone());
        let failed = tokio::select! {
            result = run(&engines, &progress, &health) => result,
            () = watching => Ok(()),
        };
        health.forget_projection();
        let error = failed.err().unwrap_or_else(|| plain("the log ended"));
        note_failure(&health, ROLE, &error);
        tokio::time::sleep(RESTART).await;
    }
}

async fn run(engines: &Engines, progress: &watch::Sender<Progress>, health: &Health) -> Result<(), AnyError> {
    let connection = connect(engines, ROLE, "docket-projection").await?;
    let log = JetStreamLog::open(connection.clone(), engines.names.clone()).await?.passing_on(engines.feed.clone());
    let settings = Settings {
        keys: Some(engines.keys.needed_ring(&connection, &engines.names)?),
        traced: traces::of_read_models(),
        ..Settings::new(&engines.postgres, zones::current())
    };
    tokio::select! {
        ended = docket_projection::run(log.clone(), &settings, progress) => Ok(ended?),
        () = watch_log(&log, health) => Ok(()),
        () = keep_seals(engines, &connection) => Ok(()),
    }
}

/// Keeps the seals of the log beside the read models. Nothing else waits for them.
async fn keep_seals(engines: &Engines, connection: &Connection) {
    loop {
        if let Err(error) = keep_new_seals(engines, connection).await {
            let cause = one_line(error.as_ref());
            tracing::debug!(%cause, "seals were not kept, trying again: {cause}");
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn keep_new_seals(engines: &Engines, connection: &Connection) -> Result<(), AnyError> {
    let table = SealTable::open(&engines.postgres, &Schema::default()).await?;
    let seals = Seals::open(connection, engines.names.clone()).await?;
    // Of a log that was restored none is kept, so they are read from the first, which stood in the log before.
    let mut last = loop {
        match docket_sealing::last_seal(&seals).await? {
            Some((_, signed)) => break table.last_of(signed.checkpoint().origin.as_str()).await?,
            None => tokio::time::sleep(SEALS).await,
        }
    };
    loop {
        let (page, is_all) = seals.page(last).await?;
        for seal in &page {
            last = seal.number;
            // What is no checkpoint was delivered there by somebody who may follow the log.
            let Ok(signed) = docket_sealing::read_seal(seal) else { continue };
            let head = signed.checkpoint();
            let (position, root) = (Position(head.size), head.root.to_string());
            let (number, sealed_at, checkpoint) = (seal.number, seal.at, signed.to_string());
            table.keep(&docket_projection::Seal { number, position, root, sealed_at, checkpoint }).await?;
        }
        if is_all || page.is_empty() {
            tokio::time::sleep(SEALS).await;
        }
    }
}

/// Looks where the log ends, since a follower cannot tell a silent connection from a quiet log.
async fn watch_log(log: &JetStreamLog, health: &Health) {
    loop {
        match log.head().await {
            Ok(head) => health.note_head(head, now()),
            Err(error) => tracing::debug!(%error, "could not see the end of the log: {error}"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn watch_progress(mut seen: watch::Receiver<Progress>, health: Health) {
    while seen.changed().await.is_ok() {
        let progress = seen.borrow_and_update().clone();
        let state = match (progress.place, &progress.halted) {
            (Place::Unknown, _) => RoleState::Starting,
            (Place::StandsBy, _) => RoleState::StandingBy,
            (Place::AtWork, None) => RoleState::Running,
            (Place::AtWork, Some((position, cause))) => RoleState::Halted(format!("position {position}: {cause}")),
        };
        health.set(ROLE, state);
        if progress.place == Place::AtWork {
            health.note_projection(progress, now());
        }
    }
    std::future::pending().await
}
