//! The chain of a subject: each entry holds the digest of the one before it, and its versions have no gap.

use docket_messages::{Digest, Entry, EntryEvent, Position, Version};

use crate::Recorded;

/// The end of a subject's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tail {
    /// Where the last entry is.
    pub position: Position,
    /// The digest of its bytes.
    pub digest: Digest,
    /// The version that it has brought the aggregate to.
    pub version: Version,
}

/// Something that a log must not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("position {position}: {message}")]
pub struct Flaw {
    /// Where.
    pub position: Position,
    /// What.
    pub message: String,
}

impl Tail {
    /// The end of a chain after an entry of these bytes.
    #[must_use]
    pub fn of(position: Position, payload: &[u8], version: Version) -> Self {
        Self { position, digest: Digest::of(&[payload]), version }
    }
}

/// Reads the entry that follows on the end of its subject's chain: it is one of its subject, holds the digest of the
/// entry before it, and brings its aggregate from that one's version on by as many as it has events. Returns it with
/// the new end.
///
/// # Errors
/// The first [`Flaw`].
pub fn follow<E: EntryEvent>(recorded: &Recorded, tail: Option<Tail>) -> Result<(Entry<E>, Tail), Flaw> {
    let flaw = |message: String| Flaw { position: recorded.position, message };
    let subject = recorded.subject.as_ref().map_err(|unknown| flaw(unknown.to_string()))?;
    let entry = Entry::<E>::decode(&recorded.payload).map_err(|error| flaw(error.to_string()))?;
    if entry.kind != subject.kind() || entry.of != subject.id() {
        return Err(flaw(format!("an entry of {}.{} on the subject {subject}", entry.kind.as_str(), entry.of)));
    }
    if entry.prev != tail.map(|tail| tail.digest) {
        return Err(flaw(format!("the chain of {subject} is broken")));
    }
    let before = tail.map_or(Version(0), |tail| tail.version);
    let events = u32::try_from(entry.events.len()).unwrap_or(u32::MAX);
    if entry.version.get() != before.get().saturating_add(events) {
        let version = entry.version;
        return Err(flaw(format!("{subject} goes from version {before} to {version} by {events} events")));
    }
    let tail = Tail::of(recorded.position, &recorded.payload, entry.version);
    Ok((entry, tail))
}
