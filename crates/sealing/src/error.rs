//! How the sealer fails.

use docket_eventlog::ReadError;
use docket_jetstream::NatsError;
use docket_messages::Position;

/// Why the sealer signs nothing more.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The log ends before what was sealed.
    #[error(
        "the log ends at position {head}, and was sealed up to {sealed}: entries are gone. Nothing more is signed. If the log was \
         put back from a backup, do it by `docket restore`, which makes it a log of its own"
    )]
    Truncated {
        /// Where it ends.
        head: Position,
        /// Up to where it was sealed.
        sealed: Position,
    },
    /// A witness has seen more of the log than there is.
    #[error(
        "the witness at {url} has seen {seen} entries of the log, and there are {head}: entries are gone, and the seals with \
         them. Nothing more is signed"
    )]
    Witnessed {
        /// Where it is.
        url: String,
        /// How many it has seen.
        seen: Position,
        /// Where the log ends.
        head: Position,
    },
    /// A witness has seen another history.
    #[error(
        "the witness at {url} has seen another history of the first {seen} entries of the log. Nothing more is signed"
    )]
    Inconsistent {
        /// Where it is.
        url: String,
        /// How many it has seen.
        seen: Position,
    },
    /// The sealer has found something.
    #[error("the sealer has found that {0}")]
    Found(String),
    /// The sealer had found something, and not all who may know why answer.
    #[error("nothing is signed until all witnesses and Postgres answer, since {0}")]
    Unseen(Box<SealingError>),
    /// A witness cannot be asked from here at all.
    #[error(transparent)]
    Witness(#[from] docket_witness::ClientError),
    /// The log is not what was sealed.
    #[error(
        "the log up to position {sealed} is not the one that was sealed{}. Nothing more is signed",
        first.map_or_else(String::new, |first| format!(": the first entry that differs is at position {first}"))
    )]
    Forked {
        /// Up to where it was sealed.
        sealed: Position,
        /// The first entry that differs, if the hashes of the sealed one are still there.
        first: Option<Position>,
    },
    /// An entry is missing.
    #[error("the log has no entry at position {0}, and others behind it: it was taken out. Nothing more is signed")]
    Gap(Position),
    /// The key is of another log.
    #[error(
        "the key is of `{key}`, and this log is `{wanted}`: make one by `docket evidence keygen --name <your name>/{wanted} --out DIR`"
    )]
    OtherLog {
        /// The name of the key.
        key: String,
        /// What it has to end with.
        wanted: String,
    },
    /// A seal is none.
    #[error("seal number {number} is no checkpoint: {cause}")]
    NoSeal {
        /// Which one.
        number: u64,
        /// Why.
        cause: String,
    },
    /// The last seal is of this log and was not signed by this key.
    #[error("seal number {number} cannot be verified with the key of this sealer: {cause}. Nothing more is signed")]
    Unverified {
        /// Which one.
        number: u64,
        /// Why.
        cause: String,
    },
    /// Another sealer is at work.
    #[error("another sealer has written a seal after number {0}; one at a time may work")]
    Followed(u64),
    /// An entry cannot be a leaf of the tree.
    #[error("the entry at position {position} cannot be sealed: {cause}")]
    Leaf {
        /// Where.
        position: Position,
        /// Why.
        cause: docket_evidence::leaf::LeafError,
    },
    /// The hashes cannot be kept.
    #[error("could not {doing} {}", path.display())]
    File {
        /// What we were doing.
        doing: &'static str,
        /// With what.
        path: std::path::PathBuf,
        /// What happened.
        #[source]
        source: std::io::Error,
    },
    /// The hashes that were kept are not those of the log, which is the one that was sealed.
    #[error("the hashes that were kept are not those of the log; they are made anew")]
    SpoiltHashes,
    /// The log cannot be read.
    #[error("could not follow the log to seal it")]
    Log(#[from] ReadError),
    /// NATS cannot be used.
    #[error(transparent)]
    Nats(#[from] NatsError),
}

impl SealingError {
    /// Whether something is wrong with the log, or with the key or the seals of it: waiting does not help.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        let is_of_the_rest =
            matches!(self, Self::OtherLog { .. } | Self::NoSeal { .. } | Self::Unverified { .. } | Self::Leaf { .. });
        is_of_the_rest || self.is_of_the_log()
    }

    /// Whether it is the log with which something is wrong, and not the sealer's own key, seals or files.
    #[must_use]
    pub fn is_of_the_log(&self) -> bool {
        match self {
            Self::Truncated { .. }
            | Self::Witnessed { .. }
            | Self::Inconsistent { .. }
            | Self::Forked { .. }
            | Self::Gap(_)
            | Self::Found(_) => true,
            Self::OtherLog { .. }
            | Self::NoSeal { .. }
            | Self::Unverified { .. }
            | Self::Leaf { .. }
            | Self::Followed(_)
            | Self::Unseen(_)
            | Self::File { .. }
            | Self::SpoiltHashes
            | Self::Log(_)
            | Self::Nats(_)
            | Self::Witness(_) => false,
        }
    }

    pub(crate) fn file(doing: &'static str, path: &std::path::Path) -> impl Fn(std::io::Error) -> Self {
        move |source| Self::File { doing, path: path.to_owned(), source }
    }
}
