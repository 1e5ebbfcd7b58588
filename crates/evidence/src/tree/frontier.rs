//! A tree that grows, of which only what its root needs is kept.

use crate::hash::Hash;

/// The roots of the complete subtrees that a tree consists of, the largest first: at most 64 hashes, whatever its size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf. `made` is told every complete subtree that it completes, the leaf first: level and index of each.
    pub fn append(&mut self, leaf: Hash, mut made: impl FnMut(u32, u64, Hash)) {
        let mut hash = leaf;
        made(0, self.size, hash);
        let merges = self.size.trailing_ones();
        for level in 1..=merges {
            // There are as many peaks as ones in the size.
            let Some(left) = self.peaks.pop() else { break };
            hash = Hash::of_node(&left, &hash);
            made(level, self.size >> level, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// Appends the root over 2^`level` leaves of which nothing else is known. Says whether a subtree of that size may begin
    /// here; if not, nothing was appended.
    #[must_use]
    pub fn append_subtree(&mut self, level: u32, root: Hash) -> bool {
        let Some(width) = 1_u64.checked_shl(level) else { return false };
        let Some(size) = self.size.checked_add(width).filter(|_| self.size.is_multiple_of(width)) else { return false };
        let mut hash = root;
        for _ in 0..(self.size >> level).trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = Hash::of_node(&left, &hash);
        }
        self.peaks.push(hash);
        self.size = size;
        true
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let joined = self.peaks.iter().rev().copied().reduce(|right, left| Hash::of_node(&left, &right));
        joined.unwrap_or_else(Hash::of_no_leaf)
    }
}
