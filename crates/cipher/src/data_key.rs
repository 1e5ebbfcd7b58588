//! The key of a case, or of a customer's record.

use docket_messages::{KeyId, Salt, Sealed};

use crate::Nonce;
use crate::derive::derive;
use crate::event_key::{EventKey, NotOpened, Opened};
use crate::place::Place;
use crate::secret::Secret;

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
        let info = [b"docket event key v1\0".as_slice(), nonce, &place.bound_to(&self.id)];
        EventKey::new(Secret::new(*derive(&self.secret, &info)))
    }

    /// The salt of a request as it is hashed. The log has the salt; who has no key cannot guess a request by its hash.
    #[must_use]
    pub fn keyed(&self, salt: &Salt) -> Salt {
        Salt::new(*derive(&self.secret, &[b"docket request salt v1\0", salt.as_str().as_bytes()]))
    }
}
