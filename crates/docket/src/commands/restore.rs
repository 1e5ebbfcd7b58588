//! `docket restore`: a data folder from a backup.
//!
//! Nobody may put a stream back on a server that runs a desk. So the streams are put back on a private server that
//! nobody else knows of, in a folder beside the new one, and are looked at there; the new folder appears when all is
//! well.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bytes::Bytes;
use docket_engines::{EngineOptions, Nats, locate};
use docket_eventlog::EventLog as _;
use docket_jetstream::copies::{Return, held};
use docket_jetstream::log::{FIRST, INCARNATION, PREDECESSOR, PREDECESSOR_LAST, PREDECESSOR_ROOT, PREDECESSOR_SHA256};
use docket_jetstream::{Connection, JetStreamLog, Namespace, access, streams};
use docket_messages::Position;

use crate::backup::{self, History, LogKept, Manifest, StreamKept};
use crate::desk::{self, Binaries, CREDENTIALS};
use crate::environment;
use crate::error::{AnyError, plain};
use crate::output::{self, Progress};

/// Arguments of `docket restore`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket restore /backups/monday --data /var/lib/docket-new\n  docket up --data /var/lib/docket-new\n\nIt compares every file with the manifest, puts log, inbox and outcomes back with their positions and times, and reads the\nwhole log: chains, versions, and what the manifest says of it. Nothing is left behind if anything is wrong. What was\naccepted after the backup is not in it; end the old desk before the new one starts."
)]
pub struct Args {
    /// The folder that `docket backup` made.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The data folder to make. It must be absent or empty.
    #[arg(long, value_name = "NEW")]
    data: PathBuf,
    #[command(flatten)]
    binaries: Binaries,
}

/// The user of the private server.
const USER: &str = "restore";
/// How much is handed over at once.
const PART: usize = 128 * 1024;

/// Makes the data folder.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let data = std::path::absolute(&args.data)?;
    let shown = args.data.display();
    if !backup::is_free(&data)? {
        return Err(plain(format!("{shown} is not empty; name a folder that is, or that is absent")));
    }
    let manifest = Manifest::read(&args.folder)?;
    check_files(&args.folder, &manifest)?;
    let parent = data.parent().unwrap_or(Path::new("/"));
    let failed = |error: std::io::Error| plain(format!("could not make {shown}: {error}; name another folder"));
    std::fs::create_dir_all(parent).map_err(failed)?;
    let beside = tempfile::Builder::new().prefix(".docket-restore-").tempdir_in(parent).map_err(failed)?;
    let history = on_a_private_server(&args, &manifest, beside.path()).await?;
    settle(&args.folder, &manifest, beside.path(), &data).map_err(failed)?;
    let (last, head) = (manifest.log.last, history.head);
    output::say(&format!("{shown} has the {head} entries of the backup that was taken at {}", manifest.taken_at));
    if head > last {
        output::say(&format!("those after {last} came while it was taken"));
    }
    match &history.flaw {
        None => output::say("verified: every file, no gap, every chain whole, every version in its place"),
        Some(flaw) => output::note(&format!(
            "docket: the log had a flaw when the backup was taken, and has it still, at {flaw}; docs/OPERATIONS.md says what \
             to do"
        )),
    }
    if manifest.users.is_none() {
        output::note("docket: the backup has no passwords of the users of NATS; new ones are made at the first start");
    }
    output::say(&format!("start it with `docket up --data {shown}`; the read models are filled anew from the log"));
    Ok(ExitCode::SUCCESS)
}

fn check_files(folder: &Path, manifest: &Manifest) -> Result<(), AnyError> {
    let all = manifest.files().map(|kept| kept.bytes).sum();
    let mut progress = Progress::start("bytes of the backup checked", all);
    let checked = manifest.files().try_for_each(|kept| kept.check(folder, |bytes| progress.advance(bytes)));
    progress.finish();
    checked
}

/// Puts everything back on a server of our own, and looks at what came of it.
async fn on_a_private_server(args: &Args, manifest: &Manifest, beside: &Path) -> Result<History, AnyError> {
    // Told to stop, it clears up first.
    let stopped = desk::stop_signal()?;
    let mut options = EngineOptions::new(beside.join("engine"));
    args.binaries.apply(&mut options);
    let password = format!("{:032x}", rand::random::<u128>());
    options.nats_extra = access::for_restoring(USER, &password);
    let report = |line: &str| output::note(line);
    let binaries = locate(&options, &report).await?;
    let mut nats = Nats::start_with(&binaries, &options.nats(), &report).await?;
    let url = nats.url().replacen("://", &format!("://{USER}:{password}@"), 1);
    let restored = tokio::select! {
        restored = put_back(&url, &args.folder, manifest) => restored,
        () = stopped => Err(plain("it was told to stop before it was done; nothing is left behind")),
    };
    nats.stop().await?;
    restored
}

async fn put_back(url: &str, folder: &Path, manifest: &Manifest) -> Result<History, AnyError> {
    let connection = docket_jetstream::connect(url, "docket-restore").await?;
    let names = Namespace::default();
    // The inbox was copied first and comes last: it names the outcomes.
    for stream in manifest.streams.iter().rev() {
        let notes = if stream.name == names.log_stream() { descent(manifest, stream) } else { BTreeMap::new() };
        put_back_one(&connection, folder, stream, &notes).await?;
    }
    streams::verify_kept(&connection, &names).await?;
    let log = JetStreamLog::open(connection, names).await?;
    let (last, head) = (manifest.log.last, log.head().await?);
    if head < last {
        return Err(plain(format!(
            "the log that was put back ends at {head}, and the manifest says {last}: {DIFFERS}"
        )));
    }
    let history = History::read(&log, last, head).await?;
    judge(manifest, &history, head)?;
    Ok(history)
}

/// What to do with a backup that is not what it says.
const DIFFERS: &str = "use another copy of this backup, or another backup";

/// Compares what was put back with what the manifest says.
fn judge(manifest: &Manifest, history: &History, head: Position) -> Result<(), AnyError> {
    if history.head < head {
        return Err(plain(format!("the log that was put back ends at {}, and not at {head}: {DIFFERS}", history.head)));
    }
    // A backup of before says nothing of the root.
    let root = history.kept.root.clone().filter(|_| manifest.log.root.is_some());
    if (LogKept { root, ..history.kept.clone() }) != manifest.log {
        let (says, is) = (serde_json::to_string(&manifest.log)?, serde_json::to_string(&history.kept)?);
        return Err(plain(format!("the log is not what the manifest says: it is {is}, and not {says}; {DIFFERS}")));
    }
    // A flaw that was there is no news; one that came is.
    match history.flaw.as_ref().filter(|_| manifest.log.flaw.is_none()) {
        Some(flaw) => Err(plain(format!("the log that was put back has a flaw at {flaw}; {DIFFERS}"))),
        None => Ok(()),
    }
}

/// A log that was put back is another one from there on: it has an incarnation of its own, and says which log it goes
/// on from, up to which position, and what that one held.
fn descent(manifest: &Manifest, log: &StreamKept) -> BTreeMap<String, String> {
    let before = log.config.pointer(&format!("/metadata/{INCARNATION}")).and_then(serde_json::Value::as_str);
    let LogKept { last, payloads_sha256, root, .. } = &manifest.log;
    let root = root.as_ref().map(|root| (PREDECESSOR_ROOT, root.clone()));
    let notes = [
        (INCARNATION, environment::fresh_command_id().to_string()),
        (PREDECESSOR, before.unwrap_or(FIRST).to_owned()),
        (PREDECESSOR_LAST, last.to_string()),
        (PREDECESSOR_SHA256, payloads_sha256.clone()),
    ];
    notes.into_iter().chain(root).map(|(name, note)| (name.to_owned(), note)).collect()
}

async fn put_back_one(
    connection: &Connection,
    folder: &Path,
    stream: &StreamKept,
    notes: &BTreeMap<String, String>,
) -> Result<(), AnyError> {
    let path = stream.kept.path(folder);
    let failed = |error: std::io::Error| plain(format!("could not read {}: {error}", path.display()));
    let mut file = std::fs::File::open(&path).map_err(failed)?;
    let back = Return::begin(connection, &stream.config, &stream.state, notes).await?;
    let mut progress = Progress::start(&format!("bytes of {} put back", stream.name), stream.kept.bytes);
    loop {
        let mut part = Vec::with_capacity(PART);
        let length = (&mut file).take(PART as u64).read_to_end(&mut part).map_err(failed)?;
        if length == 0 {
            break;
        }
        back.send(Bytes::from(part)).await?;
        progress.advance(length as u64);
    }
    back.finish().await?;
    progress.finish();
    let (messages, last) = held(connection, &stream.name).await?;
    output::note(&format!("put back {}: {messages} messages, the last at {last}", stream.name));
    Ok(())
}

/// Makes the data folder of what the private server has written, and of the passwords.
fn settle(folder: &Path, manifest: &Manifest, beside: &Path, data: &Path) -> std::io::Result<()> {
    let new = beside.join("data");
    std::fs::create_dir_all(new.join("nats"))?;
    std::fs::rename(beside.join("engine/nats/jetstream"), new.join("nats/jetstream"))?;
    if manifest.users.is_some() {
        let passwords = new.join(CREDENTIALS);
        std::fs::copy(folder.join(CREDENTIALS), &passwords)?;
        // Whatever the way of the backup has made of its mode.
        std::fs::set_permissions(&passwords, std::fs::Permissions::from_mode(0o600))?;
    }
    backup::sync(&new)?;
    std::fs::rename(&new, data)?;
    std::fs::File::open(data.parent().unwrap_or(Path::new("/")))?.sync_all()
}
