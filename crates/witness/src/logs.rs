//! The logs that a witness knows: a file as c2sp.org/tlog-policy has it, of which the lines `log` count.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use docket_evidence::note::{KeyName, VerifierKey};
use docket_evidence::policy::Policy;

/// How often the file is looked at, at most.
const LOOK: Duration = Duration::from_millis(500);

/// Why it is not known which logs there are.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub struct LogsError {
    path: PathBuf,
    cause: String,
}

/// The logs, in a file that may change while the witness works.
#[derive(Debug)]
pub struct Logs {
    path: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    keys: Vec<VerifierKey>,
    /// When the file was changed that they are from.
    changed: Option<SystemTime>,
    looked: Option<Instant>,
}

impl Logs {
    /// Those of a file. A file that is not there yet has none.
    ///
    /// # Errors
    /// [`LogsError`] when it is there and cannot be read.
    pub fn open(path: PathBuf) -> Result<Self, LogsError> {
        let logs = Self { path, known: Mutex::default() };
        logs.look(&mut logs.known.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(logs)
    }

    /// How many keys there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).keys.len()
    }

    /// The keys of a log; none if it is not known.
    pub(crate) fn keys_of(&self, origin: &KeyName) -> Vec<VerifierKey> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.looked.is_none_or(|looked| looked.elapsed() >= LOOK)
            && let Err(error) = self.look(&mut known)
        {
            tracing::warn!("the logs that were known before are kept: {error}");
        }
        known.keys.iter().filter(|key| key.name() == origin).cloned().collect()
    }

    fn look(&self, known: &mut Known) -> Result<(), LogsError> {
        known.looked = Some(Instant::now());
        let failed = |cause: String| LogsError { path: self.path.clone(), cause };
        let changed = match fs::metadata(&self.path).and_then(|about| about.modified()) {
            Ok(changed) => changed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error.to_string())),
        };
        if known.changed == Some(changed) {
            return Ok(());
        }
        let bytes = fs::read(&self.path).map_err(|error| failed(error.to_string()))?;
        let policy = Policy::parse(&bytes).map_err(|error| failed(error.to_string()))?;
        known.keys = policy.logs().iter().map(|log| log.key.clone()).collect();
        known.changed = Some(changed);
        Ok(())
    }
}
