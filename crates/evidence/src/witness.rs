//! What a log asks of a witness, and what it answers (c2sp.org/tlog-witness), without the network between them.

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::cosignature::sign_subtree;
use crate::hash::Hash;
use crate::note::{KeyName, Signature, SigningKey, VerifierKey};
use crate::number;
use crate::proof::write_end;
use crate::tree::{Subtree, verify};

#[cfg(test)]
mod tests;

/// How many hashes a proof may have.
const PROOF_LIMIT: usize = 63;
/// What a request may have in bytes.
pub const BYTES_LIMIT: usize = 2 * crate::note::BYTES_LIMIT;

/// `add-checkpoint`: sign this head, which follows from the one that you saw last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// How large the log was that the witness signed last; 0, if it knows none.
    pub old: u64,
    /// That it is the beginning of this one.
    pub proof: Vec<Hash>,
    /// The head.
    pub checkpoint: SignedCheckpoint,
}

/// `sign-subtree`: sign this part of a log whose head you have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignSubtree {
    /// Which leaves.
    pub subtree: Subtree,
    /// The root over them.
    pub hash: Hash,
    /// That they are part of the log.
    pub proof: Vec<Hash>,
    /// The head of the log, with the witness's own signature.
    pub checkpoint: SignedCheckpoint,
}

/// Why a witness does not sign; each is a status of HTTP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request cannot be read, or contradicts itself (400).
    #[error("the request is wrong: {0}")]
    BadRequest(&'static str),
    /// No key of the log has signed the head, or a signature is false (403).
    #[error("the head has no true signature by a key that this witness trusts for its log")]
    Forbidden,
    /// The witness does not know the log (404).
    #[error("this witness does not know the log `{0}`")]
    UnknownLog(KeyName),
    /// The witness saw another head last (409).
    #[error("this witness has last seen a head of {size} entries")]
    Conflict {
        /// How large the log was.
        size: u64,
    },
    /// The head does not follow from the last one (422).
    #[error("the proof does not show that the log has only grown")]
    Unprocessable,
}

impl Refusal {
    /// The status of HTTP.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest(_) => 400,
            Self::Forbidden => 403,
            Self::UnknownLog(_) => 404,
            Self::Conflict { .. } => 409,
            Self::Unprocessable => 422,
        }
    }
}

impl AddCheckpoint {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let (head, checkpoint) = parts(bytes)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).and_then(number::parse);
        let old = old.ok_or(Refusal::BadRequest("it does not begin with `old` and a number"))?;
        Ok(Self { old, proof: proof(lines)?, checkpoint })
    }

    /// Whether to sign. `keys` are those that the witness trusts for this log, `last` the head that it signed last. Who signs
    /// must have written down the new head before, and between reading `last` and that nobody else may write.
    ///
    /// # Errors
    /// When not, and why.
    pub fn check(&self, keys: &[VerifierKey], last: Option<&Checkpoint>) -> Result<(), Refusal> {
        let head = self.checkpoint.checkpoint();
        if keys.is_empty() {
            return Err(Refusal::UnknownLog(head.origin.clone()));
        }
        if !is_signed(&self.checkpoint, keys) {
            return Err(Refusal::Forbidden);
        }
        if self.old > head.size {
            return Err(Refusal::BadRequest("the old size is larger than that of the head"));
        }
        let size = last.map_or(0, |last| last.size);
        if self.old != size {
            return Err(Refusal::Conflict { size });
        }
        if self.follows(last) { Ok(()) } else { Err(Refusal::Unprocessable) }
    }

    fn follows(&self, last: Option<&Checkpoint>) -> bool {
        let head = self.checkpoint.checkpoint();
        let is_plausible = head.size > 0 || head.root == Hash::of_no_leaf();
        let follows = match (last, Subtree::new(0, self.old)) {
            (Some(last), Some(old)) => verify(old, last.root, head.size, head.root, &self.proof).is_ok(),
            // Every log begins with none.
            (_, _) => self.proof.is_empty(),
        };
        is_plausible && follows
    }
}

impl std::fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "old {}", self.old)?;
        write_end(f, &self.proof, &self.checkpoint)
    }
}

impl SignSubtree {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let (head, checkpoint) = parts(bytes)?;
        let mut lines = head.split('\n');
        let range = lines.next().and_then(|line| line.strip_prefix("subtree ")?.split_once(' '));
        let range = range.and_then(|(start, end)| Some((number::parse(start)?, number::parse(end)?)));
        let (start, end) = range.ok_or(Refusal::BadRequest("it does not begin with `subtree` and two numbers"))?;
        let subtree = Subtree::new(start, end).ok_or(Refusal::BadRequest("these leaves are no subtree"))?;
        if end > checkpoint.checkpoint().size {
            return Err(Refusal::BadRequest("the log does not have all of these leaves"));
        }
        let hash = lines.next().and_then(Hash::parse).ok_or(Refusal::BadRequest("the second line is no hash"))?;
        Ok(Self { subtree, hash, proof: proof(lines)?, checkpoint })
    }

    /// Signs, if the part belongs to a head that this key, or another one of the witness's `own`, has signed. `is_known` says
    /// whether the witness knows the log.
    ///
    /// # Errors
    /// When not, and why.
    pub fn sign(&self, is_known: bool, own: &[VerifierKey], key: &SigningKey) -> Result<Signature, Refusal> {
        let head = self.checkpoint.checkpoint();
        if !is_known {
            return Err(Refusal::UnknownLog(head.origin.clone()));
        }
        if !is_signed(&self.checkpoint, own) {
            return Err(Refusal::Forbidden);
        }
        verify(self.subtree, self.hash, head.size, head.root, &self.proof).map_err(|_| Refusal::Unprocessable)?;
        let signature = sign_subtree(key, &head.origin, self.subtree, &self.hash);
        signature.ok_or(Refusal::BadRequest("this witness has no key that signs parts of logs"))
    }
}

impl std::fmt::Display for SignSubtree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "subtree {} {}\n{}", self.subtree.start(), self.subtree.end(), self.hash)?;
        write_end(f, &self.proof, &self.checkpoint)
    }
}

/// Whether one of these keys has signed, and none is said to have that has not.
fn is_signed(checkpoint: &SignedCheckpoint, keys: &[VerifierKey]) -> bool {
    let vouched: Result<Vec<_>, _> = keys.iter().map(|key| checkpoint.vouched_by(key)).collect();
    vouched.is_ok_and(|vouched| vouched.iter().any(Option::is_some))
}

/// The lines before the first blank one, and the checkpoint after it.
fn parts(bytes: &[u8]) -> Result<(&str, SignedCheckpoint), Refusal> {
    if bytes.len() > BYTES_LIMIT {
        return Err(Refusal::BadRequest("it is too long"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::BadRequest("it is not UTF-8"))?;
    let (head, checkpoint) = text.split_once("\n\n").ok_or(Refusal::BadRequest("it has no blank line"))?;
    let checkpoint = SignedCheckpoint::parse(checkpoint.as_bytes());
    Ok((head, checkpoint.map_err(|_| Refusal::BadRequest("what follows the blank line is no checkpoint"))?))
}

fn proof<'a>(lines: impl Iterator<Item = &'a str>) -> Result<Vec<Hash>, Refusal> {
    let proof: Option<Vec<Hash>> = lines.map(Hash::parse).take(PROOF_LIMIT + 1).collect();
    let proof = proof.ok_or(Refusal::BadRequest("a line of the proof is no hash"))?;
    if proof.len() > PROOF_LIMIT { Err(Refusal::BadRequest("the proof is longer than 63 lines")) } else { Ok(proof) }
}
