//! What is in a backup, and how it is checked.

mod history;
mod manifest;

pub use history::History;
pub use manifest::{FORMAT, Kept, LogKept, MANIFEST, Manifest, StreamKept};

use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::{AnyError, plain};

/// Whether nothing is in a folder, or no folder is there.
pub fn is_free(folder: &Path) -> Result<bool, AnyError> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(plain(format!("could not look into {}: {error}", folder.display()))),
    }
}

/// A SHA-256 in hexadecimal digits, as `sha256sum` prints it.
pub fn hex(hasher: Sha256) -> String {
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Has everything in a folder, and the folder, on the disk for certain.
pub fn sync(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path())?;
        } else {
            std::fs::File::open(entry.path())?.sync_all()?;
        }
    }
    std::fs::File::open(folder)?.sync_all()
}
