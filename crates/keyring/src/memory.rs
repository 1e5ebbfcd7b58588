//! A key store in memory, for tests and for what is thrown away afterwards.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use docket_cipher::BlockId;
use futures::FutureExt as _;
use futures::future::{BoxFuture, ready};

use crate::store::{HeldBlock, KeyStore, Revision, StoreError, StoredBlock, StoredEpoch};

/// A key store in memory.
#[derive(Debug, Default)]
pub struct MemoryKeys(Mutex<Content>);

#[derive(Debug, Default)]
struct Content {
    blocks: HashMap<BlockId, HeldBlock>,
    epochs: BTreeMap<u32, StoredEpoch>,
    is_away: bool,
}

impl MemoryKeys {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it has, if it answers.
    fn ask(&self) -> Result<MutexGuard<'_, Content>, StoreError> {
        let content = self.content();
        if content.is_away { Err(StoreError::new("answer", "it is away")) } else { Ok(content) }
    }

    /// Has it answer no more, or again.
    pub fn set_away(&self, is_away: bool) {
        self.content().is_away = is_away;
    }

    /// Forgets everything, as a store does that was lost.
    pub fn lose(&self) {
        *self.content() = Content::default();
    }
}

impl KeyStore for MemoryKeys {
    fn add(&self, blocks: Vec<(BlockId, StoredBlock)>) -> BoxFuture<'_, Result<(), StoreError>> {
        let blocks = blocks.into_iter().map(|(id, block)| (id, (Revision(0), block)));
        ready(self.ask().map(|mut content| content.blocks.extend(blocks))).boxed()
    }

    fn get(&self, ids: Vec<BlockId>) -> BoxFuture<'_, Result<Vec<Option<HeldBlock>>, StoreError>> {
        ready(self.ask().map(|content| ids.iter().map(|id| content.blocks.get(id).cloned()).collect())).boxed()
    }

    fn replace(&self, id: BlockId, last: Revision, block: StoredBlock) -> BoxFuture<'_, Result<bool, StoreError>> {
        let replace = |mut content: MutexGuard<'_, Content>| {
            let is_last = content.blocks.get(&id).is_some_and(|(revision, _)| *revision == last);
            if is_last {
                content.blocks.insert(id, (Revision(last.0 + 1), block));
            }
            is_last
        };
        ready(self.ask().map(replace)).boxed()
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
