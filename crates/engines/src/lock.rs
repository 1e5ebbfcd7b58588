//! One owner per engine and data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::error::{Engine, EngineError, file};
use crate::options::Report;
use crate::process;

/// How long the engine of a dead owner may take to end: its guard is stopping it.
const HANDOVER: Duration = Duration::from_secs(20);
/// How long is waited in silence.
const MOMENT: Duration = Duration::from_secs(1);
/// How long a lock is tried. A process of ours that is being started holds, between fork and exec, what we hold or
/// have just let go.
const FORK: Duration = Duration::from_secs(1);
/// How often a wait looks again.
const POLL: Duration = Duration::from_millis(20);

/// Held as long as its engine runs; the system releases it if we are killed.
/// The file names the engine's process, for error messages and for the next owner.
#[derive(Debug)]
pub(crate) struct DataLock(File);

impl DataLock {
    /// Takes the lock, and waits for an engine that a dead owner has left to its
    /// guard. Such an engine has `marker` on its command line.
    pub(crate) async fn take(
        engine: Engine,
        data: &Path,
        marker: &str,
        report: Report<'_>,
    ) -> Result<Self, EngineError> {
        let path = data.join(format!("{}.lock", engine.key()));
        let opened = OpenOptions::new().create(true).truncate(false).read(true).write(true).mode(0o600).open(&path);
        let mut held = opened.map_err(file("open", &path))?;
        let locked = try_lock(&held).await;
        let mut text = String::new();
        held.read_to_string(&mut text).map_err(file("read", &path))?;
        let pid = text.trim().parse().unwrap_or(0);
        let already = || EngineError::AlreadyRunning { engine, data: data.to_path_buf(), pid };
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(already()),
            Err(TryLockError::Error(source)) => return Err(EngineError::File { action: "lock", path, source }),
        }
        let whose = format!("{engine} (pid {pid}) of {}, whose owner is gone", data.display());
        if !gone(pid, marker, &whose, report).await {
            return Err(already());
        }
        let mut lock = Self(held);
        // Until the engine runs, a process that is refused is told about this one.
        lock.record(std::process::id()).map_err(file("write", &path))?;
        Ok(lock)
    }

    /// Names the process that the lock stands for.
    pub(crate) fn record(&mut self, pid: u32) -> std::io::Result<()> {
        self.0.set_len(0)?;
        self.0.rewind()?;
        writeln!(self.0, "{pid}")
    }
}

async fn try_lock(file: &File) -> Result<(), TryLockError> {
    let deadline = Instant::now() + FORK;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => tokio::time::sleep(POLL).await,
            locked => return locked,
        }
    }
}

/// Waits until an engine has ended, and says so if that takes longer than a moment; `false` if it still runs when time
/// is up.
pub(crate) async fn gone(pid: u32, marker: &str, whose: &str, report: Report<'_>) -> bool {
    let began = Instant::now();
    let mut is_said = false;
    while process::is_running(pid, marker) {
        if began.elapsed() >= HANDOVER {
            return false;
        }
        if began.elapsed() >= MOMENT && !is_said {
            report(&format!("waiting up to {} s for {whose}, to end", HANDOVER.as_secs()));
            is_said = true;
        }
        tokio::time::sleep(POLL).await;
    }
    true
}
