//! The engines' log files.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::{EngineError, file};

/// A log larger than this is set aside at the next start; one old log is kept.
const ROTATE_AT: u64 = 8 * 1024 * 1024;
/// How much of a log an error message shows.
const TAIL_LINES: usize = 12;
/// How much of a log is read for that.
const TAIL_BYTES: u64 = 64 * 1024;

/// What an engine writes to its log from a moment on.
#[derive(Debug)]
pub(crate) struct Since {
    path: PathBuf,
    start: u64,
}

impl Since {
    /// From now on.
    pub(crate) fn now(path: PathBuf) -> Self {
        let start = fs::metadata(&path).map_or(0, |meta| meta.len());
        Self { path, start }
    }

    /// What was written since. An engine that has begun another file since then has written all that is in it.
    pub(crate) fn read(&self) -> std::io::Result<String> {
        read(&self.path, |end| if end < self.start { 0 } else { self.start })
    }
}

/// Reads a log from a place on, which may depend on where it ends.
fn read(path: &Path, from: impl FnOnce(u64) -> u64) -> std::io::Result<String> {
    let mut log = File::open(path)?;
    let end = log.metadata()?.len();
    log.seek(SeekFrom::Start(from(end)))?;
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A log file and where the current run begins in it.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    start: u64,
}

impl Log {
    /// Opens a log to append to; the file is for the engine, which inherits it.
    pub(crate) fn open(path: PathBuf) -> Result<(Self, File), EngineError> {
        let mut start = fs::metadata(&path).map_or(0, |meta| meta.len());
        if start > ROTATE_AT {
            let old = path.with_extension("log.1");
            fs::rename(&path, &old).map_err(file("set aside", &path))?;
            start = 0;
        }
        let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        let opened = opened.map_err(file("open", &path))?;
        Ok((Self { path, start }, opened))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The last lines of the current run.
    pub(crate) fn tail(&self) -> String {
        let text = read(&self.path, |end| self.start.max(end.saturating_sub(TAIL_BYTES))).unwrap_or_default();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let from = lines.len().saturating_sub(TAIL_LINES);
        lines.get(from..).unwrap_or_default().join("\n")
    }
}
