//! How a log fails.

/// The cause beneath an error of the log.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why an append did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The expectation does not hold: another writer appended first. Decide again.
    #[error("another writer appended first")]
    Conflict,
    /// The acknowledgement was lost: the entry may be in the log or not. Look before trying again.
    #[error("the log did not confirm whether it stored the entry")]
    Unknown {
        /// What happened.
        #[source]
        source: Source,
    },
    /// The entry was certainly not appended.
    #[error("the log cannot accept entries")]
    Unavailable {
        /// What happened.
        #[source]
        source: Source,
    },
}

/// Why the log could not be read.
#[derive(Debug, thiserror::Error)]
#[error("could not {doing}")]
pub struct ReadError {
    /// What we were doing, and to what.
    pub doing: String,
    /// What happened.
    #[source]
    pub source: Source,
}

impl ReadError {
    /// An error while doing something.
    pub fn new(doing: impl Into<String>, source: impl Into<Source>) -> Self {
        Self { doing: doing.into(), source: source.into() }
    }
}
