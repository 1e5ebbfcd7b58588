//! Opening what is personal in entries.

use std::collections::HashMap;

use docket_cipher::{DataKey, NotOpened, Place};
use docket_messages::{Entry, KeyId, PersonalEvent, Version};

/// Keys that were brought: each, or none if it was destroyed.
pub type Brought = HashMap<KeyId, Option<DataKey>>;

/// Why what is personal in an entry cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum Unopened {
    /// The box is none of the key's, or was changed.
    #[error("what is personal in the event of version {version} cannot be opened with the key `{key}`: {source}")]
    Box {
        /// The event.
        version: Version,
        /// The key that it names.
        key: KeyId,
        /// Why.
        source: NotOpened,
    },
    /// What was sealed is not what the event is to hold.
    #[error("what was sealed in the event of version {version} is not what such an event holds")]
    Other {
        /// The event.
        version: Version,
    },
}

/// Opens what is personal in an entry, as far as its keys were brought and were not destroyed. The rest stays sealed.
///
/// # Errors
/// [`Unopened`] when what is sealed was changed, or put there from elsewhere.
pub fn open<E: PersonalEvent>(entry: &mut Entry<E>, keys: &Brought) -> Result<(), Unopened> {
    let subject = format!("{}.{}", entry.kind.as_str(), entry.of);
    for (version, part) in entry.personal_parts() {
        let Some(sealed) = part.sealed() else { continue };
        let Some(Some(key)) = keys.get(&sealed.key) else { continue };
        let opened = key.open(Place { subject: &subject, version }, sealed);
        let json = opened.map_err(|source| Unopened::Box { version, key: sealed.key.clone(), source })?;
        part.reveal(&json).map_err(|_| Unopened::Other { version })?;
    }
    Ok(())
}

/// Seals what is personal in an entry that is to be written.
///
/// # Errors
/// When it cannot be written as JSON, or is longer than any that can be sealed.
pub fn seal<E: PersonalEvent>(
    entry: &mut Entry<E>,
    key: &DataKey,
    random: crate::Random,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let subject = format!("{}.{}", entry.kind.as_str(), entry.of);
    for (version, part) in entry.personal_parts() {
        let Some(json) = part.plain()?.map(zeroize::Zeroizing::new) else { continue };
        let mut nonce = [0; 24];
        random(&mut nonce);
        let sealed = key.seal(Place { subject: &subject, version }, nonce, &json);
        part.seal(sealed.ok_or("it is too long to be sealed")?);
    }
    Ok(())
}
