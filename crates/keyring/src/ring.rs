//! The keys that are at hand.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_cipher::{Block, BlockId, DataKey, EpochKey, Secret};
use docket_messages::KeyId;
use lru::LruCache;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::Random;
use crate::error::KeyError;
use crate::open::Brought;
use crate::provider::KeyProvider;
use crate::stock::Stock;
use crate::store::{KeyStore, StoreError, StoredBlock, StoredEpoch};

/// How many keys are at hand, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The most blocks of keys at hand; each has 2 KiB.
    pub at_hand: NonZeroUsize,
    /// For how long a key is at hand; then it is looked up again. A key that is destroyed can be used for so long where
    /// nobody hears of it.
    pub lifetime: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { at_hand: NonZeroUsize::new(4_096).unwrap_or(NonZeroUsize::MIN), lifetime: Duration::from_secs(60) }
    }
}

/// The keys that are at hand.
pub struct KeyRing {
    store: Arc<dyn KeyStore>,
    provider: Arc<dyn KeyProvider>,
    random: Random,
    lifetime: Duration,
    at_hand: Mutex<LruCache<BlockId, Known>>,
    epochs: Mutex<BTreeMap<u32, EpochKey>>,
    stock: Mutex<Stock>,
    /// Only one makes keys at a time; the others use what was made.
    making: Arc<tokio::sync::Mutex<()>>,
}

/// A block, and until when it is believed to be all there is of it.
struct Known {
    block: Arc<Block>,
    until: Instant,
}

/// How often a block is written anew that others write as well.
const ATTEMPTS: u32 = 100;

impl KeyRing {
    /// A ring of the keys of a store.
    #[must_use]
    pub fn new(store: Arc<dyn KeyStore>, provider: Arc<dyn KeyProvider>, random: Random, settings: Settings) -> Self {
        Self {
            store,
            provider,
            random,
            lifetime: settings.lifetime,
            at_hand: Mutex::new(LruCache::new(settings.at_hand)),
            epochs: Mutex::default(),
            stock: Mutex::default(),
            making: Arc::default(),
        }
    }

    /// What fills bytes with randomness.
    #[must_use]
    pub fn random(&self) -> Random {
        self.random
    }

    /// A key that nobody has. It is on disk.
    ///
    /// # Errors
    /// [`KeyError`] when none can be made.
    pub async fn fresh(self: &Arc<Self>) -> Result<DataKey, KeyError> {
        loop {
            let (key, is_low) = self.stock().take();
            if is_low && let Ok(making) = Arc::clone(&self.making).try_lock_owned() {
                let ring = Arc::clone(self);
                tokio::spawn(async move {
                    if let Err(error) = ring.make_some().await {
                        tracing::warn!(%error, "no keys could be made in advance: {error}");
                    }
                    drop(making);
                });
            }
            if let Some(key) = key {
                return Ok(key);
            }
            // Whoever makes some is waited for.
            let _making = self.making.lock().await;
            if self.stock().is_empty() {
                self.make_some().await?;
            }
        }
    }

    /// A key; none if it was destroyed.
    ///
    /// # Errors
    /// [`KeyError`] when it cannot be had.
    pub async fn get(&self, id: &KeyId) -> Result<Option<DataKey>, KeyError> {
        let (block, index) = place_of(id)?;
        if let Some(block) = self.known(block) {
            return Ok(block.key(index));
        }
        let mut brought = self.bring([id.clone()]).await?;
        Ok(brought.remove(id).flatten())
    }

    /// These keys, each once: whoever opens much asks for all its keys together.
    ///
    /// # Errors
    /// [`KeyError`] when one of them cannot be had.
    pub async fn bring(&self, ids: impl IntoIterator<Item = KeyId>) -> Result<Brought, KeyError> {
        let (mut found, mut missing) = (Brought::new(), Vec::new());
        for id in ids {
            let (block, index) = place_of(&id)?;
            match self.known(block) {
                Some(block) => drop(found.insert(id, block.key(index))),
                None => missing.push(id),
            }
        }
        let blocks: BTreeSet<BlockId> = missing.iter().filter_map(|id| BlockId::parse(BlockId::of(id)?.0)).collect();
        let blocks = self.look_up(blocks.into_iter().collect()).await?;
        for id in missing {
            let (block, index) = place_of(&id)?;
            let block = blocks.get(block).ok_or_else(|| KeyError::Missing(id.clone()))?;
            found.insert(id.clone(), block.key(index));
        }
        Ok(found)
    }

    /// Destroys keys: the store has them no more, and says so for ever. Some may have been destroyed before.
    ///
    /// # Errors
    /// [`KeyError`] when the store does not answer, or does not have them; those before may be destroyed.
    pub async fn destroy(&self, ids: &[KeyId]) -> Result<(), KeyError> {
        let mut of_blocks: BTreeMap<BlockId, Vec<(&KeyId, usize)>> = BTreeMap::new();
        for id in ids {
            let (block, index) = place_of(id)?;
            let block = BlockId::parse(block).ok_or_else(|| KeyError::Missing(id.clone()))?;
            of_blocks.entry(block).or_default().push((id, index));
        }
        for (block, keys) in of_blocks {
            self.destroy_in(&block, &keys).await?;
        }
        Ok(())
    }

    async fn destroy_in(&self, id: &BlockId, keys: &[(&KeyId, usize)]) -> Result<(), KeyError> {
        let Some((first, _)) = keys.first() else { return Ok(()) };
        let missing = || KeyError::Missing((*first).clone());
        for _ in 0..ATTEMPTS {
            let held = self.store.get(vec![id.clone()]).await?.into_iter().next().flatten();
            let (revision, stored) = held.ok_or_else(missing)?;
            let mut block = self.unwrap(id, &stored).await?;
            self.at_hand().pop(id);
            if keys.iter().filter(|(_, index)| block.destroy(*index)).count() == 0 {
                return Ok(());
            }
            let epoch = self.epoch_of(id, stored.epoch).await?;
            if self.store.replace(id.clone(), revision, self.wrap(&epoch, &block)?).await? {
                return Ok(());
            }
        }
        Err(StoreError::new("destroy keys", "others always wrote the same block first").into())
    }

    /// Lets go of the keys that are stored with these, and of these.
    pub fn forget(&self, ids: &[KeyId]) {
        let mut at_hand = self.at_hand();
        for (block, _) in ids.iter().filter_map(BlockId::of) {
            at_hand.pop(block);
        }
    }

    fn at_hand(&self) -> MutexGuard<'_, LruCache<BlockId, Known>> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn epochs(&self) -> MutexGuard<'_, BTreeMap<u32, EpochKey>> {
        self.epochs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, id: &str) -> Option<Arc<Block>> {
        let mut at_hand = self.at_hand();
        let known = at_hand.get(id)?;
        if known.until < Instant::now() {
            at_hand.pop(id);
            return None;
        }
        Some(Arc::clone(&known.block))
    }

    fn note(&self, block: &Arc<Block>) {
        let known = Known { block: Arc::clone(block), until: Instant::now() + self.lifetime };
        self.at_hand().put(block.id().clone(), known);
    }

    /// Blocks of the store, as far as they are there.
    async fn look_up(&self, ids: Vec<BlockId>) -> Result<HashMap<BlockId, Arc<Block>>, KeyError> {
        let mut found = HashMap::with_capacity(ids.len());
        if ids.is_empty() {
            return Ok(found);
        }
        let held = self.store.get(ids.clone()).await?;
        for (id, held) in ids.into_iter().zip(held) {
            let Some((_, stored)) = held else { continue };
            let block = Arc::new(self.unwrap(&id, &stored).await?);
            self.note(&block);
            found.insert(id, block);
        }
        Ok(found)
    }

    async fn unwrap(&self, id: &BlockId, stored: &StoredBlock) -> Result<Block, KeyError> {
        let epoch = self.epoch_of(id, stored.epoch).await?;
        let unwrapped = epoch.unwrap(id, &stored.destroyed, stored.wrapped.as_bytes());
        unwrapped.map_err(|_| KeyError::Damaged { block: id.as_str().to_owned() })
    }

    fn wrap(&self, epoch: &EpochKey, block: &Block) -> Result<StoredBlock, KeyError> {
        let mut nonce = [0; 24];
        (self.random)(&mut nonce);
        let wrapped = epoch.wrap(block, nonce);
        let wrapped = wrapped.ok_or_else(|| KeyError::Damaged { block: block.id().as_str().to_owned() })?;
        Ok(StoredBlock { epoch: epoch.number(), destroyed: block.destroyed(), wrapped: wrapped.into() })
    }

    /// The key of the epoch that a block is wrapped by.
    async fn epoch_of(&self, block: &BlockId, number: u32) -> Result<EpochKey, KeyError> {
        if let Some(epoch) = self.epochs().get(&number) {
            return Ok(epoch.clone());
        }
        let epochs = self.store.epochs().await?;
        let found = epochs.iter().find(|epoch| epoch.epoch == number);
        let gone = || KeyError::NoEpoch { block: block.as_str().to_owned(), epoch: number };
        self.open_epoch(found.ok_or_else(gone)?).await
    }

    /// The key of an epoch. The provider is asked once for each.
    async fn open_epoch(&self, stored: &StoredEpoch) -> Result<EpochKey, KeyError> {
        if let Some(epoch) = self.epochs().get(&stored.epoch) {
            return Ok(epoch.clone());
        }
        let (epoch, configured) = (stored.epoch, self.provider.name());
        if stored.provider != configured {
            let (found, configured) = (stored.provider.clone(), configured.to_owned());
            return Err(KeyError::OtherProvider { epoch, found, configured });
        }
        let unwrapped = self.provider.unwrap(epoch, &stored.wrapped).await;
        let secret = unwrapped.map_err(|source| self.refused("unwrap", epoch, source))?;
        let key = EpochKey::new(epoch, secret);
        self.epochs().insert(epoch, key.clone());
        Ok(key)
    }

    fn refused(&self, doing: &'static str, epoch: u32, source: crate::ProviderError) -> KeyError {
        KeyError::Provider { provider: self.provider.name().to_owned(), doing, epoch, source }
    }

    /// The newest epoch; the first one begins when there is none.
    async fn newest_epoch(&self) -> Result<EpochKey, KeyError> {
        loop {
            if let Some(newest) = self.store.epochs().await?.last() {
                return self.open_epoch(newest).await;
            }
            self.begin_epoch(1).await?;
        }
    }

    /// Begins an epoch, unless somebody else does.
    async fn begin_epoch(&self, epoch: u32) -> Result<(), KeyError> {
        let secret = self.secret();
        let wrapped = self.provider.wrap(epoch, &secret).await;
        let wrapped = wrapped.map_err(|source| self.refused("wrap", epoch, source))?;
        let stored = StoredEpoch { epoch, provider: self.provider.name().to_owned(), wrapped };
        if self.store.begin_epoch(stored).await? {
            self.epochs().insert(epoch, EpochKey::new(epoch, secret));
        }
        Ok(())
    }

    /// Makes keys in advance. They are stored before anybody gets one.
    async fn make_some(&self) -> Result<(), KeyError> {
        let epoch = self.newest_epoch().await?;
        let count = self.stock().order();
        let blocks: Vec<Arc<Block>> = (0..count).map(|_| Arc::new(self.new_block())).collect();
        let wrapped = blocks.iter().map(|block| Ok((block.id().clone(), self.wrap(&epoch, block)?)));
        self.store.add(wrapped.collect::<Result<_, KeyError>>()?).await?;
        for block in &blocks {
            self.note(block);
            self.stock().put(block.keys());
        }
        Ok(())
    }

    fn new_block(&self) -> Block {
        let mut id = [0; 16];
        (self.random)(&mut id);
        Block::new(BlockId::new(id), || self.secret())
    }

    fn secret(&self) -> Secret {
        let mut bytes = Zeroizing::new([0; Secret::LENGTH]);
        (self.random)(&mut *bytes);
        Secret::new(*bytes)
    }
}

/// The block of a key, and its index there. No key has another id.
fn place_of(id: &KeyId) -> Result<(&str, usize), KeyError> {
    BlockId::of(id).ok_or_else(|| KeyError::Missing(id.clone()))
}

/// Nothing of the keys is shown.
impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("provider", &self.provider.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
