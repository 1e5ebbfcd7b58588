//! A file that appears whole: it is written beside its name, synced, and then given it.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::error::ExportError;

/// What a file is called until it is whole.
pub(crate) const PART: &str = "part";

/// A file on its way.
pub(crate) struct Part {
    file: BufWriter<fs::File>,
    digest: Sha256,
    bytes: u64,
    part: PathBuf,
    path: PathBuf,
    is_whole: bool,
}

/// What a whole file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    /// SHA-256, hexadecimal.
    pub(crate) sha256: String,
}

impl Part {
    /// Begins a file, in place of one that was left half written.
    pub(crate) fn begin(path: &Path) -> Result<Self, ExportError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(ExportError::file("create", folder))?;
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let part = path.with_extension(format!("{extension}.{PART}"));
        let file = fs::File::create(&part).map_err(ExportError::file("create", &part))?;
        Ok(Self {
            file: BufWriter::new(file),
            digest: Sha256::new(),
            bytes: 0,
            part,
            path: path.to_owned(),
            is_whole: false,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name.
    pub(crate) fn finish(mut self) -> Result<Written, ExportError> {
        let failed = || ExportError::file("write", &self.part);
        self.file.flush().map_err(failed())?;
        self.file.get_ref().sync_all().map_err(failed())?;
        fs::rename(&self.part, &self.path).map_err(ExportError::file("write", &self.path))?;
        self.is_whole = true;
        if let Some(folder) = self.path.parent() {
            let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(ExportError::file("sync", folder))?;
        }
        let digest = std::mem::take(&mut self.digest);
        Ok(Written { bytes: self.bytes, sha256: hex(digest) })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_whole {
            // What cannot be removed now is cleared by the next export.
            let _ = fs::remove_file(&self.part);
        }
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write_all(bytes)?;
        self.digest.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or_default();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// A digest as manifests have it.
pub(crate) fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes a small file whole.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<Written, ExportError> {
    let mut file = Part::begin(path)?;
    file.write_all(bytes).map_err(ExportError::file("write", path))?;
    file.finish()
}
