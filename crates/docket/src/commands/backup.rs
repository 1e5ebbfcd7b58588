//! `docket backup`: everything that must be kept, in a folder, while it runs.
//!
//! The order makes the copies fit together. A submission leaves the inbox only when its outcome is on disk, and an
//! outcome is published only when the entry is in the log. So the inbox is copied first, then the outcomes, then the
//! log:
//!
//! - A submission that is not in the copy of the inbox was decided before. So its outcome is in the copy that follows,
//!   and what it was accepted as is in that of the log. None is lost.
//! - One that is in the copy of the inbox may be in that of the log as well. It is decided again, its case remembers
//!   its id, and the answer is `repeated`. None is carried out twice.
//! - An outcome that says `accepted` names an entry that is there.
//!
//! The passwords come last: they include those of every principal of the log.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use docket_jetstream::access::SystemUser;
use docket_jetstream::copies::Copy;
use docket_jetstream::{Connection, JetStreamLog, Namespace};
use docket_messages::Position;
use sha2::{Digest as _, Sha256};

use crate::backup::{self, FORMAT, History, Kept, LogKept, MANIFEST, Manifest, StreamKept};
use crate::credentials::Credentials;
use crate::desk::CREDENTIALS;
use crate::endpoints::{Endpoints, without_login};
use crate::environment;
use crate::error::{AnyError, is_refused, one_line, plain};
use crate::output::{self, Progress};

/// Arguments of `docket backup`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket backup /backups/monday\n  docket backup /backups/monday --data /var/lib/docket\n  docket backup /backups/monday --nats nats://nats:4222 --users users.json\n\nIt copies the log, the inbox, the outcomes, and the passwords of the users of NATS; commands go on meanwhile. The read\nmodels are left out: they are filled anew from the log. It asks as `docket-command`, whose password is in users.json:\nthe right to have streams copied is the right to write into them. `docket restore` brings it back. The folder holds\npasswords and what customers wrote: keep it where nobody else reads."
)]
pub struct Args {
    /// The folder to make. It must be absent or empty.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// NATS.
    #[arg(long, env = "DOCKET_NATS_URL", value_name = "URL", hide_env_values = true)]
    nats: Option<String>,
    /// The file of passwords that `docket nats-config` made [default: that of --data, or none with --nats].
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,
    /// The folder of a running `docket up`.
    #[arg(long, default_value = ".docket", value_name = "DIR")]
    data: PathBuf,
}

/// Copies everything.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let folder = &args.folder;
    if !backup::is_free(folder)? {
        return Err(plain(format!(
            "{} is not empty; name a folder that is, or that is absent: each backup has its own",
            folder.display()
        )));
    }
    let (url, users) = whereabouts(&args)?;
    let connection = docket_jetstream::connect(&url, "docket-backup").await?;
    let taken = connection.unless_refused(Box::pin(take(&connection, folder, users.as_deref()))).await;
    let taken = taken.map_err(|error| if is_refused(error.as_ref()) { not_allowed(error.as_ref()) } else { error })?;
    let (entries, shown) = (taken.log.last, folder.display());
    output::say(&format!("{shown} has a backup of {entries} entries, taken at {}", taken.taken_at));
    if let Some(flaw) = &taken.log.flaw {
        output::note(&format!("docket: the log itself has a flaw at {flaw}; docs/OPERATIONS.md says what to do"));
    }
    if taken.users.is_none() {
        output::note("docket: the passwords of the users of NATS are not in it; name their file with --users");
    }
    output::note(
        "docket: the master keys are not in it, and without them what is personal in it cannot be read; keep a copy of them elsewhere",
    );
    output::say(&format!("bring it back with `docket restore {shown} --data NEW`"));
    Ok(ExitCode::SUCCESS)
}

/// The address of NATS for who may copy, and the file of passwords.
fn whereabouts(args: &Args) -> Result<(String, Option<PathBuf>), AnyError> {
    let (server, users) = match &args.nats {
        Some(url) => (url.clone(), args.users.clone()),
        None => {
            let users = args.users.clone().unwrap_or_else(|| args.data.join(CREDENTIALS));
            (Endpoints::read(&args.data)?.nats, Some(users))
        }
    };
    let Some(file) = users else { return Ok((server, None)) };
    let credentials = Credentials::open(&file)?;
    let user = SystemUser::Command.user();
    if !credentials.knows(user) {
        return Err(plain(format!(
            "{} has no password of `{user}`, the only user who may copy streams; name the file that the server's accounts \
             were made with",
            file.display()
        )));
    }
    Ok((credentials.url(&without_login(&server), user), Some(file)))
}

/// What the server does not let a user do, `docket-command` may.
fn not_allowed(error: &(dyn std::error::Error + 'static)) -> AnyError {
    plain(format!(
        "{}; streams are copied as `{}`: name the file of its password with --users, and if it was named, have the server \
         read the accounts that this version of `docket nats-config` writes",
        one_line(error),
        SystemUser::Command.user()
    ))
}

async fn take(connection: &Connection, folder: &Path, users: Option<&Path>) -> Result<Manifest, AnyError> {
    let failed = |error: std::io::Error| plain(format!("could not make {}: {error}", folder.display()));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    let (names, taken_at) = (Namespace::default(), environment::now());
    let log = JetStreamLog::open(connection.clone(), names.clone()).await?;
    let mut streams = Vec::new();
    // What waits in the inbox may be decided meanwhile, so the log is copied after it; a key is stored before an entry names it,
    // so the keys are copied after the log.
    let copied =
        [names.inbox_stream(), names.outcome_stream(), names.seal_stream(), names.log_stream(), names.key_stream()];
    for stream in copied {
        streams.push(copy(connection, folder, &stream).await?);
    }
    let last = streams.iter().find(|stream| stream.name == names.log_stream()).map_or(0, |log| log.state.last_seq);
    let log = vouch(&log, Position(last)).await?;
    let users = users.map(|users| keep_users(users, folder)).transpose()?;
    let docket = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { format: FORMAT, docket, taken_at, streams, log, users };
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    // What the manifest speaks of is there before it is.
    backup::sync(folder).map_err(failed)?;
    write(folder, MANIFEST, text.as_bytes())?;
    backup::sync(folder).map_err(failed)?;
    Ok(manifest)
}

/// What the log that was copied holds. It only grows, so what is read now is what the copy has.
async fn vouch(log: &JetStreamLog, last: Position) -> Result<LogKept, AnyError> {
    Ok(History::read(log, last, last).await?.kept)
}

async fn copy(connection: &Connection, folder: &Path, stream: &str) -> Result<StreamKept, AnyError> {
    let name = format!("{stream}.tar.s2");
    let (path, mut file) = create(folder, &name)?;
    let mut copy = Copy::begin(connection, stream).await?;
    // Packed, they are fewer than this; what an empty stream is packed into is not worth a word.
    let mut progress =
        Progress::start(&format!("bytes of {stream}, packed"), copy.state.bytes.max(u64::from(u16::MAX)));
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    while let Some(chunk) = copy.next().await? {
        file.write_all(&chunk).map_err(|error| not_written(&path, &error))?;
        hasher.update(&chunk);
        bytes += chunk.len() as u64;
        progress.advance(chunk.len() as u64);
    }
    progress.finish();
    output::note(&format!("copied {stream}: {} messages", copy.state.messages));
    let kept = Kept { file: name, bytes, sha256: backup::hex(hasher) };
    Ok(StreamKept { name: stream.to_owned(), kept, config: copy.config, state: copy.state })
}

fn keep_users(users: &Path, folder: &Path) -> Result<Kept, AnyError> {
    let text = std::fs::read(users).map_err(|error| plain(format!("could not read {}: {error}", users.display())))?;
    write(folder, CREDENTIALS, &text)?;
    let sha256 = backup::hex(Sha256::new().chain_update(&text));
    Ok(Kept { file: CREDENTIALS.to_owned(), bytes: text.len() as u64, sha256 })
}

/// A file that its owner alone reads.
fn create(folder: &Path, name: &str) -> Result<(PathBuf, File), AnyError> {
    let path = folder.join(name);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    let file = file.map_err(|error| not_written(&path, &error))?;
    Ok((path, file))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), AnyError> {
    let (path, mut file) = create(folder, name)?;
    file.write_all(bytes).map_err(|error| not_written(&path, &error))
}

fn not_written(path: &Path, error: &std::io::Error) -> AnyError {
    plain(format!("could not write {}: {error}; make room there, or name another folder", path.display()))
}
