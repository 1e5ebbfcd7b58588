//! What proves that a log is the one that it was: leaves, the tree over them, signed heads, and whom to trust.
//!
//! Everything here is a function of bytes: no network, no database, no clock, no randomness. So a verifier on a laptop and a
//! sealer beside the log are one and the same code. Formats are those of RFC 6962 and of the community's specifications
//! (c2sp.org), so that others' tools can check what Docket writes.

pub mod checkpoint;
pub mod cosignature;
#[cfg(test)]
mod example;
pub mod hash;
pub mod leaf;
pub mod note;
mod number;
pub mod policy;
pub mod proof;
pub mod tree;
pub mod witness;
