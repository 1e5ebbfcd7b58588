//! Checkpoints (c2sp.org/tlog-checkpoint): how large a log is, and its root, in three lines that its key signs.

use crate::hash::Hash;
use crate::note::{Algorithm, KeyName, Note, NoteError, Signature, SigningKey, VerifierKey};
use crate::{cosignature, number};

#[cfg(test)]
mod tests;

/// The head of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: the name of its key.
    pub origin: KeyName,
    /// How many leaves it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// A head of a log with its signatures, none of which has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

/// Why bytes are no checkpoint, or none to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no signed note, or a signature of it is false.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Its text is not three lines.
    #[error("a checkpoint is three lines: the origin of the log, its size, and its root in base64")]
    Lines,
}

/// What a key has said of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vouched {
    /// It is the head of the log.
    Signed,
    /// It was the largest head that the key had seen of the log at this moment, in seconds since 1970.
    At(u64),
}

impl Checkpoint {
    /// The three lines that are signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Reads the three lines.
    ///
    /// # Errors
    /// When they are others, or more: no log of Docket has extension lines, which not every signature covers.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let (origin, size, root) = match (lines.next(), lines.next(), lines.next(), lines.next()) {
            (Some(origin), Some(size), Some(root), None) => (origin, size, root),
            (_, _, _, _) => return Err(CheckpointError::Lines),
        };
        Ok(Self {
            origin: KeyName::parse(origin).ok_or(CheckpointError::Lines)?,
            size: number::parse(size).ok_or(CheckpointError::Lines)?,
            root: Hash::parse(root).ok_or(CheckpointError::Lines)?,
        })
    }
}

impl SignedCheckpoint {
    /// A checkpoint that nobody has signed.
    ///
    /// # Errors
    /// Never for a checkpoint that was made through its types.
    pub fn new(checkpoint: Checkpoint) -> Result<Self, CheckpointError> {
        let note = Note::new(checkpoint.text())?;
        Ok(Self { checkpoint, note })
    }

    /// Reads a signed checkpoint.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// What it says.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Its signatures, also those by keys that nobody knows.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        self.note.signatures()
    }

    /// Signs it. `at` is the moment of a cosignature, in seconds since 1970, which a signature of the log itself does not
    /// have.
    pub fn sign(&mut self, key: &SigningKey, at: u64) {
        self.note.add(cosignature::sign(key, &self.checkpoint, at));
    }

    /// Adds a signature that another has made.
    pub fn add(&mut self, signature: Signature) {
        self.note.add(signature);
    }

    /// What this key has said of it, of several moments the last; nothing, if it has not signed.
    ///
    /// # Errors
    /// When a signature that is said to be its own is false: the whole note is not to be trusted then.
    pub fn vouched_by(&self, key: &VerifierKey) -> Result<Option<Vouched>, NoteError> {
        let is_false = || NoteError::False(key.name().clone());
        let mut last = None;
        for signature in self.note.signatures_of(key) {
            last = last.max(Some(self.verified(key, &signature.bytes).ok_or_else(is_false)?));
        }
        Ok(last)
    }

    fn verified(&self, key: &VerifierKey, signature: &[u8]) -> Option<Vouched> {
        match key.algorithm() {
            Algorithm::Ed25519 => key.verifies(self.note.text().as_bytes(), signature).then_some(Vouched::Signed),
            Algorithm::Ed25519Cosignature | Algorithm::MlDsa44 => {
                cosignature::verify(key, &self.checkpoint, signature).map(Vouched::At)
            }
        }
    }
}

impl std::fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.note, f)
    }
}
