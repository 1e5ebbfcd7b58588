//! The tree of RFC 6962: its root as leaves are appended, and proofs of what is in it.
//!
//! There is one kind of proof: that a *subtree* is part of a tree. That of one leaf is an inclusion proof (RFC 6962,
//! section 2.1.1); that of the leaves from the first on is a consistency proof (section 2.1.2); any other is a subtree
//! consistency proof (draft-ietf-plants-merkle-tree-certs, section 4.4). They are made and verified by the same recursion.

mod frontier;
mod prove;
mod subtree;
#[cfg(test)]
mod tests;
mod tiles;
mod verify;

pub use frontier::Frontier;
pub use prove::{Subtrees, prove, root};
pub use subtree::Subtree;
pub use tiles::{Rows, Tile};
pub use verify::{ProofError, verify};
