//! The tree over the log, as it is read.

use std::time::Duration;

use docket_eventlog::EventLog as _;
use docket_evidence::hash::Hash;
use docket_evidence::leaf::{Leaf, Message};
use docket_evidence::note::KeyName;
use docket_evidence::tree::{Frontier, Rows as _};
use docket_jetstream::{JetStreamLog, StoredMessage};
use docket_messages::{Digest, Position};

use crate::{Hashes, SealingError};

/// So many hashes that are known are read at once; a divisor of what [`Hashes`] reads of one tile.
const KNOWN: u64 = 256;

/// The tree over the log from its first entry on.
pub(crate) struct Tree {
    frontier: Frontier,
    hashes: Hashes,
    /// Leaves as they were when they were sealed, from the one at `known_from` on.
    known: Vec<Hash>,
    known_from: u64,
    /// The first entry that is not as it was.
    differs: Option<Position>,
    /// The leaf that was added last.
    last: Option<Hash>,
}

impl Tree {
    /// Begins at the first entry. The hashes of what was sealed are compared, if they are there.
    pub(crate) fn new(hashes: Hashes) -> Self {
        Self { frontier: Frontier::default(), hashes, known: Vec::new(), known_from: 0, differs: None, last: None }
    }

    pub(crate) fn size(&self) -> u64 {
        self.frontier.size()
    }

    pub(crate) fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// The first entry that is not as it was when it was sealed.
    pub(crate) fn differs(&self) -> Option<Position> {
        self.differs
    }

    pub(crate) fn hashes(&mut self) -> &mut Hashes {
        &mut self.hashes
    }

    /// Adds the next entry.
    pub(crate) fn add(&mut self, message: &StoredMessage) -> Result<(), SealingError> {
        let index = self.frontier.size();
        if message.position.get() != index + 1 {
            return Err(SealingError::Gap(Position(index + 1)));
        }
        let leaf = leaf_of(message)?.hash();
        self.last = Some(leaf);
        if self.differs.is_none() && self.known(index)?.is_some_and(|known| known != leaf) {
            self.differs = Some(message.position);
        }
        let (hashes, differs) = (&mut self.hashes, self.differs.is_some());
        let mut noted = Ok(());
        self.frontier.append(leaf, |level, index, hash| {
            if !differs && noted.is_ok() {
                noted = hashes.note(level, index, &hash);
            }
        });
        noted
    }

    /// The entry that was added last, if there is one.
    pub(crate) fn last(&self) -> Option<Added> {
        self.last.map(|leaf| Added { position: Position(self.size()), leaf })
    }

    /// What follows the tree in a page that begins with the entry that was added last.
    pub(crate) fn behind<'m>(&self, page: &'m [StoredMessage]) -> Result<&'m [StoredMessage], SealingError> {
        match (self.last(), page.split_first()) {
            (Some(last), Some((first, _))) if first.position > last.position => Err(SealingError::Gap(last.position)),
            (Some(last), Some((first, rest))) => last.is_still(first).map(|()| rest),
            (_, _) => Ok(page),
        }
    }

    /// The hash of a leaf as it was when it was sealed.
    fn known(&mut self, index: u64) -> Result<Option<Hash>, SealingError> {
        let leaves = self.hashes.leaves();
        if index >= leaves {
            return Ok(None);
        }
        if index.is_multiple_of(KNOWN) {
            (self.known_from, self.known) = (index, self.hashes.row(0, index, KNOWN.min(leaves - index))?);
        }
        let place = usize::try_from(index - self.known_from).unwrap_or(usize::MAX);
        Ok(self.known.get(place).copied())
    }
}

/// An entry that was added.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Added {
    pub position: Position,
    leaf: Hash,
}

impl Added {
    /// Checks that it is what stands there now: a log that was cut and has grown again has another entry there.
    pub(crate) fn is_still(&self, again: &StoredMessage) -> Result<(), SealingError> {
        let position = self.position;
        if leaf_of(again)?.hash() == self.leaf {
            Ok(())
        } else {
            Err(SealingError::Forked { sealed: position, first: Some(position) })
        }
    }
}

/// The leaf of an entry.
///
/// # Errors
/// [`SealingError::Leaf`] when it does not fit; NATS allows none that do not.
pub fn leaf_of(message: &StoredMessage) -> Result<Leaf, SealingError> {
    let headers = message.headers();
    let leaf = Leaf::of(&Message {
        sequence: message.position.get(),
        time: message.nanos,
        subject: &message.subject,
        headers: &headers,
        payload: &message.payload,
    });
    leaf.map_err(|cause| SealingError::Leaf { position: message.position, cause })
}

/// The leaf of the entry at a position, if there is one.
///
/// # Errors
/// [`SealingError`].
pub async fn leaf_at(log: &JetStreamLog, position: Position) -> Result<Option<Leaf>, SealingError> {
    log.stored_at(position).await?.as_ref().map(leaf_of).transpose()
}

/// The hashes of the first entries of a log, read anew into a folder. Tells how many were read.
///
/// # Errors
/// [`SealingError`].
pub async fn read_hashes(
    log: &JetStreamLog,
    folder: &std::path::Path,
    size: u64,
    tell: &mut (dyn FnMut(u64) + Send),
) -> Result<Hashes, SealingError> {
    let mut tree = Tree::new(Hashes::open(folder)?);
    while tree.size() < size {
        let (messages, is_all) = log.page_stored(Position(tree.size())).await?;
        for message in messages.iter().take_while(|message| message.position.get() <= size) {
            tree.add(message)?;
        }
        tell(tree.size());
        if is_all && tree.size() < size {
            return Err(SealingError::Truncated { head: Position(tree.size()), sealed: Position(size) });
        }
    }
    Ok(tree.hashes)
}

/// So many characters of an incarnation tell logs apart.
const SHORT: usize = 12;

/// How often an empty log is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// The word that tells this log from all others, once it has an entry.
///
/// # Errors
/// [`SealingError::Log`].
pub async fn incarnation_once_begun(log: &JetStreamLog) -> Result<String, SealingError> {
    loop {
        match incarnation(log).await? {
            Some(word) => return Ok(word),
            None => tokio::time::sleep(LOOK).await,
        }
    }
}

/// Whether the name of a log, or of its key, is that of the log with this word.
pub(crate) fn is_of(origin: &KeyName, word: &str) -> bool {
    origin.as_str().rsplit_once('/').is_some_and(|(_, last)| last == word)
}

/// Which log this is, in a word that no other log has: the end of what its stream says of a log that was put back, or else
/// of the digest of its first entry, which holds a random salt. None before there is one.
///
/// # Errors
/// [`SealingError::Log`].
pub async fn incarnation(log: &JetStreamLog) -> Result<Option<String>, SealingError> {
    let told = match log.incarnation().await? {
        Some(told) => Some(told),
        None => log.entry_at(Position(1)).await?.map(|first| Digest::of(&[&first.payload]).to_string()),
    };
    let plain = |told: String| -> String { told.chars().filter(char::is_ascii_alphanumeric).collect() };
    // Ids that begin with the time end with what is random.
    Ok(told.map(plain).map(|told| told[told.len().saturating_sub(SHORT)..].to_lowercase()))
}
