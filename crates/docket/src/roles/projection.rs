//! The role that keeps the read models.

use docket_jetstream::JetStreamLog;
use docket_projection::{Progress, Settings};
use tokio::sync::watch;

use super::{Engines, Health, RESTART, Role, RoleState, connect};
use crate::error::{AnyError, one_line};
use crate::surroundings::now;
use crate::traces;

/// Runs the projection, and again when it fails.
pub async fn keep_running(engines: Engines, health: Health) {
    loop {
        let (progress, seen) = watch::channel(Progress::default());
        let watching = watch_progress(seen, health.clone());
        let failed = tokio::select! {
            result = run(&engines, &progress) => result,
            () = watching => Ok(()),
        };
        let cause = failed.err().map_or_else(|| "the log ended".to_owned(), |error| one_line(error.as_ref()));
        tracing::warn!(%cause, "the projection failed and starts again: {cause}");
        health.set(Role::Projection, RoleState::Failed(cause));
        tokio::time::sleep(RESTART).await;
    }
}

async fn run(engines: &Engines, progress: &watch::Sender<Progress>) -> Result<(), AnyError> {
    let connection = connect(engines, Role::Projection, "docket-projection").await?;
    let log = JetStreamLog::open(connection, engines.names.clone()).await?;
    let settings = Settings { traced: traces::of_read_models(), ..Settings::new(&engines.postgres) };
    Ok(docket_projection::run(log, &settings, progress).await?)
}

async fn watch_progress(mut seen: watch::Receiver<Progress>, health: Health) {
    while seen.changed().await.is_ok() {
        let progress = seen.borrow_and_update().clone();
        let state = match &progress.halted {
            Some((position, cause)) => RoleState::Halted(format!("position {position}: {cause}")),
            None => RoleState::Running,
        };
        health.set(Role::Projection, state);
        health.note_projection(progress, now());
    }
    std::future::pending().await
}
