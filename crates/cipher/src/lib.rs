//! What makes personal bytes unreadable.
//!
//! - A [`DataKey`] belongs to one case, or to the record of one customer. What is personal in an event is encrypted with
//!   an [`EventKey`], which follows from the data key and from where the event stands: whoever is given the key of one event can
//!   open nothing else.
//! - Data keys are stored in [`Block`]s, which an [`EpochKey`] wraps. There are few epochs, and a key provider wraps their keys.
//!
//! Erasing is destroying a data key: then nothing that was sealed with it can be opened, wherever it was copied to.
//!
//! Invariants:
//! - No store, no clock and no randomness: nonces and fresh keys come in as arguments.
//! - A key has neither `Debug` nor `Display` nor `Serialize`, and its bytes are overwritten when it is dropped.
//! - What is sealed opens in its place only: subject, version and key id are authenticated with it (RFC 8439, section 2.8).
//! - A box says which key opens it (a commitment), so that it has one meaning: with another key it does not open.

mod block;
mod data_key;
mod derive;
mod epoch;
mod event_key;
mod place;
mod secret;

pub use block::{Block, BlockId};
pub use data_key::DataKey;
pub use epoch::{EpochKey, NotUnwrapped, Wrapped, unwrap_epoch, wrap_epoch};
pub use event_key::{EventKey, NotOpened, Opened};
pub use place::Place;
pub use secret::Secret;

/// Random bytes for one sealed field.
pub type Nonce = [u8; 24];

#[cfg(test)]
mod tests;
