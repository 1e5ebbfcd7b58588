//! Other processes, known by their id.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::{Engine, EngineError};

/// Sends a signal to an engine.
pub(crate) fn signal(engine: Engine, pid: u32, signal: Signal) -> Result<(), EngineError> {
    send(pid, Some(signal)).map_err(|errno| EngineError::Signal { engine, pid, source: errno.into() })
}

fn send(pid: u32, signal: Option<Signal>) -> Result<(), Errno> {
    let pid = i32::try_from(pid).map_err(|_| Errno::ESRCH)?;
    // 0 and below would mean whole groups of processes.
    if pid < 1 {
        return Err(Errno::ESRCH);
    }
    kill(Pid::from_raw(pid), signal)
}

/// Whether a process exists that has `marker` on its command line. An id alone
/// says little: after a crash it may long belong to another program.
pub(crate) fn is_running(pid: u32, marker: &str) -> bool {
    match send(pid, None) {
        Ok(()) | Err(Errno::EPERM) => command_line(pid).is_none_or(|line| line.contains(marker)),
        Err(_) => false,
    }
}

/// The command line of a process, where the system tells it; empty for one
/// that has ended and only waits for its parent.
fn command_line(pid: u32) -> Option<String> {
    if let Ok(line) = fs::read(proc(pid).join("cmdline")) {
        return Some(String::from_utf8_lossy(&line).into_owned());
    }
    let listed = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().ok()?;
    Some(String::from_utf8_lossy(&listed.stdout).into_owned())
}

/// Whether a process and all its threads are suspended. The signal that
/// suspends is delivered by and by; until then, threads may go on working.
pub(crate) fn is_suspended(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(proc(pid).join("task")) else {
        let state = Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output();
        return state.is_ok_and(|listed| listed.stdout.trim_ascii_start().starts_with(b"T"));
    };
    threads.flatten().all(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The state follows the program's name, which is in parentheses and may hold any.
        stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T'))
    })
}

fn proc(pid: u32) -> PathBuf {
    Path::new("/proc").join(pid.to_string())
}
