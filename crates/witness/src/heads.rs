//! The newest head of each log that was signed, on disk: written and synced before anybody is told.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::note::{BYTES_LIMIT, KeyName};
use tempfile::NamedTempFile;

use crate::hash_of;

/// Why heads cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// Another witness has the folder.
    #[error("another witness works in {}; each needs a folder of its own", .0.display())]
    Taken(PathBuf),
    /// A file cannot be used.
    #[error("could not {doing} {}", path.display())]
    File {
        /// What we were doing.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
    /// What is to be kept could not be read again.
    #[error("what would be kept could not be read again: {cause}")]
    Unwritable {
        /// Why.
        cause: String,
    },
    /// A file is not what was written. To begin anew would be to forget what was signed.
    #[error("{} is no checkpoint any more: {cause}. A witness that has forgotten what it signed must not go on: make keys of \
             another name", path.display())]
    Spoilt {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
}

/// The heads, in a folder that is nobody else's.
#[derive(Debug)]
pub(crate) struct Heads {
    folder: PathBuf,
    /// Locked for as long as the witness works.
    _lock: File,
}

fn failed(doing: &'static str, path: &Path) -> impl Fn(std::io::Error) -> HeadsError {
    move |source| HeadsError::File { doing, path: path.to_owned(), source }
}

impl Heads {
    /// Takes a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, HeadsError> {
        fs::create_dir_all(folder).map_err(failed("create", folder))?;
        let path = folder.join("lock");
        let lock =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(failed("open", &path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(HeadsError::Taken(folder.to_owned())),
            Err(fs::TryLockError::Error(error)) => Err(failed("lock", &path)(error)),
        }
    }

    fn path(&self, hash: &str) -> PathBuf {
        self.folder.join(format!("{hash}.checkpoint"))
    }

    /// The newest head of a log, with this witness's signatures.
    pub(crate) fn last(&self, origin: &KeyName) -> Result<Option<SignedCheckpoint>, HeadsError> {
        self.of_hash(&hash_of(origin))
    }

    /// The same for a log that is named by the hash of its origin.
    pub(crate) fn of_hash(&self, hash: &str) -> Result<Option<SignedCheckpoint>, HeadsError> {
        let path = self.path(hash);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("read", &path)(error)),
        };
        let bytes = bytes.get(..BYTES_LIMIT.min(bytes.len())).unwrap_or_default();
        let parsed = SignedCheckpoint::parse(bytes);
        parsed.map(Some).map_err(|error| HeadsError::Spoilt { path, cause: error.to_string() })
    }

    /// Puts a head in the place of the one before. When this returns, it is on disk.
    pub(crate) fn put(&self, signed: &SignedCheckpoint) -> Result<(), HeadsError> {
        let path = self.path(&hash_of(&signed.checkpoint().origin));
        let text = signed.to_string();
        // Never in the place of one that can be read.
        SignedCheckpoint::parse(text.as_bytes())
            .map_err(|error| HeadsError::Unwritable { cause: error.to_string() })?;
        let write = || -> std::io::Result<()> {
            let mut file = NamedTempFile::new_in(&self.folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            // The name, too.
            File::open(&self.folder)?.sync_all()
        };
        write().map_err(failed("write", &path))
    }
}
