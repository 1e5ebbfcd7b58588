//! What the tree has of a message of the log: 112 bytes that bind its sequence, time, subject, headers and payload.
//!
//! Subject, headers and payload are bound by their hashes, so one entry can be disclosed without the others.

use sha2::{Digest as _, Sha256};

use crate::hash::Hash;

#[cfg(test)]
mod tests;

const TAG: &[u8; 16] = b"docket.leaf/v1\0\0";
const META_TAG: &[u8; 16] = b"docket.meta/v1\0\0";

/// A leaf of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// The sequence of the message in its stream, from 1; the index of the leaf is one less.
    pub sequence: u64,
    /// When the server took it in, in nanoseconds since 1970.
    pub time: i64,
    /// The hash of its subject and headers.
    pub meta: [u8; 32],
    /// The SHA-256 of its payload.
    pub payload: [u8; 32],
    /// The length of its payload in bytes.
    pub length: u64,
}

/// A message of the log, as it stands in the stream.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Its sequence, from 1.
    pub sequence: u64,
    /// When the server took it in, in nanoseconds since 1970.
    pub time: i64,
    /// Its subject.
    pub subject: &'a str,
    /// Names and values of its headers as they are stored, without those that reading adds; in any order, but those of one
    /// name in theirs.
    pub headers: &'a [(&'a str, &'a str)],
    /// Its bytes.
    pub payload: &'a [u8],
}

/// Why a message cannot be a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// A length does not fit the field that it is written in.
    #[error("the {0} of a message is too long to be hashed")]
    TooLong(&'static str),
    /// The bytes are none that this version writes.
    #[error("these are not the 112 bytes of a leaf of version 1")]
    NotALeaf,
}

impl Leaf {
    /// The length of a leaf in bytes.
    pub const LENGTH: usize = 112;

    /// The leaf of a message.
    ///
    /// # Errors
    /// When its subject, a header or their number does not fit; NATS allows none that do not.
    pub fn of(message: &Message<'_>) -> Result<Self, LeafError> {
        Ok(Self {
            sequence: message.sequence,
            time: message.time,
            meta: Self::meta(message.subject, message.headers)?,
            payload: Sha256::digest(message.payload).into(),
            length: u64::try_from(message.payload.len()).map_err(|_| LeafError::TooLong("payload"))?,
        })
    }

    /// The hash of a subject and headers: what a leaf has of them.
    ///
    /// # Errors
    /// When they do not fit.
    pub fn meta(subject: &str, headers: &[(&str, &str)]) -> Result<[u8; 32], LeafError> {
        meta(subject, headers)
    }

    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let parts: [&[u8]; 6] = [
            TAG,
            &self.sequence.to_be_bytes(),
            &self.time.to_be_bytes(),
            &self.meta,
            &self.payload,
            &self.length.to_be_bytes(),
            // Eight more bytes are for flags, of which there are none.
        ];
        for (byte, from) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
            *byte = *from;
        }
        bytes
    }

    /// Reads its bytes.
    ///
    /// # Errors
    /// When they have another length, another tag, or flags.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        let mut rest = bytes;
        let tag: [u8; 16] = take(&mut rest)?;
        let leaf = Self {
            sequence: u64::from_be_bytes(take(&mut rest)?),
            time: i64::from_be_bytes(take(&mut rest)?),
            meta: take(&mut rest)?,
            payload: take(&mut rest)?,
            length: u64::from_be_bytes(take(&mut rest)?),
        };
        let flags: [u8; 8] = take(&mut rest)?;
        if tag != *TAG || flags != [0; 8] || !rest.is_empty() {
            return Err(LeafError::NotALeaf);
        }
        Ok(leaf)
    }

    /// Its hash in the tree.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of_leaf(&self.to_bytes())
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], LeafError> {
    let (head, tail) = rest.split_first_chunk::<N>().ok_or(LeafError::NotALeaf)?;
    *rest = tail;
    Ok(*head)
}

/// The hash of a subject and headers. Headers are sorted by name; those of one name stay in their order.
fn meta(subject: &str, headers: &[(&str, &str)]) -> Result<[u8; 32], LeafError> {
    let mut sorted: Vec<&(&str, &str)> = headers.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let mut hasher = Sha256::new_with_prefix(META_TAG);
    hasher.update(short(subject.len(), "subject")?);
    hasher.update(subject);
    hasher.update(short(sorted.len(), "list of headers")?);
    for (name, value) in sorted {
        hasher.update(short(name.len(), "name of a header")?);
        hasher.update(name);
        let length = u32::try_from(value.len()).map_err(|_| LeafError::TooLong("value of a header"))?;
        hasher.update(length.to_be_bytes());
        hasher.update(value);
    }
    Ok(hasher.finalize().into())
}

fn short(length: usize, of: &'static str) -> Result<[u8; 2], LeafError> {
    u16::try_from(length).map(u16::to_be_bytes).map_err(|_| LeafError::TooLong(of))
}
