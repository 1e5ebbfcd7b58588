//! A disk that is small enough to be filled.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Scratch;

/// A file system in memory, of a fixed size.
pub(crate) struct SmallDisk {
    mounted: PathBuf,
    _folder: Scratch,
}

impl SmallDisk {
    /// Mounts it; none where that is not allowed.
    pub(crate) fn mount(megabytes: u32) -> Option<Self> {
        let folder = Scratch::new();
        let mounted = folder.path().join("disk");
        std::fs::create_dir(&mounted).expect("a folder of ours");
        let options = format!("size={megabytes}m,mode=755");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&mounted).output();
        mount.ok().filter(|output| output.status.success()).map(|_| Self { mounted, _folder: folder })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.mounted
    }

    fn ballast(&self) -> PathBuf {
        self.mounted.join("ballast")
    }

    /// Leaves no byte free.
    pub(crate) fn fill(&self) {
        let mut file = File::create(self.ballast()).expect("a file of ours");
        let (block, byte) = (vec![0; 1 << 20], [0]);
        while file.write_all(&block).is_ok() {}
        while file.write_all(&byte).is_ok() {}
    }

    /// Makes room again.
    pub(crate) fn free(&self) {
        std::fs::remove_file(self.ballast()).expect("a file of ours");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.mounted).status();
    }
}
