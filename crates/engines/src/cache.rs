//! The folder in which installed binaries are kept.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::{EngineError, file};
use crate::options::EngineOptions;
use crate::user::{RunAs, can_enter};

/// Used by root when its own cache is closed to the user that runs `PostgreSQL`.
const SHARED: &str = "/var/cache/docket/engines";

/// The chosen cache; created, and reachable for the user that runs `PostgreSQL`.
pub(crate) async fn choose(options: &EngineOptions, user: Option<&RunAs>) -> Result<PathBuf, EngineError> {
    if let Some(given) = &options.cache {
        let given = std::path::absolute(given).map_err(file("find", given))?;
        create(&given, user)?;
        if let (Some(user), false) = (user, can_enter(&given, user).await?) {
            return Err(EngineError::Closed { path: given, user: user.name.clone() });
        }
        return Ok(given);
    }
    let own = dirs::cache_dir().map(|dir| dir.join("docket/engines"));
    if let Some(own) = own
        && can_enter(&own, user).await?
        && create(&own, user).is_ok()
    {
        return Ok(own);
    }
    if user.is_some() {
        create(Path::new(SHARED), user)?;
        return Ok(SHARED.into());
    }
    // No home folder, or one that cannot be written: a service account.
    let beside = std::path::absolute(&options.data).map_err(file("find", &options.data))?.join("engines");
    create(&beside, user)?;
    Ok(beside)
}

/// Creates a folder and those above it; for root, open to others whatever the umask is.
pub(crate) fn create(path: &Path, user: Option<&RunAs>) -> Result<(), EngineError> {
    let missing: Vec<&Path> = path.ancestors().take_while(|p| !p.exists()).collect();
    fs::create_dir_all(path).map_err(file("create", path))?;
    if user.is_some() {
        for dir in missing {
            fs::set_permissions(dir, fs::Permissions::from_mode(0o755)).map_err(file("open", dir))?;
        }
    }
    Ok(())
}

/// Lets everybody read what root has installed, whatever root's umask is.
pub(crate) fn open_to_all(path: &Path) -> Result<(), EngineError> {
    let meta = fs::symlink_metadata(path).map_err(file("read", path))?;
    if meta.is_symlink() {
        return Ok(());
    }
    let mode = meta.permissions().mode();
    let runs = meta.is_dir() || mode & 0o100 != 0;
    let wanted = mode | if runs { 0o555 } else { 0o444 };
    fs::set_permissions(path, fs::Permissions::from_mode(wanted)).map_err(file("open", path))?;
    if meta.is_dir() {
        for entry in fs::read_dir(path).map_err(file("read", path))? {
            open_to_all(&entry.map_err(file("read", path))?.path())?;
        }
    }
    Ok(())
}
