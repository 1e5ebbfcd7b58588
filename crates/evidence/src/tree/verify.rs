//! Proofs are verified.

use super::subtree::{Subtree, split};
use crate::hash::Hash;

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The tree does not have all leaves of the subtree.
    #[error("the tree has {size} leaves, and the proof is of leaves up to {end}")]
    Outside {
        /// How many leaves the tree has.
        size: u64,
        /// The index after the last leaf that was to be proven.
        end: u64,
    },
    /// It has too few or too many hashes.
    #[error("the proof has {0} hashes, which is not the number that it needs")]
    Length(usize),
    /// It leads to another subtree or another root.
    #[error("the proof leads to another root")]
    Mismatch,
}

/// Verifies that a subtree with this hash is part of the tree of `size` leaves with this root.
///
/// # Errors
/// When it does not follow from the proof.
pub fn verify(of: Subtree, hash: Hash, size: u64, root: Hash, proof: &[Hash]) -> Result<(), ProofError> {
    if of.end() > size {
        return Err(ProofError::Outside { size, end: of.end() });
    }
    let mut rest = proof.iter();
    let reached = climb(hash, (of.start(), of.end()), (0, size), true, &mut rest);
    let (subtree, tree) = reached.ok_or(ProofError::Length(proof.len()))?;
    if rest.next().is_some() {
        return Err(ProofError::Length(proof.len()));
    }
    if subtree == hash && tree == root { Ok(()) } else { Err(ProofError::Mismatch) }
}

/// The hash of the subtree and that of the tree, as the proof has them. The recursion is that by which it was made.
fn climb<'a>(
    known: Hash,
    (start, end): (u64, u64),
    (from, to): (u64, u64),
    is_known: bool,
    proof: &mut impl Iterator<Item = &'a Hash>,
) -> Option<(Hash, Hash)> {
    if (start, end) == (from, to) {
        let hash = if is_known { known } else { *proof.next()? };
        return Some((hash, hash));
    }
    let middle = from + split(to - from);
    if end <= middle {
        let (subtree, left) = climb(known, (start, end), (from, middle), is_known, proof)?;
        Some((subtree, Hash::of_node(&left, proof.next()?)))
    } else if start >= middle {
        let (subtree, right) = climb(known, (start, end), (middle, to), is_known, proof)?;
        Some((subtree, Hash::of_node(proof.next()?, &right)))
    } else {
        let (subtree, right) = climb(known, (middle, end), (middle, to), false, proof)?;
        let left = proof.next()?;
        Some((Hash::of_node(left, &subtree), Hash::of_node(left, &right)))
    }
}
