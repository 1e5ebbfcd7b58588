//! The unprivileged user that stands in when we are root, because
//! `PostgreSQL` refuses to run as root.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};

use crate::error::{EngineError, file};
use crate::run;

/// Users that exist on nearly every machine, best first.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// A user to become before running a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunAs {
    /// The name, for messages.
    pub(crate) name: String,
    /// The user id.
    pub(crate) uid: u32,
    /// The group id; supplementary groups are dropped.
    pub(crate) gid: u32,
}

impl RunAs {
    /// `None` for an ordinary user, who runs everything itself.
    pub(crate) fn needed() -> Result<Option<Self>, EngineError> {
        if !Uid::effective().is_root() {
            return Ok(None);
        }
        let found = CANDIDATES.iter().find_map(|name| User::from_name(name).ok().flatten());
        found.map(Self::from).map(Some).ok_or(EngineError::NoUser)
    }

    /// The owner of an existing folder, so that data made by an ordinary user
    /// is still that user's after root has started the engines once.
    pub(crate) fn owner_of(path: &Path) -> Option<Self> {
        let owner = std::fs::metadata(path).ok()?.uid();
        if owner == 0 {
            return None;
        }
        User::from_uid(Uid::from_raw(owner)).ok().flatten().map(Self::from)
    }

    /// Makes a file or folder this user's.
    pub(crate) fn give(&self, path: &Path) -> Result<(), EngineError> {
        chown(path, Some(self.uid), Some(self.gid)).map_err(file("change the owner of", path))
    }
}

impl From<User> for RunAs {
    fn from(user: User) -> Self {
        Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() }
    }
}

/// Whether the user can get into a folder, or into the nearest existing folder
/// above it. Asked by trying as that user: modes, access lists and mounts all count.
pub(crate) async fn can_enter(path: &Path, user: Option<&RunAs>) -> Result<bool, EngineError> {
    let Some(user) = user else { return Ok(true) };
    let existing: PathBuf = path.ancestors().find(|p| p.exists()).unwrap_or(path).to_path_buf();
    let mut test = run::command(Path::new("/bin/sh"), Some(user));
    test.args(["-c", "test -x \"$1\"", "sh"]).arg(&existing);
    let status = test.status().await.map_err(|source| EngineError::Run { program: "/bin/sh".into(), source })?;
    Ok(status.success())
}
