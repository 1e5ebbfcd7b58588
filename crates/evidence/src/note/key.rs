//! Keys that sign notes and checkpoints, as text.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use ml_dsa::{MlDsa44, Signature as MlDsaSignature};
use sha2::{Digest as _, Sha256};

use super::KeyName;

/// How a key signs, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519 over the text of a note (c2sp.org/signed-note).
    Ed25519,
    /// Ed25519 over a checkpoint and a moment (c2sp.org/tlog-cosignature).
    Ed25519Cosignature,
    /// ML-DSA-44 over a checkpoint or a subtree, and a moment (c2sp.org/tlog-cosignature).
    MlDsa44,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::Ed25519, Self::Ed25519Cosignature, Self::MlDsa44];

    /// The byte that says so in keys.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Ed25519Cosignature => 0x04,
            Self::MlDsa44 => 0x06,
        }
    }

    fn of_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.byte() == byte)
    }
}

/// Why a text is no key. Nothing of it is repeated: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is not of the form of verifier keys.
    #[error("a verifier key is a name, eight hexadecimal digits and base64, with a plus between them")]
    NotAVerifierKey,
    /// It is not of the form of secret keys.
    #[error("a secret key is `PRIVATE+KEY+`, a name, eight hexadecimal digits and base64, with a plus between them")]
    NotASigningKey,
    /// Its first byte is none of those that are understood.
    #[error("the key is for a kind of signature that is not known here: {0:#04x}")]
    Algorithm(u8),
    /// Its bytes are no point, or one that anybody can sign for.
    #[error("the bytes of the key are none of its kind of signature")]
    Bytes,
    /// Its id is not that of its name and bytes.
    #[error("the id of the key is not that of its name and bytes: a character was changed")]
    Id,
}

/// A key by which signatures are verified.
#[derive(Clone, PartialEq)]
pub struct VerifierKey {
    name: KeyName,
    id: u32,
    algorithm: Algorithm,
    public: Public,
}

#[derive(Clone, PartialEq)]
enum Public {
    Ed25519(ed25519_dalek::VerifyingKey),
    MlDsa44(Box<ml_dsa::VerifyingKey<MlDsa44>>),
}

impl VerifierKey {
    /// Reads a *vkey*: `name+id+base64`.
    ///
    /// # Errors
    /// When it is none, or one of another kind.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (name, id, algorithm, bytes) = parts(text, KeyError::NotAVerifierKey)?;
        let public = Public::parse(algorithm, &bytes)?;
        let key = Self::of(name, algorithm, public);
        if key.id == id { Ok(key) } else { Err(KeyError::Id) }
    }

    fn of(name: KeyName, algorithm: Algorithm, public: Public) -> Self {
        let digest = Sha256::new_with_prefix(name.as_str())
            .chain_update([b'\n', algorithm.byte()])
            .chain_update(public.to_bytes())
            .finalize();
        let id = digest.first_chunk::<4>().map_or(0, |first| u32::from_be_bytes(*first));
        Self { name, id, algorithm, public }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// Its id: the first four bytes of a hash of name, algorithm and bytes.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// How it signs.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes of the public key, without its name and algorithm: two keys with the same are the same.
    #[must_use]
    pub fn public_bytes(&self) -> Vec<u8> {
        self.public.to_bytes()
    }

    /// Whether the signature is by this key, of these bytes.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.public {
            Public::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            Public::MlDsa44(key) => MlDsaSignature::<MlDsa44>::try_from(signature)
                .is_ok_and(|signature| key.verify_with_context(message, &[], &signature)),
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [[self.algorithm.byte()].as_slice(), &self.public.to_bytes()].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.id, STANDARD.encode(bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{:08x}", self.name, self.id)
    }
}

impl Public {
    fn parse(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        match algorithm {
            Algorithm::Ed25519 | Algorithm::Ed25519Cosignature => {
                let bytes = bytes.try_into().map_err(|_| KeyError::Bytes)?;
                let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Bytes)?;
                if key.is_weak() { Err(KeyError::Bytes) } else { Ok(Self::Ed25519(key)) }
            }
            Algorithm::MlDsa44 => {
                let bytes = bytes.try_into().map_err(|_| KeyError::Bytes)?;
                Ok(Self::MlDsa44(Box::new(ml_dsa::VerifyingKey::decode(bytes))))
            }
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.to_bytes().to_vec(),
            Self::MlDsa44(key) => key.encode().to_vec(),
        }
    }
}

/// A key that signs: 32 secret bytes, from which all of it follows.
pub struct SigningKey {
    verifier: VerifierKey,
    secret: Secret,
}

enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    MlDsa44(Box<ml_dsa::SigningKey<MlDsa44>>),
}

impl SigningKey {
    /// A key of 32 random bytes, which the caller brings: this crate has no randomness.
    #[must_use]
    pub fn new(name: KeyName, algorithm: Algorithm, seed: &[u8; 32]) -> Self {
        let (secret, public) = match algorithm {
            Algorithm::Ed25519 | Algorithm::Ed25519Cosignature => {
                let key = ed25519_dalek::SigningKey::from_bytes(seed);
                let public = key.verifying_key();
                (Secret::Ed25519(Box::new(key)), Public::Ed25519(public))
            }
            Algorithm::MlDsa44 => {
                let key = ml_dsa::SigningKey::from_seed(&(*seed).into());
                let public = key.expanded_key().verifying_key();
                (Secret::MlDsa44(Box::new(key)), Public::MlDsa44(Box::new(public)))
            }
        };
        Self { verifier: VerifierKey::of(name, algorithm, public), secret }
    }

    /// Reads a secret key as Go's notes have them: `PRIVATE+KEY+name+id+base64`.
    ///
    /// # Errors
    /// When it is none, or one of another kind.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(KeyError::NotASigningKey)?;
        let (name, id, algorithm, bytes) = parts(rest, KeyError::NotASigningKey)?;
        let seed: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyError::Bytes)?;
        let key = Self::new(name, algorithm, seed);
        if key.verifier.id == id { Ok(key) } else { Err(KeyError::Id) }
    }

    /// Its text, which is a secret.
    #[must_use]
    pub fn to_secret_text(&self) -> String {
        let seed: Vec<u8> = match &self.secret {
            Secret::Ed25519(key) => key.to_bytes().to_vec(),
            Secret::MlDsa44(key) => key.to_seed().to_vec(),
        };
        let bytes = [[self.verifier.algorithm.byte()].as_slice(), &seed].concat();
        format!("PRIVATE+KEY+{}+{:08x}+{}", self.verifier.name, self.verifier.id, STANDARD.encode(bytes))
    }

    /// The key by which its signatures are verified.
    #[must_use]
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs bytes. The same bytes have the same signature.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.secret {
            Secret::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Secret::MlDsa44(key) => ml_dsa::signature::Signer::sign(key.as_ref(), message).encode().to_vec(),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.verifier, f)
    }
}

/// Name, id, algorithm and bytes of a key.
fn parts(text: &str, otherwise: KeyError) -> Result<(KeyName, u32, Algorithm, Vec<u8>), KeyError> {
    let mut parts = text.splitn(3, '+');
    let (name, id, bytes) = match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(id), Some(bytes)) => (name, id, bytes),
        (_, _, _) => return Err(otherwise),
    };
    let name = KeyName::parse(name).ok_or(otherwise)?;
    let is_id = id.len() == 8 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = u32::from_str_radix(id, 16).ok().filter(|_| is_id).ok_or(otherwise)?;
    let bytes = STANDARD.decode(bytes).map_err(|_| otherwise)?;
    let (first, rest) = bytes.split_first().ok_or(otherwise)?;
    let algorithm = Algorithm::of_byte(*first).ok_or(KeyError::Algorithm(*first))?;
    Ok((name, id, algorithm, rest.to_vec()))
}
