//! What the tests share: binaries, and the plainest possible clients.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use docket_engines::{Binaries, EngineOptions, Nats, Postgres, locate};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// How long a state may take to come about.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);

/// A data folder that other users can get into, as temporary folders are not.
pub(crate) fn data() -> std::io::Result<tempfile::TempDir> {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir()?;
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755))?;
    Ok(dir)
}

pub(crate) async fn binaries(data: &Path) -> Result<Binaries, Box<dyn Error>> {
    Ok(locate(&EngineOptions::new(data), &|_| {}).await?)
}

/// Waits for a state.
pub(crate) async fn until(what: &str, state: impl Fn() -> bool) -> Outcome {
    let deadline = Instant::now() + LIMIT;
    while !state() {
        if Instant::now() > deadline {
            return Err(format!("waited in vain until {what}").into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Whether a process still runs; one that has ended and waits for its parent does not.
pub(crate) fn alive(pid: u32) -> bool {
    if Path::new("/proc/self/stat").exists() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        return stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'));
    }
    let listed = std::process::Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output();
    listed.is_ok_and(|out| !out.stdout.is_empty() && !out.stdout.starts_with(b"Z"))
}

/// Sends one request and returns the answer's payload.
pub(crate) async fn request(nats: &Nats, subject: &str, body: &str) -> Result<String, Box<dyn Error>> {
    let stream = TcpStream::connect(("127.0.0.1", nats.port())).await?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let length = body.len();
    let text = format!("CONNECT {{\"verbose\":false}}\r\nSUB answer 1\r\nPUB {subject} answer {length}\r\n{body}\r\n");
    write.write_all(text.as_bytes()).await?;
    while let Some(line) = tokio::time::timeout(LIMIT, lines.next_line()).await?? {
        if line.starts_with("MSG") {
            return Ok(lines.next_line().await?.unwrap_or_default());
        }
        if line.starts_with("-ERR") {
            return Err(line.into());
        }
    }
    Err("the server ended the connection".into())
}

/// Runs one statement as the role `docket`.
pub(crate) async fn sql(binaries: &Binaries, postgres: &Postgres, statement: &str) -> Result<String, Box<dyn Error>> {
    let mut psql = Command::new(binaries.postgres_bin.join("psql"));
    psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement]).arg(postgres.url());
    let output = psql.output().await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
