//! The store of keys, as a port.

use docket_messages::{Binary, KeyId};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// Where keys are stored.
pub trait KeyStore: Send + Sync + 'static {
    /// Stores new keys. They are on disk when this returns.
    fn add(&self, keys: Vec<(KeyId, StoredKey)>) -> BoxFuture<'_, Result<(), StoreError>>;

    /// What is known of keys, in the order of the ids.
    fn get(&self, ids: Vec<KeyId>) -> BoxFuture<'_, Result<Vec<Held>, StoreError>>;

    /// All epochs that are not destroyed, oldest first.
    fn epochs(&self) -> BoxFuture<'_, Result<Vec<StoredEpoch>, StoreError>>;

    /// Begins an epoch. Says whether it did: somebody else may have begun one of that number.
    fn begin_epoch(&self, epoch: StoredEpoch) -> BoxFuture<'_, Result<bool, StoreError>>;
}

/// A data key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredKey {
    /// The epoch whose key wraps it.
    pub epoch: u32,
    /// The wrapped key.
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

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// It is there.
    Key(StoredKey),
    /// It was destroyed.
    Destroyed,
    /// Nothing.
    Missing,
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
