//! A key store in memory, for tests and for what is thrown away afterwards.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use docket_messages::KeyId;
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};

use crate::store::{Held, KeyStore, StoreError, StoredEpoch, StoredKey};

/// A key store in memory.
#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<Content>);

#[derive(Debug, Default)]
struct Content {
    keys: HashMap<KeyId, Held>,
    epochs: BTreeMap<u32, StoredEpoch>,
    is_away: bool,
}

impl MemoryKeys {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Destroys a key.
    pub fn destroy(&self, id: &KeyId) {
        self.content().keys.insert(id.clone(), Held::Destroyed);
    }

    /// Has it answer no more, or again.
    pub fn set_away(&self, is_away: bool) {
        self.content().is_away = is_away;
    }

    /// What it has, if it answers.
    fn ask(&self) -> Result<MutexGuard<'_, Content>, StoreError> {
        let content = self.content();
        if content.is_away { Err(StoreError::new("answer", "it is away")) } else { Ok(content) }
    }

    /// Forgets everything, as a store does that was lost.
    pub fn lose(&self) {
        *self.content() = Content::default();
    }
}

impl KeyStore for MemoryKeys {
    fn add(&self, keys: Vec<(KeyId, StoredKey)>) -> BoxFuture<'_, Result<(), StoreError>> {
        let keys = keys.into_iter().map(|(id, key)| (id, Held::Key(key)));
        ready(self.ask().map(|mut content| content.keys.extend(keys))).boxed()
    }

    fn get(&self, ids: Vec<KeyId>) -> BoxFuture<'_, Result<Vec<Held>, StoreError>> {
        let held = |content: &Content, id: &KeyId| content.keys.get(id).cloned().unwrap_or(Held::Missing);
        ready(self.ask().map(|content| ids.iter().map(|id| held(&content, id)).collect())).boxed()
    }

    fn epochs(&self) -> BoxFuture<'_, Result<Vec<StoredEpoch>, StoreError>> {
        ready(self.ask().map(|content| content.epochs.values().cloned().collect())).boxed()
    }

    fn begin_epoch(&self, epoch: StoredEpoch) -> BoxFuture<'_, Result<bool, StoreError>> {
        let begin = |mut content: MutexGuard<'_, Content>| {
            let is_new = !content.epochs.contains_key(&epoch.epoch);
            content.epochs.entry(epoch.epoch).or_insert(epoch);
            is_new
        };
        ready(self.ask().map(begin)).boxed()
    }
}
