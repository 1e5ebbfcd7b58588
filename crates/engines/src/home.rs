//! Where `PostgreSQL` keeps its data: in the data folder, unless we are root
//! and that folder is closed to the user it runs as.

use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::cache;
use crate::error::{EngineError, file};
use crate::user::{RunAs, can_enter};

/// For data that cannot be in the data folder.
const ELSEWHERE: &str = "/var/lib/docket";

/// The folder, and the user that owns it if that is not us.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) dir: PathBuf,
    pub(crate) user: Option<RunAs>,
}

impl Home {
    /// Finds or makes the folder. `<data>/postgres` is it, or a link to it.
    pub(crate) async fn prepare(data: &Path) -> Result<Self, EngineError> {
        let mut user = RunAs::needed()?;
        let entry = data.join("postgres");
        let dir = match fs::read_link(&entry) {
            Ok(target) => {
                let dir = data.join(target);
                check_owner(data, &entry, &dir)?;
                dir
            }
            Err(_) if entry.is_dir() || can_enter(data, user.as_ref()).await? => entry,
            Err(_) => elsewhere(data, &entry, user.as_ref())?,
        };
        if dir.is_dir() {
            user = user.map(|user| RunAs::owner_of(&dir).unwrap_or(user));
        }
        own(&dir, user.as_ref())?;
        if let (Some(user), false) = (&user, can_enter(&dir, user.as_ref()).await?) {
            return Err(EngineError::Closed { path: dir, user: user.name.clone() });
        }
        let dir = dir.canonicalize().map_err(file("find", &dir))?;
        Ok(Self { dir, user })
    }
}

/// Creates the folder if need be, for its user and nobody else.
fn own(dir: &Path, user: Option<&RunAs>) -> Result<(), EngineError> {
    fs::create_dir_all(dir).map_err(file("create", dir))?;
    if let Some(user) = user {
        user.give(dir)?;
    }
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(file("close", dir))
}

/// A folder that belongs to this data folder alone, with a link to it, so that
/// the operator sees where the data is.
fn elsewhere(data: &Path, link: &Path, user: Option<&RunAs>) -> Result<PathBuf, EngineError> {
    cache::create(Path::new(ELSEWHERE), user)?;
    let name = format!("{:016x}", hash(data.as_os_str().as_encoded_bytes()));
    // A folder without a link to it belonged to a data folder that has been
    // moved or removed. It is nobody's to take: its contents are not ours.
    let names = std::iter::once(name.clone()).chain((2..).map(|n: u32| format!("{name}-{n}")));
    for dir in names.map(|name| Path::new(ELSEWHERE).join(name)) {
        match fs::create_dir(&dir) {
            Ok(()) => {
                // The way back, for somebody who finds the folder and wonders.
                let note = dir.join(NOTE);
                fs::write(&note, data.as_os_str().as_encoded_bytes()).map_err(file("write", &note))?;
                symlink(&dir, link).map_err(file("create the link", link))?;
                return Ok(dir);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(file("create", &dir)(error)),
        }
    }
    Err(EngineError::PathText { path: data.to_path_buf() })
}

/// The file of a folder elsewhere that says whose it is.
const NOTE: &str = "data-folder";

/// A data folder that was copied has a link to the cluster of the one that it was copied from: both would write into
/// it. One that was moved takes its cluster along.
fn check_owner(data: &Path, link: &Path, dir: &Path) -> Result<(), EngineError> {
    let note = dir.join(NOTE);
    let owner = match fs::read(&note) {
        Ok(owner) => PathBuf::from(std::ffi::OsString::from_vec(owner)),
        // A link that an operator made leads to a folder of theirs.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(file("read", &note)(error)),
    };
    if owner == data {
        return Ok(());
    }
    let is_still_owned =
        owner.join("postgres").canonicalize().is_ok_and(|other| Some(other) == dir.canonicalize().ok());
    if is_still_owned {
        return Err(EngineError::Copied { link: link.to_path_buf(), owner });
    }
    fs::write(&note, data.as_os_str().as_encoded_bytes()).map_err(file("write", &note))
}

/// FNV-1a: the same in every release, which the standard hasher does not promise.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::{NOTE, check_owner, hash};
    use crate::error::EngineError;

    #[test]
    fn a_copied_data_folder_does_not_take_the_cluster_of_the_original_and_a_moved_one_keeps_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let [original, copy, cluster] = ["original", "copy", "cluster"].map(|name| folder.path().join(name));
        for dir in [&original, &copy, &cluster] {
            fs::create_dir(dir).unwrap();
        }
        fs::write(cluster.join(NOTE), original.as_os_str().as_encoded_bytes()).unwrap();
        for data in [&original, &copy] {
            symlink(&cluster, data.join("postgres")).unwrap();
        }
        let check = |data: &std::path::Path| check_owner(data, &data.join("postgres"), &cluster);
        check(&original).unwrap();
        let refused = check(&copy).unwrap_err();
        assert!(matches!(&refused, EngineError::Copied { owner, .. } if *owner == original), "{refused}");
        assert!(refused.to_string().contains("remove the link"), "{refused}");
        // Moved: nothing is left where it was.
        fs::remove_dir_all(&original).unwrap();
        check(&copy).unwrap();
        assert_eq!(fs::read(cluster.join(NOTE)).unwrap(), copy.as_os_str().as_encoded_bytes());
        check(&copy).unwrap();
    }

    #[test]
    fn the_hash_never_changes() {
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
