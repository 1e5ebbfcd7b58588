//! Witnesses of logs (c2sp.org/tlog-witness): they have seen a head of a log, and no other history of it.
//!
//! - [`Witness`]: one that signs, whatever speaks HTTP before it ([`router`]).
//! - [`Client`]: how a log asks one.
//!
//! What is asked and when it is signed is of the crate `evidence`; here are the network and the disk.

mod client;
mod heads;
mod logs;
mod server;
mod signer;

pub use client::{Asked, Client, ClientError};
pub use heads::HeadsError;
pub use logs::{Logs, LogsError};
pub use server::router;
pub use signer::{Witness, WitnessError};

/// How a log is called in addresses and file names: the SHA-256 of its origin in hexadecimal digits.
fn hash_of(origin: &docket_evidence::note::KeyName) -> String {
    use sha2::Digest as _;
    let digest: [u8; 32] = sha2::Sha256::digest(origin.as_str()).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
