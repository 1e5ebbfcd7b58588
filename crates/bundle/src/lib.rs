//! Bundles of evidence: one file by which an auditor verifies entries of the log, offline and with no secret.
//!
//! - [`Bundle`]: writes one, entry by entry.
//! - [`verify()`]: verifies one. It needs the auditor's policy, and the checkpoints that they kept.
//! - [`Claim`]: what a bundle says that it is.
//!
//! A bundle stands for the whole log up to a checkpoint: each entry is in it disclosed, closed (its subject is told, its
//! content only by hash), or as a hash, alone or together with its neighbours. So the root of the log is computed from the
//! bundle, and whatever the checkpoint says of the log holds of the bundle.

mod archive;
mod claim;
mod record;
mod report;
#[cfg(test)]
mod tests;
mod verify;
mod write;

pub use archive::ArchiveError;
pub use claim::{Claim, Of};
pub use record::{Closed, Disclosed, Head};
pub use verify::{Finding, Findings, Given, Kind, Outcome, Predecessor, Verified, disclosed, verify};
pub use write::{Bundle, BundleError};
