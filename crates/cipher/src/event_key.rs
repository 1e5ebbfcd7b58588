//! The key of one event, and the box that it opens.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use docket_messages::{KeyId, Sealed};
use zeroize::Zeroizing;

use crate::Nonce;
use crate::derive::derive;
use crate::place::Place;
use crate::secret::Secret;

/// What is sealed is filled up to a multiple of so many bytes: its length says little of the text.
const FILLED: usize = 64;

/// The key of one event. Who has it can open that event, and nothing else.
#[derive(Clone)]
pub struct EventKey(Secret);

/// What a box says of the key that opens it.
type Commitment = [u8; Secret::LENGTH];

/// Opened text, overwritten when it is dropped.
pub type Opened = Zeroizing<Vec<u8>>;

/// Why something sealed does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// The box is of another key.
    #[error("it was sealed with another key, or in another place")]
    OtherKey,
    /// The key is right, and the box was changed.
    #[error("what is sealed was changed")]
    Changed,
    /// It is no box.
    #[error("it is nothing that was sealed")]
    Malformed,
}

impl EventKey {
    /// The key of these bytes.
    #[must_use]
    pub fn new(secret: Secret) -> Self {
        Self(secret)
    }

    /// Its bytes, for who hands it to an auditor.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    /// Seals JSON. None when it is longer than any that can be encrypted.
    pub(crate) fn seal(&self, place: Place<'_>, key: &KeyId, nonce: Nonce, json: &[u8]) -> Option<Sealed> {
        let (cipher, commitment) = self.cipher();
        let bound = place.bound_to(key);
        // JSON may end in blanks.
        let mut filled = Zeroizing::new(Vec::with_capacity(json.len().next_multiple_of(FILLED)));
        filled.extend(json);
        filled.resize(json.len().next_multiple_of(FILLED), b' ');
        let encrypted = cipher.encrypt(&XNonce::from(nonce), Payload { msg: &filled, aad: &bound }).ok()?;
        let boxed = [commitment.as_slice(), &encrypted].concat();
        Some(Sealed { key: key.clone(), nonce: nonce.to_vec().into(), boxed: boxed.into() })
    }

    /// Opens what was sealed: JSON, which may end in blanks.
    ///
    /// # Errors
    /// [`NotOpened`] when it was sealed elsewhere, with another key, or was changed.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Opened, NotOpened> {
        let nonce = Nonce::try_from(sealed.nonce.as_bytes()).map_err(|_| NotOpened::Malformed)?;
        let (committed, encrypted) =
            sealed.boxed.as_bytes().split_at_checked(Secret::LENGTH).ok_or(NotOpened::Malformed)?;
        let (cipher, commitment) = self.cipher();
        if committed != commitment {
            return Err(NotOpened::OtherKey);
        }
        let bound = place.bound_to(&sealed.key);
        let opened = cipher.decrypt(&XNonce::from(nonce), Payload { msg: encrypted, aad: &bound });
        opened.map(Zeroizing::new).map_err(|_| NotOpened::Changed)
    }

    /// What encrypts, and what says of a box that this key opens it.
    fn cipher(&self) -> (XChaCha20Poly1305, Commitment) {
        let both = derive::<{ 2 * Secret::LENGTH }>(&self.0, &[b"docket box v1"]);
        let (mut key, mut commitment) = (Zeroizing::new([0; Secret::LENGTH]), [0; Secret::LENGTH]);
        for (to, from) in key.iter_mut().chain(&mut commitment).zip(both.iter()) {
            *to = *from;
        }
        (XChaCha20Poly1305::new((&*key).into()), commitment)
    }
}
