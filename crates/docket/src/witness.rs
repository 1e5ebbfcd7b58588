//! A witness on loopback, as a process of its own: to see how it works. One that runs beside the log is worth little.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use docket_evidence::note::{Algorithm, KeyName, SigningKey};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use crate::error::{AnyError, plain};
use crate::roles::sealer;

/// How long a witness that ended waits before it starts again.
const RESTART: Duration = Duration::from_secs(1);
/// How long it may take to start.
const START: Duration = Duration::from_secs(30);

/// A witness at work.
pub struct Witness {
    /// Whom to trust for it, and where it is: lines of a policy.
    pub policy: String,
    /// Restarts it; it ends with this.
    keeping: tokio::task::JoinHandle<()>,
}

/// What it says when it is ready.
#[derive(Deserialize)]
struct Ready {
    witness: String,
    keys: Vec<String>,
}

/// The folder of a desk's own witness.
pub fn folder(data: &Path) -> PathBuf {
    data.join("witness")
}

/// New keys of a witness. One signature of the two will do; one of them outlives quantum computers.
pub fn keys(name: &str) -> Result<[SigningKey; 2], AnyError> {
    let name = KeyName::parse(name).ok_or_else(|| plain(format!("`{name}` cannot be the name of a key")))?;
    let kinds = [Algorithm::Ed25519Cosignature, Algorithm::MlDsa44];
    Ok(kinds.map(|kind| SigningKey::new(name.clone(), kind, &rand::random())))
}

impl Witness {
    /// Starts it, with keys that are made the first time.
    pub async fn start(data: &Path) -> Result<Self, AnyError> {
        let folder = folder(data);
        let key = folder.join("witness.key");
        if !key.exists() {
            let name = format!("docket.local/witness/{:08x}", rand::random::<u32>());
            let keys = keys(&name)?;
            sealer::write(&key, &keys.map(|key| key.to_secret_text() + "\n").concat())?;
        }
        let (mut child, mut leash, ready) = spawn(&folder, "127.0.0.1:0").await?;
        let (url, keys) = (ready.witness, ready.keys);
        let names: Vec<String> = (1..).zip(&keys).map(|(number, _)| format!("w{number}")).collect();
        let lines: String =
            names.iter().zip(&keys).map(|(name, key)| format!("witness {name} {key} {url}\n")).collect();
        let policy = format!("{lines}group own any {}\nquorum own\n", names.join(" "));
        let address = url.trim_start_matches("http://").to_owned();
        let keeping = tokio::spawn(async move {
            loop {
                let ended = child.wait().await;
                // It has held on to nothing since.
                leash.take();
                tracing::error!("the witness ended ({ended:?}); it is started again");
                tokio::time::sleep(RESTART).await;
                match spawn(&folder, &address).await {
                    Ok((again, held, _)) => (child, leash) = (again, held),
                    Err(error) => tracing::error!("the witness does not start: {error}"),
                }
            }
        });
        Ok(Self { policy, keeping })
    }

    /// Ends it.
    pub fn stop(self) {
        self.keeping.abort();
    }
}

/// Starts the process. It ends when its standard input does, however this one ends.
async fn spawn(folder: &Path, address: &str) -> Result<(Child, Option<ChildStdin>, Ready), AnyError> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["witness", "serve", "--leashed", "--listen", address, "--key"]).arg(folder.join("witness.key"));
    command.arg("--state").arg(folder.join("state")).arg("--logs").arg(folder.join("logs.policy"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let leash = child.stdin.take();
    let out = child.stdout.take().ok_or_else(|| plain("the witness has no output"))?;
    let mut line = String::new();
    let mut out = BufReader::new(out);
    let read = tokio::time::timeout(START, out.read_line(&mut line)).await;
    read.map_err(|_| plain("the witness does not start"))??;
    let ready = serde_json::from_str(&line).map_err(|_| plain("the witness did not start; it says why above"))?;
    Ok((child, leash, ready))
}
