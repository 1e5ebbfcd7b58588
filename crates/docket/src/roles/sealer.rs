//! The role that signs what is in the log.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use docket_jetstream::JetStreamLog;
use docket_jetstream::access::SystemUser;
use docket_jetstream::seals::Seals;
use docket_sealing::{Keys, Progress, SealingError, Settings, incarnation_once_begun};
use futures::FutureExt as _;
use tokio::sync::watch;

use super::role::{Description, Streams, Task};
use super::{Engines, Health, RESTART, Role, RoleState, connect, note_failure};
use crate::error::{AnyError, one_line, plain};

/// The role.
pub const ROLE: Role = Role::new(&Description {
    name: "sealer",
    told: "Signs what is in the log",
    user: SystemUser::Sealer,
    streams: Streams::Reads,
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
    },
    /// In the data folder of a desk, which makes keys of its own.
    Own {
        /// The data folder.
        data: PathBuf,
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
            Self::Given { key, hashes } => Ok(Settings { keys: read(key)?, hashes: hashes.clone() }),
            Self::Own { data } => {
                let incarnation = incarnation_once_begun(log).await?;
                let hashes = Self::hashes_of(data, &incarnation);
                let key = hashes.with_extension("key");
                if !key.exists() {
                    let keys = Keys::new(&format!("{LOCAL}/{incarnation}"), &rand::random())?;
                    write(&key, &keys.to_secret_text())?;
                }
                let keys = read(&key)?;
                let policy = hashes.with_extension("policy");
                fs::write(&policy, keys.policy())
                    .map_err(|error| plain(format!("could not write {}: {error}", policy.display())))?;
                Ok(Settings { keys, hashes })
            }
        }
    }
}

/// Reads the keys of a sealer.
fn read(path: &Path) -> Result<Keys, AnyError> {
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
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = opened.and_then(|mut file| {
        file.write_all(secrets.as_bytes())?;
        file.sync_all()
    });
    written.map_err(failed)
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
    let settings = sealing.settings(&log).await?;
    let (progress, mut seen) = watch::channel(Progress::default());
    let telling = async {
        while seen.changed().await.is_ok() {
            let Progress { read, sealed, sealed_at } = *seen.borrow_and_update();
            crate::metrics::sealing(read.get(), sealed.get(), sealed_at);
        }
        std::future::pending::<std::convert::Infallible>().await
    };
    tokio::select! {
        ended = docket_sealing::run(&log, &seals, &settings, &progress) => Ok(ended?),
        never = telling => match never {},
    }
}
