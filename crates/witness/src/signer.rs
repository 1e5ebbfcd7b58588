//! When a witness signs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::note::{Algorithm, Signature, SigningKey, VerifierKey};
use docket_evidence::witness::{AddCheckpoint, Refusal, SignSubtree};

use crate::heads::{Heads, HeadsError};
use crate::logs::Logs;

/// Why a witness has not signed.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// It refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It cannot.
    #[error(transparent)]
    Heads(#[from] HeadsError),
    /// It has no key for that.
    #[error("a key of this witness signs no heads of others' logs")]
    Key,
}

/// A witness.
pub struct Witness {
    keys: Vec<SigningKey>,
    own: Vec<VerifierKey>,
    logs: Logs,
    /// Who holds it may compare a head with the one that was looked at and put another in its place; nobody else meanwhile.
    heads: Mutex<Heads>,
}

impl Witness {
    /// A witness with these keys, which knows these logs, and keeps heads in a folder.
    ///
    /// # Errors
    /// When the folder cannot be used, or a key is of another kind.
    pub fn open(keys: Vec<SigningKey>, logs: Logs, folder: &std::path::Path) -> Result<Self, WitnessError> {
        let own: Vec<VerifierKey> = keys.iter().map(|key| key.verifier().clone()).collect();
        if own.is_empty() || own.iter().any(|key| key.algorithm() == Algorithm::Ed25519) {
            return Err(WitnessError::Key);
        }
        Ok(Self { keys, own, logs, heads: Mutex::new(Heads::open(folder)?) })
    }

    /// What it signs with.
    #[must_use]
    pub fn verifiers(&self) -> &[VerifierKey] {
        &self.own
    }

    /// Signs a head that follows from the last one. `at` is in seconds since 1970. When this returns, the head is on disk.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn add_checkpoint(&self, request: &AddCheckpoint, at: u64) -> Result<Vec<Signature>, WitnessError> {
        let head = request.checkpoint.checkpoint();
        let logs = self.logs.keys_of(&head.origin);
        // Signatures are verified and made while others may ask: only what is on disk is one's own meanwhile.
        let last = self.heads().last(&head.origin)?;
        request.check(&logs, last.as_ref().map(SignedCheckpoint::checkpoint))?;
        let mut signed = SignedCheckpoint::new(head.clone()).map_err(|_| Refusal::BadRequest("the head is none"))?;
        // Of the log's own signatures; what others have signed is theirs to say.
        // One of each key, or what is kept could become longer than a note may be.
        for key in &logs {
            let is_by_key = |signature: &&Signature| signature.name == *key.name() && signature.id == key.id();
            let by_key = request.checkpoint.signatures().iter().find(is_by_key);
            by_key.into_iter().for_each(|signature| signed.add(signature.clone()));
        }
        let before = signed.signatures().len();
        self.keys.iter().for_each(|key| signed.sign(key, at));
        let heads = self.heads();
        let now = heads.last(&head.origin)?;
        if now != last {
            let size = now.map_or(0, |now| now.checkpoint().size);
            return Err(Refusal::Conflict { size }.into());
        }
        heads.put(&signed)?;
        Ok(signed.signatures().get(before..).unwrap_or_default().to_vec())
    }

    /// The heads, for nobody else meanwhile.
    fn heads(&self) -> MutexGuard<'_, Heads> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Signs a part of a log whose head it has signed.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn sign_subtree(&self, request: &SignSubtree) -> Result<Vec<Signature>, WitnessError> {
        let is_known = !self.logs.keys_of(&request.checkpoint.checkpoint().origin).is_empty();
        let able = self.keys.iter().find(|key| key.verifier().algorithm() == Algorithm::MlDsa44);
        let key = able.or(self.keys.first()).ok_or(WitnessError::Key)?;
        Ok(vec![request.sign(is_known, &self.own, key)?])
    }

    /// The newest head that it has signed of a log, by the hash of its origin.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn latest(&self, hash: &str) -> Result<Option<SignedCheckpoint>, WitnessError> {
        let is_hash = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_hash { Ok(self.heads().of_hash(hash)?) } else { Ok(None) }
    }
}
