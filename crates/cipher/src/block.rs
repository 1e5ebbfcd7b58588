//! Data keys that are stored together.
//!
//! A key that is stored by itself costs a message of the store; 64 of them together cost one, and half as many bytes. Each can
//! still be destroyed alone: the block is written anew without it.

use std::borrow::Borrow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use docket_messages::KeyId;
use smol_str::SmolStr;
use zeroize::Zeroizing;

use crate::data_key::DataKey;
use crate::secret::Secret;

/// The last character of a key id says which key of its block it is.
const NUMERALS: &[u8; Block::KEYS] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Which block, by random characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockId(SmolStr);

impl BlockId {
    /// The id of sixteen random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(SmolStr::new(URL_SAFE_NO_PAD.encode(random)))
    }

    /// The text of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id that a subject of the store ends in.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        KeyId::parse(text).ok().map(|token| Self(SmolStr::new(token.as_str())))
    }

    /// Where the key of an id is: the block, and its index there.
    #[must_use]
    pub fn of(key: &KeyId) -> Option<(&str, usize)> {
        let (block, numeral) = key.as_str().split_at_checked(key.as_str().len().checked_sub(1)?)?;
        let index = NUMERALS.iter().position(|known| numeral.as_bytes() == [*known])?;
        (!block.is_empty()).then_some((block, index))
    }

    fn key(&self, index: usize) -> Option<KeyId> {
        let numeral = char::from(*NUMERALS.get(index)?);
        KeyId::parse(&format!("{}{numeral}", self.0)).ok()
    }
}

impl Borrow<str> for BlockId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Data keys that are stored together.
#[derive(Clone)]
pub struct Block {
    id: BlockId,
    /// None for one that was destroyed.
    keys: Vec<Option<Secret>>,
}

impl Block {
    /// So many keys.
    pub const KEYS: usize = 64;

    /// A block of new keys.
    #[must_use]
    pub fn new(id: BlockId, mut secret: impl FnMut() -> Secret) -> Self {
        let keys = (0..Self::KEYS).map(|_| Some(secret())).collect();
        Self { id, keys }
    }

    /// Which one.
    #[must_use]
    pub fn id(&self) -> &BlockId {
        &self.id
    }

    /// The key of an index; none if it was destroyed.
    #[must_use]
    pub fn key(&self, index: usize) -> Option<DataKey> {
        let secret = self.keys.get(index)?.as_ref()?;
        Some(DataKey::new(self.id.key(index)?, secret.clone()))
    }

    /// All keys that are not destroyed.
    pub fn keys(&self) -> impl Iterator<Item = DataKey> {
        (0..Self::KEYS).filter_map(|index| self.key(index))
    }

    /// Destroys a key. Says whether it was there.
    pub fn destroy(&mut self, index: usize) -> bool {
        self.keys.get_mut(index).and_then(Option::take).is_some()
    }

    /// Those that were destroyed, by index.
    #[must_use]
    pub fn destroyed(&self) -> Vec<u8> {
        (0_u8..).zip(&self.keys).filter(|(_, key)| key.is_none()).map(|(index, _)| index).collect()
    }

    /// All of it in a row, for who wraps it. Where a key was destroyed there are zeros.
    pub(crate) fn bytes(&self) -> Zeroizing<Vec<u8>> {
        let none = [0; Secret::LENGTH];
        let keys = self.keys.iter().map(|key| key.as_ref().map_or(&none, Secret::expose));
        Zeroizing::new(keys.flatten().copied().collect())
    }

    /// The block that was in a row.
    pub(crate) fn read(id: BlockId, destroyed: &[u8], bytes: &[u8]) -> Option<Self> {
        let keys = (0_u8..).zip(bytes.chunks(Secret::LENGTH));
        let keys: Vec<Option<Secret>> = keys
            .map(|(index, bytes)| if destroyed.contains(&index) { Some(None) } else { Secret::of(bytes).map(Some) })
            .collect::<Option<_>>()?;
        (keys.len() == Self::KEYS).then_some(Self { id, keys })
    }
}
