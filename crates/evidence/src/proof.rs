//! Proofs of one entry (c2sp.org/tlog-proof): a file by which somebody offline sees that it is in the log.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::hash::Hash;
use crate::number;
use crate::tree::{ProofError, Subtree, verify};

#[cfg(test)]
mod tests;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^64 leaves has a path of as many hashes.
const HASHES_LIMIT: usize = 64;
/// What a proof may have in bytes: its checkpoint, its path, and as much beside it.
pub const BYTES_LIMIT: usize = 2 * crate::note::BYTES_LIMIT;

/// The proof that an entry is in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// What else its maker has written. Nobody has signed it.
    pub extra: Option<Vec<u8>>,
    /// The index of the leaf, from 0.
    pub index: u64,
    /// The hashes from the leaf's neighbour up to the root's child.
    pub path: Vec<Hash>,
    /// The head of the log.
    pub checkpoint: SignedCheckpoint,
}

/// Why a file is no proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// It is longer than any proof needs to be.
    #[error("a proof of {0} bytes is too long: {BYTES_LIMIT} are allowed")]
    TooLong(usize),
    /// A line is not what stands there in a proof.
    #[error("line {line} of the proof is not {expected}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What stands there in a proof.
        expected: &'static str,
    },
    /// What follows is no checkpoint.
    #[error("the checkpoint of the proof cannot be read")]
    Checkpoint(#[source] CheckpointError),
}

impl InclusionProof {
    /// Reads a proof.
    ///
    /// # Errors
    /// When the file is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        if bytes.len() > BYTES_LIMIT {
            return Err(ProofFileError::TooLong(bytes.len()));
        }
        let text = std::str::from_utf8(bytes);
        let text = text.map_err(|_| ProofFileError::Line { line: 1, expected: "text in UTF-8" })?;
        let mut lines = Lines { rest: text, number: 0 };
        if lines.next() != Some(FIRST_LINE) {
            return Err(lines.expected("`c2sp.org/tlog-proof@v1`"));
        }
        let mut line = lines.next();
        let mut extra = None;
        if let Some(encoded) = line.and_then(|line| line.strip_prefix("extra ")) {
            extra = Some(STANDARD.decode(encoded).map_err(|_| lines.expected("`extra` and base64"))?);
            line = lines.next();
        }
        let index = line.and_then(|line| line.strip_prefix("index ")).and_then(number::parse);
        let index = index.ok_or_else(|| lines.expected("`index` and a number"))?;
        let mut path = Vec::new();
        loop {
            match lines.next() {
                Some("") => break,
                Some(hash) if path.len() < HASHES_LIMIT => {
                    path.push(Hash::parse(hash).ok_or_else(|| lines.expected("a hash in base64"))?);
                }
                Some(_) | None => return Err(lines.expected("the blank line before the checkpoint")),
            }
        }
        let checkpoint = SignedCheckpoint::parse(lines.rest.as_bytes()).map_err(ProofFileError::Checkpoint)?;
        Ok(Self { extra, index, path, checkpoint })
    }

    /// Verifies that a leaf with this hash is in the tree of its checkpoint. Whether that is to be trusted, a
    /// [`Policy`](crate::policy::Policy) says.
    ///
    /// # Errors
    /// When it is not.
    pub fn verify(&self, leaf: Hash) -> Result<(), ProofError> {
        let head = self.checkpoint.checkpoint();
        let of = Subtree::leaf(self.index).ok_or(ProofError::Outside { size: head.size, end: self.index })?;
        verify(of, leaf, head.size, head.root, &self.path)
    }
}

impl std::fmt::Display for InclusionProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        write_end(f, &self.path, &self.checkpoint)
    }
}

/// How proofs and requests to witnesses end: with hashes, a blank line and a checkpoint.
pub(crate) fn write_end(
    f: &mut std::fmt::Formatter<'_>,
    hashes: &[Hash],
    checkpoint: &SignedCheckpoint,
) -> std::fmt::Result {
    hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
    write!(f, "\n{checkpoint}")
}

/// The lines of a file, and how many were read.
struct Lines<'a> {
    rest: &'a str,
    number: usize,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.number += 1;
        let (line, rest) = self.rest.split_once('\n')?;
        self.rest = rest;
        Some(line)
    }

    fn expected(&self, expected: &'static str) -> ProofFileError {
        ProofFileError::Line { line: self.number, expected }
    }
}
