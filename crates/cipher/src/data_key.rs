//! The key of a case, or of a customer's record.

use docket_messages::{KeyId, Salt, Sealed};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::event_key::{EventKey, NotOpened, Opened};
use crate::place::Place;
use crate::secret::Secret;
use crate::Nonce;

/// The key of a case, or of a customer's record.
#[derive(Clone)]
pub struct DataKey {
    id: KeyId,
    secret: Secret,
}

impl DataKey {
    /// The key of an id.
    #[must_use]
    pub fn new(id: KeyId, secret: Secret) -> Self {
        Self { id, secret }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// Its bytes, for who wraps them.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Seals the JSON of what is personal in an event. No two nonces of a key may be the same.
    #[must_use]
    pub fn seal(&self, place: Place<'_>, nonce: Nonce, json: &[u8]) -> Option<Sealed> {
        self.event_key(place, &nonce).seal(place, &self.id, nonce, json)
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`NotOpened`] when it was sealed elsewhere, with another key, or was changed.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Opened, NotOpened> {
        self.event_key(place, sealed.nonce.as_bytes()).open(place, sealed)
    }

    /// The key that one event is sealed with, and nothing else.
    #[must_use]
    pub fn event_key(&self, place: Place<'_>, nonce: &[u8]) -> EventKey {
        EventKey::new(self.derive(nonce, &[b"docket event key v1\0", &place.bound_to(&self.id)]))
    }

    /// The salt of a request as it is hashed. The log has the salt; who has no key cannot guess a request by its hash.
    #[must_use]
    pub fn keyed(&self, salt: &Salt) -> Salt {
        let derived = self.derive(salt.as_str().as_bytes(), &[b"docket request salt v1"]);
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(derived.expose()) {
            *to = *from;
        }
        Salt::new(bytes)
    }

    fn derive(&self, salt: &[u8], info: &[&[u8]]) -> Secret {
        expand(&Hkdf::<Sha256>::new(Some(salt), self.secret.expose()), info)
    }
}

/// HKDF-Expand (RFC 5869) to the 32 bytes of a key.
pub(crate) fn expand(from: &Hkdf<Sha256>, info: &[&[u8]]) -> Secret {
    let mut bytes = [0; Secret::LENGTH];
    // It fails for more than 8,160 bytes only.
    let expanded = from.expand_multi_info(info, &mut bytes);
    debug_assert!(expanded.is_ok());
    Secret::new(bytes)
}
