//! SHA-256 digests (FIPS 180-4) and salts, as unpadded base64url (RFC 4648, section 5) on the wire.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use smol_str::SmolStr;

use crate::canonical::canonical;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of the parts, one after the other.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// What an entry keeps of the request that it answers: salt, verb and body, so that the same command id
    /// with another body is noticed while the body itself cannot be guessed from the log.
    #[must_use]
    pub fn of_request(salt: &Salt, verb: &str, body: &[u8]) -> Self {
        Self::of(&[salt.as_str().as_bytes(), b"\0", verb.as_bytes(), b"\0", body])
    }

    /// The digest of a message, which is the same however its sender wrote it: of its canonical form (RFC 8785).
    ///
    /// # Errors
    /// Never for a value that was made through its types; the signature is serde's.
    pub fn of_message(message: &impl Serialize) -> Result<Self, serde_json::Error> {
        canonical(message).map(|canonical| Self::of(&[&canonical]))
    }

    /// What an entry keeps of the message that it answers, so that it is known again when it is written otherwise.
    #[must_use]
    pub fn of_salted_message(salt: &Salt, verb: &str, message: &Self) -> Self {
        Self::of_request(salt, verb, &message.0)
    }

    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Text::of(self).as_str())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Text::of(self).as_str())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base64Url;

        impl Visitor<'_> for Base64Url {
            type Value = Digest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the 32 bytes of a SHA-256 as base64url")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Digest, E> {
                let mut bytes = [0; 32];
                match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
                    Ok(32) => Ok(Digest(bytes)),
                    Ok(_) | Err(_) => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_str(Base64Url)
    }
}

/// The text of a digest, without an allocation.
struct Text([u8; 43]);

impl Text {
    fn of(digest: &Digest) -> Self {
        let mut text = [0; 43];
        // 32 bytes are 43 characters, so it fits.
        let written = URL_SAFE_NO_PAD.encode_slice(digest.0, &mut text);
        debug_assert_eq!(written, Ok(text.len()));
        Self(text)
    }

    fn as_str(&self) -> &str {
        // Base64 is ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Random characters that keep the hash of a request from being guessed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Salt(SmolStr);

impl Salt {
    /// A salt of sixteen random bytes, which the caller brings: this crate has no randomness.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(SmolStr::new(URL_SAFE_NO_PAD.encode(random)))
    }

    /// The text of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
