//! The store of keys, as a port.

use docket_cipher::BlockId;
use docket_messages::Binary;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// Where keys are stored.
pub trait KeyStore: Send + Sync + 'static {
    /// Stores new blocks. They are on disk when this returns.
    fn add(&self, blocks: Vec<(BlockId, StoredBlock)>) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Blocks, in the order of the ids; none for one that is not there.
    fn get(&self, ids: Vec<BlockId>) -> BoxFuture<'_, Result<Vec<Option<HeldBlock>>, StoreError>>;

    /// Puts a block in the place of its last revision, and overwrites that. Says whether it did: somebody else may have put
    /// another one there meanwhile.
    fn replace(&self, id: BlockId, last: Revision, block: StoredBlock) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// All epochs that are not destroyed, oldest first.
    fn epochs(&self) -> BoxFuture<'_, Result<Vec<StoredEpoch>, StoreError>>;

    /// Begins an epoch. Says whether it did: somebody else may have begun one of that number.
    fn begin_epoch(&self, epoch: StoredEpoch) -> BoxFuture<'_, Result<bool, StoreError>>;
}

/// A block that the store holds, and which writing of it.
pub type HeldBlock = (Revision, StoredBlock);

/// Which writing of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision(pub u64);

/// A block as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredBlock {
    /// The epoch whose key wraps it.
    pub epoch: u32,
    /// Its keys that were destroyed, by index: for ever.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destroyed: Vec<u8>,
    /// The keys, wrapped.
    pub wrapped: Binary,
}

/// The key of an epoch as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredEpoch {
    /// Which one, from 1.
    pub epoch: u32,
    /// The provider that wraps it.
    pub provider: String,
    /// The wrapped key, as the provider writes it.
    pub wrapped: String,
}

/// Why the store does not answer.
#[derive(Debug, thiserror::Error)]
#[error("the key store failed to {doing}")]
pub struct StoreError {
    doing: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// What was being done, and why it failed.
    pub fn new(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { doing, source: source.into() }
    }
}
