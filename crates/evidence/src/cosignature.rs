//! Cosignatures (c2sp.org/tlog-cosignature): a key has seen this head of a log at a moment, and no other history of it.

use crate::checkpoint::Checkpoint;
use crate::hash::Hash;
use crate::note::{Algorithm, KeyName, Signature, SigningKey, VerifierKey};
use crate::tree::Subtree;

/// Signs a head. `at` is in seconds since 1970.
pub(crate) fn sign(key: &SigningKey, checkpoint: &Checkpoint, at: u64) -> Signature {
    let verifier = key.verifier();
    let bytes = match verifier.algorithm() {
        Algorithm::Ed25519 => key.sign(checkpoint.text().as_bytes()),
        Algorithm::Ed25519Cosignature => stamped(at, &key.sign(&timed(checkpoint, at))),
        Algorithm::MlDsa44 => stamped(at, &key.sign(&whole(verifier.name(), checkpoint, at))),
    };
    Signature { name: verifier.name().clone(), id: verifier.id(), bytes }
}

/// The moment at which the key has signed the head, in seconds since 1970, if it has.
pub(crate) fn verify(key: &VerifierKey, checkpoint: &Checkpoint, signature: &[u8]) -> Option<u64> {
    let (at, signature) = signature.split_first_chunk::<8>()?;
    let at = u64::from_be_bytes(*at);
    i64::try_from(at).ok()?;
    let message = match key.algorithm() {
        Algorithm::Ed25519 => return None,
        Algorithm::Ed25519Cosignature => timed(checkpoint, at),
        // A signature without a moment does not say that this was the largest head.
        Algorithm::MlDsa44 if at == 0 => return None,
        Algorithm::MlDsa44 => whole(key.name(), checkpoint, at),
    };
    key.verifies(&message, signature).then_some(at)
}

/// Signs a part of a log. Nothing, if the key is of a kind that signs whole logs only.
#[must_use]
pub fn sign_subtree(key: &SigningKey, origin: &KeyName, subtree: Subtree, hash: &Hash) -> Option<Signature> {
    let verifier = key.verifier();
    (verifier.algorithm() == Algorithm::MlDsa44).then(|| {
        let message = message(verifier.name(), 0, origin, (subtree.start(), subtree.end()), hash);
        let bytes = stamped(0, &key.sign(&message));
        Signature { name: verifier.name().clone(), id: verifier.id(), bytes }
    })
}

/// Whether the key has signed this part of the log.
#[must_use]
pub fn verifies_subtree(
    key: &VerifierKey,
    origin: &KeyName,
    subtree: Subtree,
    hash: &Hash,
    signature: &Signature,
) -> bool {
    let is_own = signature.name == *key.name() && signature.id == key.id() && key.algorithm() == Algorithm::MlDsa44;
    let Some((at, bytes)) = signature.bytes.split_first_chunk::<8>() else { return false };
    let message = message(key.name(), 0, origin, (subtree.start(), subtree.end()), hash);
    is_own && *at == [0; 8] && key.verifies(&message, bytes)
}

fn stamped(at: u64, signature: &[u8]) -> Vec<u8> {
    [at.to_be_bytes().as_slice(), signature].concat()
}

/// What is signed with Ed25519.
fn timed(checkpoint: &Checkpoint, at: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {at}\n{}", checkpoint.text()).into_bytes()
}

/// What is signed with ML-DSA-44 of a whole log.
fn whole(signer: &KeyName, checkpoint: &Checkpoint, at: u64) -> Vec<u8> {
    message(signer, at, &checkpoint.origin, (0, checkpoint.size), &checkpoint.root)
}

/// What is signed with ML-DSA-44.
fn message(signer: &KeyName, at: u64, origin: &KeyName, (start, end): (u64, u64), hash: &Hash) -> Vec<u8> {
    let mut message = b"subtree/v1\n\0".to_vec();
    put_short(&mut message, signer);
    message.extend(at.to_be_bytes());
    put_short(&mut message, origin);
    message.extend(start.to_be_bytes());
    message.extend(end.to_be_bytes());
    message.extend(hash.0);
    message
}

/// A name with its length before it, in one byte, for which names are short enough.
fn put_short(message: &mut Vec<u8>, name: &KeyName) {
    message.extend(u8::try_from(name.as_str().len()));
    message.extend(name.as_str().as_bytes());
}
