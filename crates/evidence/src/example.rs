//! Keys and heads of logs for tests.

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::hash::Hash;
use crate::note::{Algorithm, KeyName, SigningKey};

/// The moment of cosignatures, in seconds since 1970.
pub(crate) const AT: u64 = 1_796_000_000;

pub(crate) fn name(text: &str) -> KeyName {
    KeyName::parse(text).unwrap_or_else(|| panic!("`{text}` is a name"))
}

pub(crate) fn key(text: &str, algorithm: Algorithm, seed: u8) -> SigningKey {
    SigningKey::new(name(text), algorithm, &[seed; 32])
}

/// The key of the log.
pub(crate) fn log() -> SigningKey {
    key("docket.example/log", Algorithm::Ed25519, 1)
}

/// A head of the log.
pub(crate) fn head(size: u64, root: Hash) -> Checkpoint {
    Checkpoint { origin: log().verifier().name().clone(), size, root }
}

pub(crate) fn signed(head: Checkpoint, by: &[SigningKey]) -> SignedCheckpoint {
    let mut signed = SignedCheckpoint::new(head).unwrap_or_else(|error| panic!("{error}"));
    by.iter().for_each(|key| signed.sign(key, AT));
    signed
}
