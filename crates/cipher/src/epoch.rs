//! The key of an epoch, which wraps data keys.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::Nonce;
use crate::block::{Block, BlockId};
use crate::secret::Secret;

/// The key of an epoch. Epochs are numbered from 1.
#[derive(Clone)]
pub struct EpochKey {
    number: u32,
    secret: Secret,
}

/// What is wrapped as it is stored: nonce, ciphertext and tag.
pub type Wrapped = Vec<u8>;

/// Why something wrapped does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was wrapped by another key, or as something else, or was changed")]
pub struct NotUnwrapped;

impl EpochKey {
    /// The key of an epoch.
    #[must_use]
    pub fn new(number: u32, secret: Secret) -> Self {
        Self { number, secret }
    }

    /// Which epoch.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Wraps a block.
    #[must_use]
    pub fn wrap(&self, block: &Block, nonce: Nonce) -> Option<Wrapped> {
        wrap(&self.secret, &self.bound_to(block.id(), &block.destroyed()), &block.bytes(), nonce)
    }

    /// Unwraps a block of which some keys were destroyed.
    ///
    /// # Errors
    /// [`NotUnwrapped`] when it is not one that this epoch has wrapped under that id.
    pub fn unwrap(&self, id: &BlockId, destroyed: &[u8], wrapped: &[u8]) -> Result<Block, NotUnwrapped> {
        let bytes = unwrap(&self.secret, &self.bound_to(id, destroyed), wrapped)?;
        Block::read(id.clone(), destroyed, &bytes).ok_or(NotUnwrapped)
    }

    fn bound_to(&self, id: &BlockId, destroyed: &[u8]) -> Vec<u8> {
        let number = self.number.to_be_bytes();
        [b"docket keys v1\0".as_slice(), &number, id.as_str().as_bytes(), b"\0", destroyed].concat()
    }
}

/// Wraps the key of an epoch with a master key.
#[must_use]
pub fn wrap_epoch(master: &Secret, epoch: u32, key: &Secret, nonce: Nonce) -> Option<Wrapped> {
    wrap(master, &bound_to_epoch(epoch), key.expose(), nonce)
}

/// Unwraps the key of an epoch.
///
/// # Errors
/// [`NotUnwrapped`] when it is not one that this master key has wrapped for that epoch.
pub fn unwrap_epoch(master: &Secret, epoch: u32, wrapped: &[u8]) -> Result<Secret, NotUnwrapped> {
    Secret::of(&unwrap(master, &bound_to_epoch(epoch), wrapped)?).ok_or(NotUnwrapped)
}

fn bound_to_epoch(epoch: u32) -> Vec<u8> {
    [b"docket epoch v1\0".as_slice(), &epoch.to_be_bytes()].concat()
}

fn wrap(with: &Secret, bound: &[u8], bytes: &[u8], nonce: Nonce) -> Option<Wrapped> {
    let cipher = XChaCha20Poly1305::new(with.expose().into());
    let encrypted = cipher.encrypt(&XNonce::from(nonce), Payload { msg: bytes, aad: bound }).ok()?;
    Some([nonce.as_slice(), &encrypted].concat())
}

fn unwrap(with: &Secret, bound: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotUnwrapped> {
    let (nonce, encrypted) = wrapped.split_at_checked(size_of::<Nonce>()).ok_or(NotUnwrapped)?;
    let nonce = Nonce::try_from(nonce).map_err(|_| NotUnwrapped)?;
    let cipher = XChaCha20Poly1305::new(with.expose().into());
    let opened = cipher.decrypt(&XNonce::from(nonce), Payload { msg: encrypted, aad: bound });
    opened.map(Zeroizing::new).map_err(|_| NotUnwrapped)
}
