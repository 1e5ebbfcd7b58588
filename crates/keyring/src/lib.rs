//! The keys of what is personal.
//!
//! Data keys stand in a [`KeyStore`], some together, wrapped by the key of an epoch; the keys of epochs stand there, too, each wrapped by
//! a [`KeyProvider`]. So a provider is asked once for an epoch, and not once for a case. [`KeyRing`] brings the three together:
//! it makes keys in advance, opens stored ones, and has some at hand for a while.
//!
//! Invariants:
//! - A key is on disk before it is handed out.
//! - Keys are at hand for [`Settings::lifetime`] at most, and no more of them than [`Settings::at_hand`].
//! - There are two reasons for a key that is not there, and they never mix: it was destroyed, which the store says for ever, or
//!   it is missing, which is an error.

mod error;
mod memory;
mod open;
pub mod provider;
mod ring;
mod stock;
mod store;

pub use docket_cipher::{BlockId, DataKey};
pub use error::KeyError;
pub use memory::MemoryKeys;
pub use open::{Brought, Unopened, open, seal};
pub use provider::{KeyProvider, ProviderError};
pub use ring::{KeyRing, Settings};
pub use store::{HeldBlock, KeyStore, Revision, StoreError, StoredBlock, StoredEpoch};

/// Fills bytes with randomness.
pub type Random = fn(&mut [u8]);
