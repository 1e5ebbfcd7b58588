//! The folder of an export: whose it is, and what earlier exports have left there.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::ExportError;
use crate::file::PART;
use crate::manifest::{self, Manifest};

/// Says that a folder is one of exports. An export that writes into it holds a lock on this file.
const MARK: &str = ".docket-export";

/// A folder that nobody else writes into for as long as this lives.
pub(crate) struct Folder {
    _lock: File,
    /// What is in it.
    pub manifest: Option<Manifest>,
}

impl Folder {
    /// Takes a folder: an empty one, one that is not there yet, or one of exports.
    pub(crate) fn take(path: &Path) -> Result<Self, ExportError> {
        fs::create_dir_all(path).map_err(ExportError::file("create", path))?;
        let mark = path.join(MARK);
        let is_of_exports = mark.exists() || path.join(manifest::FILE).exists();
        if !is_of_exports && fs::read_dir(path).map_err(ExportError::file("read", path))?.next().is_some() {
            return Err(ExportError::NotEmpty { folder: path.to_owned() });
        }
        let lock = File::create(&mark).map_err(ExportError::file("write", &mark))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ExportError::Busy { folder: path.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(ExportError::file("lock", &mark)(error)),
        }
        Ok(Self { _lock: lock, manifest: Manifest::read(path)? })
    }
}

/// Removes what exports that did not end have left: files in the folders of relations that are named as those of an export,
/// and are not among those that the manifest has.
pub(crate) fn clear<'r>(
    folder: &Path,
    relations: impl Iterator<Item = &'r str>,
    kept: &[manifest::File],
) -> Result<(), ExportError> {
    let kept: BTreeSet<PathBuf> = kept.iter().map(|file| folder.join(&file.path)).collect();
    for relation in relations.map(|name| folder.join(name)) {
        let files = match fs::read_dir(&relation) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(ExportError::file("read", &relation)(error)),
        };
        for path in files.flatten().map(|entry| entry.path()) {
            if is_of_an_export(&path) && !kept.contains(&path) {
                fs::remove_file(&path).map_err(ExportError::file("remove", &path))?;
            }
        }
    }
    Ok(())
}

/// Whether a file is named as one of an export: two positions, and what follows them.
fn is_of_an_export(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (positions, rest) = name.split_once('.').unwrap_or((&name, ""));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_range = positions.split_once('-').is_some_and(|(from, to)| is_number(from) && is_number(to));
    let last = rest.rsplit('.').next().unwrap_or_default();
    is_range && ["parquet", "csv", "jsonl", PART].contains(&last)
}
