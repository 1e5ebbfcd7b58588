//! The hashes of the tree, for who makes proofs.

use std::path::{Path, PathBuf};

use docket_jetstream::JetStreamLog;
use docket_sealing::{Hashes, incarnation, read_hashes};
use tempfile::TempDir;

use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::output::Progress;
use crate::roles::Sealing;

/// The hashes, and the folder that they are in if they were read for this only.
pub(super) struct OfLog {
    pub hashes: Hashes,
    _temporary: Option<TempDir>,
}

/// The hashes of the first entries of a log: those that a sealer keeps, if they can be reached, or else read from the log.
pub(super) async fn of(find: &Find, given: Option<&PathBuf>, log: &JetStreamLog, size: u64) -> Result<OfLog, AnyError> {
    let Some(folder) = kept(find, given, log).await? else {
        let temporary = tempfile::tempdir()?;
        let hashes = from_log(log, temporary.path(), size).await?;
        return Ok(OfLog { hashes, _temporary: Some(temporary) });
    };
    let hashes = Hashes::open_to_read(&folder)?;
    if hashes.leaves() < size {
        let leaves = hashes.leaves();
        return Err(plain(format!("the hashes go up to position {leaves} only, and the checkpoint to {size}")));
    }
    Ok(OfLog { hashes, _temporary: None })
}

/// The folder in which a sealer keeps the hashes, if it can be reached.
async fn kept(find: &Find, given: Option<&PathBuf>, log: &JetStreamLog) -> Result<Option<PathBuf>, AnyError> {
    let folder = match (given, find.data()) {
        (Some(folder), _) => return Ok(Some(folder.clone())),
        (None, Some(data)) => incarnation(log).await?.map(|incarnation| Sealing::hashes_of(data, &incarnation)),
        (None, None) => None,
    };
    Ok(folder.filter(|folder| folder.exists()))
}

/// The hashes of the first entries of a log, read anew.
async fn from_log(log: &JetStreamLog, folder: &Path, size: u64) -> Result<Hashes, AnyError> {
    let mut progress = Progress::start("entries read", size);
    let hashes = read_hashes(log, folder, size, &mut |read| progress.set(read, size)).await?;
    progress.finish();
    Ok(hashes)
}
