//! The role that signs what is in the log.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::policy::Policy;
use docket_jetstream::JetStreamLog;
use docket_jetstream::access::SystemUser;
use docket_jetstream::seals::Seals;
use docket_projection::{Schema, SealTable};
use docket_sealing::{Keys, Progress, SealingError, Settings, incarnation_once_begun};
use futures::FutureExt as _;
use tokio::sync::watch;

use super::role::{Description, Streams, Task};
use super::{Engines, Health, RESTART, Role, RoleState, connect, note_failure};
use crate::error::{AnyError, one_line, plain};
use crate::witness;

/// The role.
pub const ROLE: Role = Role::new(&Description {
    name: "sealer",
    told: "Signs what is in the log",
    user: SystemUser::Sealer,
    streams: Streams::Reads,
    opens_texts: false,
    is_vital: false,
    is_current: |_, _| true,
    is_moving: |_, _| true,
    start: |engines, health| async { Ok(Task::spawn(keep_running(engines, health))) }.boxed(),
});

/// How the keys of a desk in a folder are named, before the word that tells its log from others.
const LOCAL: &str = "docket.local";

/// Where a sealer has its keys and the hashes of the tree.
#[derive(Debug, Clone)]
pub enum Sealing {
    /// In files that the operator names.
    Given {
        /// The file of the keys.
        key: PathBuf,
        /// The folder of the hashes.
        hashes: PathBuf,
        /// The file of the witnesses.
        witnesses: Option<PathBuf>,
    },
    /// In the data folder of a desk, which makes keys of its own.
    Own {
        /// The data folder.
        data: PathBuf,
        /// The witness that runs beside it, as lines of a policy.
        witnesses: Option<String>,
    },
}

impl Sealing {
    /// The folder of the hashes of a log of a desk in a data folder.
    pub fn hashes_of(data: &Path, incarnation: &str) -> PathBuf {
        data.join("sealer").join(incarnation)
    }

    /// What a sealer of this log works with.
    async fn settings(&self, log: &JetStreamLog) -> Result<Settings, AnyError> {
        match self {
            Self::Given { key, hashes, witnesses } => {
                let witnesses = witnesses.as_ref().map(|file| read_witnesses(file)).transpose()?;
                Ok(Settings { keys: read(key)?, hashes: hashes.clone(), witnesses, kept: None, feed: None })
            }
            Self::Own { data, witnesses } => {
                let incarnation = incarnation_once_begun(log).await?;
                let hashes = Self::hashes_of(data, &incarnation);
                let key = hashes.with_extension("key");
                if !key.exists() {
                    let keys = Keys::new(&format!("{LOCAL}/{incarnation}"), &rand::random())?;
                    write(&key, &keys.to_secret_text())?;
                }
                let keys = read(&key)?;
                let policy = keys.policy(witnesses.as_deref());
                write_public(&hashes.with_extension("policy"), &policy)?;
                let witnesses = if witnesses.is_some() {
                    write_public(&witness::folder(data).join("logs.policy"), &keys.policy(None))?;
                    Some(Policy::parse(policy.as_bytes())?)
                } else {
                    None
                };
                Ok(Settings { keys, hashes, witnesses, kept: None, feed: None })
            }
        }
    }
}

/// Writes what everybody may read, whole or not at all: others read it meanwhile.
pub fn write_public(path: &Path, text: &str) -> Result<(), AnyError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        fs::File::open(folder)?.sync_all()
    });
    written.map_err(|error| plain(format!("could not write {}: {error}", path.display())))
}

/// Reads a file of witnesses. None of them would have an address if it was meant for something else.
fn read_witnesses(path: &Path) -> Result<Policy, AnyError> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| plain(format!("could not read the witnesses {shown}: {error}")))?;
    let policy = Policy::parse(&bytes).map_err(|error| plain(format!("{shown}: {error}")))?;
    if policy.witnesses().all(|witness| witness.url.is_none()) {
        return Err(plain(format!("{shown} has no line `witness NAME KEY URL`, so there is nobody to ask")));
    }
    Ok(policy)
}

/// How long Postgres may take to say what was sealed before.
const KEPT_WITHIN: Duration = Duration::from_secs(10);

/// The largest seals of a log beside the read models. They are outside of what is rebuilt and of what a copy of the log brings
/// back; while Postgres is away the sealer works without.
async fn kept(engines: &Engines, keys: &Keys) -> Option<Vec<SignedCheckpoint>> {
    let ask = async {
        let table = SealTable::open(&engines.postgres, &Schema::default()).await?;
        table.largest_of(keys.origin().as_str()).await
    };
    let cause = match tokio::time::timeout(KEPT_WITHIN, ask).await {
        Ok(Ok(found)) => {
            // What is none hides nothing that stands below it.
            return Some(found.iter().filter_map(|note| SignedCheckpoint::parse(note.as_bytes()).ok()).collect());
        }
        Ok(Err(error)) => one_line(&error),
        Err(_) => "it does not answer".to_owned(),
    };
    tracing::warn!("the log is not compared with docket.seals, since Postgres cannot be asked: {cause}");
    None
}

/// Reads the keys of a sealer.
pub fn read(path: &Path) -> Result<Keys, AnyError> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| plain(format!("could not read the key {shown}: {error}")))?;
    Keys::parse(&text).map_err(|error| plain(format!("{shown}: {error}")))
}

/// Writes secret keys into a file that is not there yet, for its owner only.
pub fn write(path: &Path, secrets: &str) -> Result<(), AnyError> {
    let shown = path.display();
    let failed = |error: std::io::Error| {
        if error.kind() == ErrorKind::AlreadyExists {
            return plain(format!("{shown} is there; a key is never overwritten"));
        }
        plain(format!("could not write {shown}: {error}; let this user write there"))
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Whole or not at all: half a key would stand in the way of another.
    let write = || {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(secrets.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().map_err(failed)
}

/// Runs the role, and again when it fails. A log that is not the one that was sealed is for a person to look at.
async fn keep_running(engines: Engines, health: Health) {
    loop {
        let Err(error) = run(&engines, &health).await;
        if error.downcast_ref().is_some_and(SealingError::is_finding) {
            let cause = one_line(error.as_ref());
            tracing::error!("the sealer stops: {cause}");
            health.set(ROLE, RoleState::Halted(cause));
            return;
        }
        note_failure(&health, ROLE, &error);
        tokio::time::sleep(RESTART).await;
    }
}

async fn run(engines: &Engines, health: &Health) -> Result<std::convert::Infallible, AnyError> {
    let sealing = engines.sealing.as_ref().ok_or_else(|| plain("the role `sealer` needs a key"))?;
    let connection = connect(engines, ROLE, "docket-sealer").await?;
    let log = JetStreamLog::open(connection.clone(), engines.names.clone()).await?;
    let seals = Seals::open(&connection, engines.names.clone()).await?;
    health.set(ROLE, RoleState::Running);
    let mut settings = sealing.settings(&log).await?;
    settings.kept = kept(engines, &settings.keys).await;
    settings.feed = engines.feed.clone();
    let requests = docket_jetstream::seals::requests(&connection, &engines.names).await?;
    let (progress, mut seen) = watch::channel(Progress::default());
    let telling = async {
        while seen.changed().await.is_ok() {
            let progress = *seen.borrow_and_update();
            crate::metrics::sealing(&progress);
        }
        std::future::pending::<std::convert::Infallible>().await
    };
    let ended = tokio::select! {
        ended = docket_sealing::run(&log, &seals, &settings, requests, &progress) => ended,
        never = telling => match never {},
    };
    if let Err(finding) = &ended
        && finding.is_of_the_log()
    {
        while let Err(error) = docket_sealing::tell(&seals, settings.keys.origin(), finding).await {
            tracing::error!("what was found is not told yet to the command service: {}", one_line(&error));
            tokio::time::sleep(RESTART).await;
        }
    }
    Ok(ended?)
}
