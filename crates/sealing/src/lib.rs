//! The sealer: follows the log, keeps the tree over it, and signs its heads.
//!
//! - [`Keys`]: what it signs with.
//! - [`run()`]: the sealer at work. It refuses to go on when the log is not the one that it sealed.
//! - [`sealed()`]: up to where a log is sealed, and that it does not end before.
//! - [`Hashes`]: the hashes of every eighth level of the tree, in files; they follow from the log and can be made again.
//!   Proofs are made of them.
//!
//! What is signed, and how proofs are made, is of the crate `evidence`.

mod before;
mod error;
mod fence;
mod hashes;
mod keys;
mod sealer;
mod tree;
mod witnesses;

pub use error::SealingError;
pub use fence::{Length, Sealed, found, last_seal, read as read_seal, sealed, tell};
pub use hashes::Hashes;
pub use keys::{Keys, KeysError};
pub use sealer::{Progress, Settings, run};
pub use tree::{incarnation, incarnation_once_begun, leaf_at, leaf_of, read_hashes};
