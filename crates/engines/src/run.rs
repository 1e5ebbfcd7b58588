//! Short-lived programs: started, waited for, and never left behind.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::error::EngineError;
use crate::user::RunAs;

/// A command that runs as the given user, without our terminal, and ends with us.
pub(crate) fn command(program: impl AsRef<OsStr>, user: Option<&RunAs>) -> Command {
    let mut command = Command::new(program);
    command
        // Our own folder may be closed to the other user, or hold a `pip.py`.
        .current_dir("/")
        // Messages are looked at, so they must not be translated.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

/// Runs a command to its end and returns what it printed.
pub(crate) async fn output(command: &mut Command, input: Option<&str>, limit: Duration) -> Result<String, EngineError> {
    let program = Path::new(command.as_std().get_program()).to_path_buf();
    match tokio::time::timeout(limit, collect(command, input)).await {
        Err(_) => Err(EngineError::TooSlow { program, limit }),
        Ok(Err(source)) => Err(EngineError::Run { program, source }),
        Ok(Ok(output)) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(Ok(output)) => Err(EngineError::Failed { program, status: output.status, output: last_words(&output) }),
    }
}

async fn collect(command: &mut Command, input: Option<&str>) -> std::io::Result<Output> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn()?;
    if let (Some(text), Some(mut stdin)) = (input, child.stdin.take()) {
        // A program that ends without reading tells why in its output and status.
        let _ = stdin.write_all(text.as_bytes()).await;
    }
    child.wait_with_output().await
}

/// The line that most likely says what is wrong: the last one that calls itself
/// an error, else the last one at all.
fn last_words(output: &Output) -> String {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].map(String::from_utf8_lossy);
    let lines: Vec<&str> = text.iter().flat_map(|t| t.lines()).filter(|l| !l.trim().is_empty()).collect();
    let error = lines.iter().rev().find(|line| {
        let line = line.to_lowercase();
        line.contains("error") || line.contains("fatal")
    });
    error.or(lines.last()).map_or_else(|| "it printed nothing".to_owned(), |l| l.trim().to_owned())
}
