//! Every engine runs below a guard: a shell that stops it when we are gone,
//! however we went. (The kernel's parent-death signal is no use here: it fires
//! when the thread that started the child ends, and runtimes end threads.)

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin};

use crate::error::{Engine, EngineError};
use crate::user::RunAs;
use crate::{process, run};

const SCRIPT: &str = include_str!("guard.sh");
/// The script is passed in a variable, so that lists of processes stay readable.
const VARIABLE: &str = "DOCKET_GUARD";
const SHELL: &str = "/bin/sh";
/// Seconds between the clean and the hard stop signal.
const GRACE: u64 = 12;
/// How long a stop may take altogether; the guard kills the engine before.
const STOP_LIMIT: Duration = Duration::from_secs(GRACE + 10);
/// How long an engine may take to notice that it is suspended.
const PAUSE_LIMIT: Duration = Duration::from_secs(10);
/// How often a wait looks again.
const POLL: Duration = Duration::from_millis(2);

/// What to run.
pub(crate) struct Plan<'a> {
    pub(crate) engine: Engine,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) user: Option<&'a RunAs>,
    /// Beside what it has of ours.
    pub(crate) environment: Vec<(&'static str, String)>,
    /// Where the engine's and the guard's output goes.
    pub(crate) log: File,
}

/// A running engine and its guard. Dropping it closes the guard's pipe, and the
/// guard stops the engine in its own time.
#[derive(Debug)]
pub(crate) struct Guarded {
    engine: Engine,
    pid: u32,
    guard: Child,
    /// While this is open, the guard lets the engine run.
    leash: Option<ChildStdin>,
}

impl Guarded {
    pub(crate) async fn start(plan: Plan<'_>) -> Result<Self, EngineError> {
        let engine = plan.engine;
        // For PostgreSQL these are its "fast" and its "immediate" shutdown.
        let (clean, hard) = match engine {
            Engine::Nats => ("TERM", "KILL"),
            Engine::Postgres => ("INT", "QUIT"),
        };
        let grace = GRACE.to_string();
        let mut shell = run::command(SHELL, plan.user);
        shell
            .args(["-c", "eval \"$DOCKET_GUARD\"", "docket-guard", clean, hard, &grace].map(OsStr::new))
            .env(VARIABLE, SCRIPT)
            .envs(plan.environment)
            .arg(&plan.program)
            .args(&plan.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(plan.log))
            // A Ctrl-C at the terminal is for us; we stop the engines in order.
            .process_group(0)
            // Killing the guard would not stop the engine.
            .kill_on_drop(false);
        let mut guard = shell.spawn().map_err(|source| EngineError::Run { program: SHELL.into(), source })?;
        let leash = guard.stdin.take();
        let mut line = String::new();
        if let Some(stdout) = guard.stdout.take() {
            let read = BufReader::new(stdout).read_line(&mut line).await;
            read.map_err(|source| EngineError::Run { program: SHELL.into(), source })?;
        }
        let pid = line.trim().parse().map_err(|_| EngineError::Guard { engine })?;
        Ok(Self { engine, pid, guard, leash })
    }

    /// The engine's process.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// How the engine ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.guard.try_wait().ok().flatten()
    }

    /// Waits until the engine ends by itself.
    pub(crate) async fn wait(&mut self) -> Result<ExitStatus, EngineError> {
        // This would close the guard's pipe first, had it not been taken out.
        self.guard.wait().await.map_err(|source| EngineError::Run { program: SHELL.into(), source })
    }

    /// Sends a signal to the engine itself.
    pub(crate) fn signal(&mut self, signal: Signal) -> Result<(), EngineError> {
        if self.ended().is_some() {
            return Err(EngineError::NotRunning { engine: self.engine });
        }
        process::signal(self.engine, self.pid, signal)
    }

    /// Suspends the engine and waits until it does nothing any more.
    pub(crate) async fn pause(&mut self) -> Result<(), EngineError> {
        self.signal(Signal::SIGSTOP)?;
        let deadline = Instant::now() + PAUSE_LIMIT;
        while !process::is_suspended(self.pid) {
            let (engine, pid) = (self.engine, self.pid);
            if self.ended().is_some() {
                return Err(EngineError::NotRunning { engine });
            }
            if Instant::now() >= deadline {
                return Err(EngineError::Signal { engine, pid, source: ErrorKind::TimedOut.into() });
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Stops the engine cleanly and waits until it is gone.
    pub(crate) async fn stop(mut self) -> Result<(), EngineError> {
        drop(self.leash.take());
        self.gone().await
    }

    /// Kills the engine without warning and waits until it is gone.
    pub(crate) async fn kill(mut self) -> Result<(), EngineError> {
        if self.ended().is_none() {
            process::signal(self.engine, self.pid, Signal::SIGKILL)?;
        }
        self.gone().await
    }

    async fn gone(&mut self) -> Result<(), EngineError> {
        match tokio::time::timeout(STOP_LIMIT, self.wait()).await {
            Ok(status) => status.map(drop),
            Err(_) => Err(EngineError::NotStopped { engine: self.engine, pid: self.pid, limit: STOP_LIMIT }),
        }
    }
}
