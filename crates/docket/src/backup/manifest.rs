//! The list of what a backup holds.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use docket_jetstream::copies::State;
use docket_messages::{Position, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::hex;
use crate::error::{AnyError, plain};

/// The file that says what is in a backup. It is written last: a folder without it is no backup.
pub const MANIFEST: &str = "manifest.json";
/// The version of this format.
pub const FORMAT: u32 = 1;
/// How much of a file is read at once.
const STRETCH: usize = 1 << 16;

/// What a backup holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The version of the format.
    pub format: u32,
    /// The version of Docket that took it.
    pub docket: String,
    /// When it was begun.
    pub taken_at: Timestamp,
    /// The streams, in the order in which they were copied.
    pub streams: Vec<StreamKept>,
    /// What the log holds.
    pub log: LogKept,
    /// The passwords of the users of NATS, if they were known.
    pub users: Option<Kept>,
}

/// What tells whether the rest can be read.
#[derive(Deserialize)]
struct Form {
    format: u32,
    docket: String,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its name.
    pub file: String,
    /// How long it is.
    pub bytes: u64,
    /// Its SHA-256, as `sha256sum` prints it.
    pub sha256: String,
}

/// The copy of a stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StreamKept {
    /// Its name.
    pub name: String,
    /// The copy, as the server gave it.
    #[serde(flatten)]
    pub kept: Kept,
    /// The settings of the stream, as the server writes them.
    pub config: serde_json::Value,
    /// What it held when the copy was begun.
    pub state: State,
}

/// What the log holds, entry by entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogKept {
    /// Its last position when its copy was begun. What came while it was copied may be in the copy as well.
    pub last: Position,
    /// The SHA-256 of the payload of the last entry.
    pub last_sha256: Option<String>,
    /// The SHA-256 of the payloads of all entries, one after the other.
    pub payloads_sha256: String,
    /// The root over its entries (RFC 6962), base64; backups of before have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The first flaw that the log had, if it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flaw: Option<String>,
}

impl Manifest {
    /// Reads what a folder holds.
    pub fn read(folder: &Path) -> Result<Self, AnyError> {
        let path = folder.join(MANIFEST);
        let shown = path.display();
        let text = std::fs::read(&path).map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                let folder = folder.display();
                plain(format!(
                    "{shown} is not there: {folder} is no backup, or one that was not finished; take another with \
                     `docket backup`"
                ))
            } else {
                plain(format!("could not read {shown}: {error}"))
            }
        })?;
        let Form { format, docket } = serde_json::from_slice(&text).map_err(|error| damaged(&shown, &error))?;
        if format != FORMAT {
            return Err(plain(format!(
                "{shown} has format {format}, and this version of Docket reads {FORMAT}; restore with the version that took \
                 it, {docket}"
            )));
        }
        serde_json::from_slice(&text).map_err(|error| damaged(&shown, &error))
    }

    /// Every file but the manifest itself.
    pub fn files(&self) -> impl Iterator<Item = &Kept> {
        self.streams.iter().map(|stream| &stream.kept).chain(&self.users)
    }
}

fn damaged(shown: &dyn std::fmt::Display, error: &serde_json::Error) -> AnyError {
    plain(format!("could not understand {shown}: {error}; it was changed or damaged: take another backup"))
}

impl Kept {
    /// Where it is. A name that leads elsewhere is not followed.
    pub fn path(&self, folder: &Path) -> PathBuf {
        folder.join(Path::new(&self.file).file_name().unwrap_or_default())
    }

    /// Compares a file with what is said of it, and tells of each stretch that was read.
    pub fn check(&self, folder: &Path, mut read: impl FnMut(u64)) -> Result<(), AnyError> {
        let path = self.path(folder);
        let failed = |error: std::io::Error| plain(format!("could not read {}: {error}", path.display()));
        let (mut file, mut hasher) = (File::open(&path).map_err(failed)?, Sha256::new());
        let (mut stretch, mut bytes) = (vec![0; STRETCH], 0);
        loop {
            let length = file.read(&mut stretch).map_err(failed)?;
            let Some(part) = stretch.get(..length).filter(|part| !part.is_empty()) else { break };
            hasher.update(part);
            bytes += part.len() as u64;
            read(part.len() as u64);
        }
        let found = Self { file: self.file.clone(), bytes, sha256: hex(hasher) };
        if found == *self {
            return Ok(());
        }
        Err(plain(format!(
            "{} is not what {MANIFEST} says: it has {} bytes with the SHA-256 {}, and should have {} with {}; it was changed \
             or damaged: use another copy of this backup, or another backup",
            path.display(),
            found.bytes,
            found.sha256,
            self.bytes,
            self.sha256
        )))
    }
}
