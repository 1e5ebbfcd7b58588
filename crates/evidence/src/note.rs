//! Signed notes (c2sp.org/signed-note): a text, and lines of signatures by named keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

mod key;
mod name;

#[cfg(test)]
mod tests;

pub use key::{Algorithm, KeyError, SigningKey, VerifierKey};
pub use name::KeyName;

/// What a note may have in signatures. The specification asks for sixteen at least; a log may sign with two keys and be
/// witnessed by many.
pub const SIGNATURES_LIMIT: usize = 32;
/// What a note may have in bytes. A signature with ML-DSA-44 is a line of 3.3 kB.
pub const BYTES_LIMIT: usize = 65_536;

/// A note, of which no signature has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A line of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Whose key.
    pub name: KeyName,
    /// The id of the key, which says which of those with this name it is.
    pub id: u32,
    /// What the algorithm of the key made.
    pub bytes: Vec<u8>,
}

/// Why bytes are no signed note, or none to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is longer than any note needs to be.
    #[error("a note of {0} bytes is too long: {BYTES_LIMIT} are allowed")]
    TooLong(usize),
    /// It is not text.
    #[error("a note is UTF-8 without control characters other than newlines")]
    NotText,
    /// It has no blank line before its signatures, or does not end in a newline.
    #[error("a note is a text that ends in a newline, a blank line, and lines of signatures")]
    Shape,
    /// A line below the blank one is no signature.
    #[error("line {0} of the signatures is not a dash, the name of a key and base64")]
    Signature(usize),
    /// More signatures than any note needs.
    #[error("a note may have {SIGNATURES_LIMIT} signatures")]
    TooManySignatures,
    /// A key that is trusted did not make the signature that is said to be its own.
    #[error("the signature of `{0}` is false")]
    False(KeyName),
}

impl Note {
    /// A note that nobody has signed.
    ///
    /// # Errors
    /// When the text does not end in a newline, or has other control characters.
    pub fn new(text: String) -> Result<Self, NoteError> {
        if !text.ends_with('\n') {
            return Err(NoteError::Shape);
        }
        if has_controls(&text) {
            return Err(NoteError::NotText);
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a note.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > BYTES_LIMIT {
            return Err(NoteError::TooLong(bytes.len()));
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        if has_controls(whole) {
            return Err(NoteError::NotText);
        }
        // The last blank line parts the text from its signatures.
        let (text, lines) = whole.rsplit_once("\n\n").ok_or(NoteError::Shape)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Shape)?;
        Ok(Self { text: format!("{text}\n"), signatures: Signature::parse_lines(lines)? })
    }

    /// Its text, with the newline at its end.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its signatures, also those by keys that nobody knows.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature.
    pub fn add(&mut self, signature: Signature) {
        self.signatures.push(signature);
    }

    /// What is said to be by this key. One that is false speaks against the note, whatever the others are.
    pub fn signatures_of(&self, key: &VerifierKey) -> impl Iterator<Item = &Signature> {
        self.signatures.iter().filter(|signature| signature.name == *key.name() && signature.id == key.id())
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl Signature {
    /// Reads lines of signatures, without the newline of the last.
    ///
    /// # Errors
    /// When a line is none, or there are too many.
    pub fn parse_lines(lines: &str) -> Result<Vec<Self>, NoteError> {
        let mut signatures = Vec::new();
        for (number, line) in lines.split('\n').enumerate() {
            if number == SIGNATURES_LIMIT {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(Self::parse(line).ok_or(NoteError::Signature(number + 1))?);
        }
        Ok(signatures)
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (id, bytes) = bytes.split_first_chunk::<4>()?;
        (!bytes.is_empty()).then_some(())?;
        Some(Self { name: KeyName::parse(name)?, id: u32::from_be_bytes(*id), bytes: bytes.to_vec() })
    }
}

impl std::fmt::Display for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = [self.id.to_be_bytes().as_slice(), &self.bytes].concat();
        write!(f, "\u{2014} {} {}", self.name, STANDARD.encode(bytes))
    }
}

/// Whether a text has ASCII control characters other than newlines, which no note may have.
fn has_controls(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}
