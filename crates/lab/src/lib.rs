//! Cases that are made up, measured and replayed.
//!
//! - [`demo`]: histories of a plausible service desk.
//! - [`bench`](mod@bench): load and its measure, and the rules alone.
//! - [`simulate`]: what the log would look like under another policy.
//!
//! It prints nothing and starts no engines: both is the command line's.

pub mod bench;
pub mod demo;
pub mod simulate;

/// Any error, on its way to the user.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
