//! Proofs are made.

use super::subtree::{Subtree, split};
use crate::hash::Hash;

/// Where the roots of complete subtrees are read.
pub trait Subtrees {
    /// Why one could not be read.
    type Error;

    /// The root of the subtree of 2^`level` leaves, the `index`-th of them from 0. Only those are asked for whose leaves all
    /// are in the tree.
    ///
    /// # Errors
    /// When it cannot be read.
    fn complete(&mut self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The root of the tree of the first `size` leaves.
///
/// # Errors
/// When a subtree cannot be read.
pub fn root<S: Subtrees>(subtrees: &mut S, size: u64) -> Result<Hash, S::Error> {
    if size == 0 { Ok(Hash::of_no_leaf()) } else { hash(subtrees, 0, size) }
}

/// The proof that a subtree is part of the tree of `size` leaves: the hashes of its neighbours on the way up. Nothing, if the
/// tree has not all of its leaves.
///
/// # Errors
/// When a subtree cannot be read.
pub fn prove<S: Subtrees>(subtrees: &mut S, of: Subtree, size: u64) -> Result<Option<Vec<Hash>>, S::Error> {
    if of.end() > size {
        return Ok(None);
    }
    let mut proof = Vec::new();
    climb(subtrees, (of.start(), of.end()), (0, size), true, &mut proof)?;
    Ok(Some(proof))
}

/// Adds the hashes by which whoever knows the subtree comes to the root of `tree`. `is_known` unless the way to the subtree
/// has parted from a node that the subtree only is a part of.
fn climb<S: Subtrees>(
    subtrees: &mut S,
    (start, end): (u64, u64),
    (from, to): (u64, u64),
    is_known: bool,
    proof: &mut Vec<Hash>,
) -> Result<(), S::Error> {
    if (start, end) == (from, to) {
        if !is_known {
            proof.push(hash(subtrees, from, to)?);
        }
        return Ok(());
    }
    let middle = from + split(to - from);
    if end <= middle {
        climb(subtrees, (start, end), (from, middle), is_known, proof)?;
        proof.push(hash(subtrees, middle, to)?);
    } else if start >= middle {
        climb(subtrees, (start, end), (middle, to), is_known, proof)?;
        proof.push(hash(subtrees, from, middle)?);
    } else {
        climb(subtrees, (middle, end), (middle, to), false, proof)?;
        proof.push(hash(subtrees, from, middle)?);
    }
    Ok(())
}

/// The root over the leaves from `from` to before `to`.
fn hash<S: Subtrees>(subtrees: &mut S, from: u64, to: u64) -> Result<Hash, S::Error> {
    let length = to - from;
    if length.is_power_of_two() {
        let level = length.trailing_zeros();
        return subtrees.complete(level, from >> level);
    }
    let middle = from + split(length);
    let left = hash(subtrees, from, middle)?;
    let right = hash(subtrees, middle, to)?;
    Ok(Hash::of_node(&left, &right))
}
