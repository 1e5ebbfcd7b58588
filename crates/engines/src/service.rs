//! What both engines' handles have in common: one running process, at most.

use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::error::{Engine, EngineError, file};
use crate::guard::{Guarded, Plan};
use crate::lock::DataLock;
use crate::log::Log;

/// How often a wait looks again.
const POLL: Duration = Duration::from_millis(15);

/// An engine that may be running.
#[derive(Debug)]
pub(crate) struct Service {
    engine: Engine,
    // The guard before the lock: fields are dropped in order, and the engine
    // must be told to stop before the next owner may come.
    running: Option<(Guarded, DataLock)>,
}

/// What a look at a starting engine shows.
pub(crate) enum Look {
    Ready,
    NotYet,
}

impl Service {
    pub(crate) fn new(engine: Engine) -> Self {
        Self { engine, running: None }
    }

    pub(crate) fn adopt(&mut self, guard: Guarded, lock: DataLock) {
        self.running = Some((guard, lock));
    }

    fn guard(&mut self) -> Result<&mut Guarded, EngineError> {
        let engine = self.engine;
        self.running.as_mut().map(|(guard, _)| guard).ok_or(EngineError::NotRunning { engine })
    }

    pub(crate) fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|(guard, _)| guard.pid())
    }

    pub(crate) async fn pause(&mut self) -> Result<(), EngineError> {
        self.guard()?.pause().await
    }

    pub(crate) fn resume(&mut self) -> Result<(), EngineError> {
        self.guard()?.signal(Signal::SIGCONT)
    }

    /// Has the engine read its configuration again.
    pub(crate) fn reload(&mut self) -> Result<(), EngineError> {
        self.guard()?.signal(Signal::SIGHUP)
    }

    /// Whether it was started and has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.running.as_mut().is_some_and(|(guard, _)| guard.ended().is_some())
    }

    pub(crate) async fn exited(&mut self) -> Result<ExitStatus, EngineError> {
        self.guard()?.wait().await
    }

    pub(crate) async fn stop(&mut self) -> Result<(), EngineError> {
        match self.running.take() {
            Some((guard, _lock)) => guard.stop().await,
            None => Ok(()),
        }
    }

    pub(crate) async fn kill(&mut self) -> Result<(), EngineError> {
        match self.running.take() {
            Some((guard, _lock)) => guard.kill().await,
            None => Ok(()),
        }
    }
}

/// Starts an engine and waits until `probe` finds it ready. On failure the engine
/// is stopped and gone before the error is returned.
pub(crate) async fn start<F>(
    plan: Plan<'_>,
    log: &Log,
    lock: &mut DataLock,
    data: &Path,
    limit: Duration,
    probe: impl Fn(u32) -> F,
) -> Result<Guarded, EngineError>
where
    F: Future<Output = Look>,
{
    let engine = plan.engine;
    let deadline = Instant::now() + limit;
    let mut guard = Guarded::start(plan).await?;
    lock.record(guard.pid()).map_err(file("write the lock file in", data))?;
    loop {
        // First, because an engine that answers but has ended is not ours.
        if let Some(status) = guard.ended() {
            let (log, tail) = (log.path().to_path_buf(), log.tail());
            return Err(EngineError::EndedEarly { engine, status, log, tail });
        }
        if matches!(probe(guard.pid()).await, Look::Ready) {
            return Ok(guard);
        }
        if Instant::now() >= deadline {
            let (log, tail) = (log.path().to_path_buf(), log.tail());
            guard.stop().await?;
            return Err(EngineError::NotReady { engine, limit, log, tail });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Whether an engine ended early because another process was faster to take the port.
pub(crate) fn lost_port(error: &EngineError) -> bool {
    matches!(error, EngineError::EndedEarly { tail, .. } if tail.to_lowercase().contains("address already in use"))
}
