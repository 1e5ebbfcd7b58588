//! `docket witness serve`: a process of its own, elsewhere if it is to be worth something.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use docket_evidence::note::SigningKey;
use docket_witness::{Logs, Witness, router};
use tokio::net::TcpListener;

use crate::error::{AnyError, plain};
use crate::roles::http;
use crate::{desk, output};

/// Arguments of `docket witness serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence keygen --name witness.example.org --for witness --out keys
  docket witness serve --key keys/witness.example.org.key --listen 0.0.0.0:7420 --state /var/lib/witness --logs logs.policy

It speaks c2sp.org/tlog-witness: a log asks it to sign its newest head, and it does if that head follows from the one that it
signed before. It remembers that head, on disk, before it answers; so it never signs two histories of a log. Of the file of logs
the lines `log` count (c2sp.org/tlog-policy: what `docket evidence keygen` prints will do); it may change meanwhile.

It reads no log and holds no entry. Run it where those who run the log cannot reach it. Put TLS before it, such as a reverse
proxy, if it is asked from afar.")]
pub struct Args {
    /// The file of its keys, which `docket evidence keygen --for witness` made
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The address that it listens on, such as 127.0.0.1:7420; port 0 takes any free one
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
    /// The folder in which it remembers
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// The file of the logs that it knows [default: logs.policy in the folder of --state]
    #[arg(long, value_name = "FILE")]
    logs: Option<PathBuf>,
    /// End when standard input does: with whoever has started it
    #[arg(long, hide = true)]
    leashed: bool,
}

/// Serves until it is told to stop.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let stopped = desk::stop_signal()?;
    let shown = args.key.display();
    let text = std::fs::read_to_string(&args.key)
        .map_err(|error| plain(format!("could not read the key {shown}: {error}")))?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys: Result<Vec<SigningKey>, _> = lines.map(SigningKey::parse).collect();
    let keys = keys.map_err(|error| plain(format!("{shown}: {error}")))?;
    let logs = Logs::open(args.logs.unwrap_or_else(|| args.state.join("logs.policy")))?;
    if logs.count() == 0 {
        output::note("this witness knows no log yet: it looks for the file of --logs again when it is asked");
    }
    let witness = Witness::open(keys, logs, &args.state)?;
    let listener = TcpListener::bind(args.listen)
        .await
        .map_err(|error| plain(format!("cannot listen on {}: {error}; choose another --listen", args.listen)))?;
    let url = format!("http://{}", listener.local_addr()?);
    let keys: Vec<String> = witness.verifiers().iter().map(ToString::to_string).collect();
    tokio::spawn(http::accept(listener, router(Arc::new(witness))));
    output::json(&serde_json::json!({ "witness": url, "keys": keys }))?;
    if args.leashed {
        tokio::select! {
            () = stopped => {}
            _ = input_ended() => {}
        }
    } else {
        stopped.await;
    }
    Ok(ExitCode::SUCCESS)
}

/// Ends when standard input does. It is waited for on a thread that nobody waits for.
async fn input_ended() {
    let (ended, heard) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = ended.send(());
    });
    let _ = heard.await;
}
