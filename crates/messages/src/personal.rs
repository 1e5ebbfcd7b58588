//! What is personal in an event: names, addresses, free text. It stands together, so that it can be sealed without
//! touching the rest: encrypted with a data key, and unreadable once that key is destroyed.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::KeyId;
use crate::binary::Binary;

/// What is personal in an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Personal<T> {
    /// Readable.
    Plain(T),
    /// Encrypted.
    Sealed(Sealed),
}

/// Something encrypted with a key of its own, which follows from a data key. The crate `cipher` makes and opens it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sealed {
    /// The data key.
    pub key: KeyId,
    /// Random bytes.
    pub nonce: Binary,
    /// The commitment to the key that it is encrypted with, and the ciphertext with its tag.
    #[serde(rename = "box")]
    pub boxed: Binary,
}

impl<T> Personal<T> {
    /// The content, if it can be read.
    pub fn open(&self) -> Option<&T> {
        match self {
            Self::Plain(content) => Some(content),
            Self::Sealed(_) => None,
        }
    }
}

/// What is personal in an event, whatever it says.
pub trait PersonalPart {
    /// Its JSON, if it can be read.
    ///
    /// # Errors
    /// Never for a value that was made through its types; the signature is serde's.
    fn plain(&self) -> Result<Option<Vec<u8>>, serde_json::Error>;

    /// What it is sealed as, if it is.
    fn sealed(&self) -> Option<&Sealed>;

    /// Seals it.
    fn seal(&mut self, sealed: Sealed);

    /// Makes it readable: takes the JSON that was sealed.
    ///
    /// # Errors
    /// When that is another text.
    fn reveal(&mut self, json: &[u8]) -> Result<(), serde_json::Error>;
}

impl<T: Serialize + DeserializeOwned> PersonalPart for Personal<T> {
    fn plain(&self) -> Result<Option<Vec<u8>>, serde_json::Error> {
        self.open().map(serde_json::to_vec).transpose()
    }

    fn sealed(&self) -> Option<&Sealed> {
        match self {
            Self::Plain(_) => None,
            Self::Sealed(sealed) => Some(sealed),
        }
    }

    fn seal(&mut self, sealed: Sealed) {
        *self = Self::Sealed(sealed);
    }

    fn reveal(&mut self, json: &[u8]) -> Result<(), serde_json::Error> {
        *self = Self::Plain(serde_json::from_slice(json)?);
        Ok(())
    }
}

/// An event that may hold something personal.
pub trait PersonalEvent {
    /// What is personal in it.
    fn personal_part(&mut self) -> Option<&mut dyn PersonalPart>;
}

/// A field that holds what is personal, or may hold it.
pub(crate) trait PersonalField {
    fn part(&mut self) -> Option<&mut dyn PersonalPart>;
}

impl<T: Serialize + DeserializeOwned> PersonalField for Personal<T> {
    fn part(&mut self) -> Option<&mut dyn PersonalPart> {
        Some(self)
    }
}

impl<T: Serialize + DeserializeOwned> PersonalField for Option<Personal<T>> {
    fn part(&mut self) -> Option<&mut dyn PersonalPart> {
        self.as_mut().map(|personal| personal as &mut dyn PersonalPart)
    }
}
