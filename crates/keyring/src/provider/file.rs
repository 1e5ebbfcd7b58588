//! Master keys that the operator keeps: in a file, or in the environment.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docket_cipher::{Secret, unwrap_epoch, wrap_epoch};
use docket_messages::KeyId;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use zeroize::Zeroizing;

use super::{KeyProvider, ProviderError};
use crate::Random;

/// What a line of a master key begins with.
const MARK: &str = "docket-master-key-1";

/// Master keys, by their ids. The first one wraps; the others unwrap what they have wrapped before.
pub struct MasterKeys {
    keys: Vec<(KeyId, Secret)>,
    random: Random,
}

/// Why a text holds no master keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMasterKeys {
    /// No line of it is one.
    #[error("there is no master key in it; a line of one reads `docket-master-key-1 ID KEY`")]
    None,
    /// A line is none.
    #[error("line {0} is no master key; it reads `docket-master-key-1 ID KEY`")]
    Line(usize),
    /// Two have one id.
    #[error("line {0} has the id of another master key")]
    Twice(usize),
}

impl MasterKeys {
    /// Reads them from a text with one in each line; a line that begins with `#` is none.
    ///
    /// # Errors
    /// [`InvalidMasterKeys`] says which line is none. The line itself is a secret, and is not shown.
    pub fn parse(text: &str, random: Random) -> Result<Self, InvalidMasterKeys> {
        let mut keys: Vec<(KeyId, Secret)> = Vec::new();
        let lines = text.lines().map(str::trim).enumerate();
        for (index, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let (id, secret) = read(line).ok_or(InvalidMasterKeys::Line(index + 1))?;
            if keys.iter().any(|(other, _)| *other == id) {
                return Err(InvalidMasterKeys::Twice(index + 1));
            }
            keys.push((id, secret));
        }
        if keys.is_empty() {
            return Err(InvalidMasterKeys::None);
        }
        Ok(Self { keys, random })
    }

    /// A new master key as a line.
    #[must_use]
    pub fn generate(random: Random) -> Zeroizing<String> {
        let (mut id, mut secret) = ([0; 16], Zeroizing::new([0; Secret::LENGTH]));
        random(&mut id);
        random(&mut *secret);
        Zeroizing::new(format!("{MARK} {} {}\n", KeyId::new(id), URL_SAFE_NO_PAD.encode(*secret)))
    }
}

fn read(line: &str) -> Option<(KeyId, Secret)> {
    let mut words = line.split_whitespace();
    let (Some(MARK), Some(id), Some(key), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return None;
    };
    let key = Zeroizing::new(URL_SAFE_NO_PAD.decode(key).ok()?);
    Some((KeyId::parse(id).ok()?, Secret::of(&key)?))
}

impl MasterKeys {
    fn wrap_now(&self, epoch: u32, key: &Secret) -> Result<String, ProviderError> {
        let (id, master) = self.keys.first().ok_or_else(|| ProviderError::new("there is no master key"))?;
        let mut nonce = [0; 24];
        (self.random)(&mut nonce);
        let wrapped = wrap_epoch(master, epoch, key, nonce);
        let wrapped = wrapped.ok_or_else(|| ProviderError::new("the key cannot be encrypted"))?;
        Ok(format!("{id}:{}", URL_SAFE_NO_PAD.encode(wrapped)))
    }

    fn unwrap_now(&self, epoch: u32, wrapped: &str) -> Result<Secret, ProviderError> {
        let (id, wrapped) = wrapped.split_once(':').ok_or_else(|| ProviderError::new("it is no wrapped key"))?;
        let (_, master) = self.keys.iter().find(|(known, _)| known.as_str() == id).ok_or_else(|| {
            ProviderError::new(format!(
                "it was wrapped by the master key `{id}`, which is not among those that are given"
            ))
        })?;
        let wrapped = URL_SAFE_NO_PAD.decode(wrapped).map_err(ProviderError::new)?;
        unwrap_epoch(master, epoch, &wrapped).map_err(ProviderError::new)
    }
}

impl KeyProvider for MasterKeys {
    fn name(&self) -> &'static str {
        "file"
    }

    fn wrap<'a>(&'a self, epoch: u32, key: &'a Secret) -> BoxFuture<'a, Result<String, ProviderError>> {
        async move { self.wrap_now(epoch, key) }.boxed()
    }

    fn unwrap<'a>(&'a self, epoch: u32, wrapped: &'a str) -> BoxFuture<'a, Result<Secret, ProviderError>> {
        async move { self.unwrap_now(epoch, wrapped) }.boxed()
    }
}

/// Shows how many there are, and nothing of them.
impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} master keys>", self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(bytes: &mut [u8]) {
        use std::sync::atomic::{AtomicU8, Ordering};
        static NEXT: AtomicU8 = AtomicU8::new(1);
        bytes.fill(NEXT.fetch_add(1, Ordering::Relaxed));
    }

    #[test]
    fn the_first_master_key_wraps_and_each_unwraps_its_own() {
        let (old, new) = (MasterKeys::generate(counting), MasterKeys::generate(counting));
        let before = MasterKeys::parse(&old, counting).unwrap();
        let key = Secret::new([9; 32]);
        let wrapped = before.wrap_now(1, &key).unwrap();
        let after = MasterKeys::parse(&format!("# new\n{}\n{}", *new, *old), counting).unwrap();
        assert_eq!(after.unwrap_now(1, &wrapped).unwrap().expose(), key.expose());
        assert!(after.unwrap_now(2, &wrapped).is_err(), "it is of another epoch");
        let wrapped = after.wrap_now(2, &key).unwrap();
        let error = before.unwrap_now(2, &wrapped).err().unwrap().to_string();
        assert!(error.contains("which is not among those that are given"), "{error}");
    }

    #[test]
    fn a_line_that_is_no_master_key_is_named_and_not_shown() {
        let line = MasterKeys::generate(counting);
        let error = |text: &str| MasterKeys::parse(text, counting).err();
        assert_eq!(error("\n# nothing\n"), Some(InvalidMasterKeys::None));
        assert_eq!(error(&format!("{}docket-master-key-1 x secret", *line)), Some(InvalidMasterKeys::Line(2)));
        assert_eq!(error(&format!("{}{}", *line, *line)), Some(InvalidMasterKeys::Twice(2)));
    }
}
