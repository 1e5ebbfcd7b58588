//! The key of an epoch, which wraps data keys.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use docket_messages::KeyId;
use zeroize::Zeroizing;

use crate::Nonce;
use crate::data_key::DataKey;
use crate::secret::Secret;

/// The key of an epoch. Epochs are numbered from 1.
#[derive(Clone)]
pub struct EpochKey {
    number: u32,
    secret: Secret,
}

/// A data key as it is stored: nonce, ciphertext and tag.
pub type Wrapped = Vec<u8>;

/// Why a wrapped key does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key was wrapped by another epoch, under another id, or was changed")]
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

    /// Its bytes, for a key provider.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Wraps a data key. None never, for what has the length of a key.
    #[must_use]
    pub fn wrap(&self, key: &DataKey, nonce: Nonce) -> Option<Wrapped> {
        let payload = Payload { msg: key.secret().expose(), aad: &self.bound_to(key.id()) };
        let encrypted = self.cipher().encrypt(&XNonce::from(nonce), payload).ok()?;
        Some([nonce.as_slice(), &encrypted].concat())
    }

    /// Unwraps a data key.
    ///
    /// # Errors
    /// [`NotUnwrapped`] when it is not one that this epoch has wrapped under that id.
    pub fn unwrap(&self, id: &KeyId, wrapped: &[u8]) -> Result<DataKey, NotUnwrapped> {
        let (nonce, encrypted) = wrapped.split_at_checked(size_of::<Nonce>()).ok_or(NotUnwrapped)?;
        let nonce = Nonce::try_from(nonce).map_err(|_| NotUnwrapped)?;
        let payload = Payload { msg: encrypted, aad: &self.bound_to(id) };
        let opened = self.cipher().decrypt(&XNonce::from(nonce), payload).map_err(|_| NotUnwrapped)?;
        let secret = Secret::of(&Zeroizing::new(opened)).ok_or(NotUnwrapped)?;
        Ok(DataKey::new(id.clone(), secret))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.secret.expose().into())
    }

    fn bound_to(&self, id: &KeyId) -> Vec<u8> {
        [b"docket data key v1\0".as_slice(), &self.number.to_be_bytes(), id.as_str().as_bytes()].concat()
    }
}
