//! The keys that are at hand.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_cipher::{DataKey, EpochKey, Secret};
use docket_messages::KeyId;
use lru::LruCache;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::Random;
use crate::error::KeyError;
use crate::open::Brought;
use crate::provider::KeyProvider;
use crate::stock::Stock;
use crate::store::{Held, KeyStore, StoredEpoch, StoredKey};

/// How many keys are at hand, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The most keys at hand.
    pub at_hand: NonZeroUsize,
    /// For how long a key is at hand; then it is looked up again. A key that is destroyed can be used for so long where
    /// nobody hears of it.
    pub lifetime: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { at_hand: NonZeroUsize::new(65_536).unwrap_or(NonZeroUsize::MIN), lifetime: Duration::from_secs(60) }
    }
}

/// The keys that are at hand.
pub struct KeyRing {
    store: Arc<dyn KeyStore>,
    provider: Arc<dyn KeyProvider>,
    random: Random,
    lifetime: Duration,
    at_hand: Mutex<LruCache<KeyId, Known>>,
    epochs: Mutex<BTreeMap<u32, EpochKey>>,
    stock: Mutex<Stock>,
    /// Only one makes keys at a time; the others use what was made.
    making: Arc<tokio::sync::Mutex<()>>,
}

/// A key, or that it was destroyed; and until when that is believed.
struct Known {
    key: Option<DataKey>,
    until: Instant,
}

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
                self.note(key.id(), Some(&key));
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
        if let Some(known) = self.known(id) {
            return Ok(known);
        }
        let found = self.look_up(vec![id.clone()]).await?;
        Ok(found.into_iter().next().and_then(|(_, key)| key))
    }

    /// These keys, each once: whoever opens much asks for all its keys together.
    ///
    /// # Errors
    /// [`KeyError`] when one of them cannot be had.
    pub async fn bring(&self, ids: impl IntoIterator<Item = KeyId>) -> Result<Brought, KeyError> {
        let (mut found, mut missing) = (Brought::new(), Vec::new());
        for id in ids {
            match self.known(&id) {
                Some(known) => drop(found.insert(id, known)),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            found.extend(self.look_up(missing).await?);
        }
        Ok(found)
    }

    /// Lets go of keys.
    pub fn forget(&self, ids: &[KeyId]) {
        let mut at_hand = self.at_hand();
        for id in ids {
            at_hand.pop(id);
        }
    }

    fn at_hand(&self) -> MutexGuard<'_, LruCache<KeyId, Known>> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn epochs(&self) -> MutexGuard<'_, BTreeMap<u32, EpochKey>> {
        self.epochs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, id: &KeyId) -> Option<Option<DataKey>> {
        let mut at_hand = self.at_hand();
        let known = at_hand.get(id)?;
        if known.until < Instant::now() {
            at_hand.pop(id);
            return None;
        }
        Some(known.key.clone())
    }

    fn note(&self, id: &KeyId, key: Option<&DataKey>) {
        let known = Known { key: key.cloned(), until: Instant::now() + self.lifetime };
        self.at_hand().put(id.clone(), known);
    }

    async fn look_up(&self, ids: Vec<KeyId>) -> Result<Vec<(KeyId, Option<DataKey>)>, KeyError> {
        let held = self.store.get(ids.clone()).await?;
        let mut found = Vec::with_capacity(ids.len());
        for (id, held) in ids.into_iter().zip(held) {
            let key = match held {
                Held::Missing => return Err(KeyError::Missing(id)),
                Held::Destroyed => None,
                Held::Key(stored) => Some(self.unwrap(&id, &stored).await?),
            };
            self.note(&id, key.as_ref());
            found.push((id, key));
        }
        Ok(found)
    }

    async fn unwrap(&self, id: &KeyId, stored: &StoredKey) -> Result<DataKey, KeyError> {
        let known = self.epochs().get(&stored.epoch).cloned();
        let epoch = match known {
            Some(epoch) => epoch,
            None => {
                let epochs = self.store.epochs().await?;
                let found = epochs.iter().find(|epoch| epoch.epoch == stored.epoch);
                let gone = || KeyError::NoEpoch { key: id.clone(), epoch: stored.epoch };
                self.open_epoch(found.ok_or_else(gone)?).await?
            }
        };
        epoch.unwrap(id, stored.wrapped.as_bytes()).map_err(|_| KeyError::Damaged(id.clone()))
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
        let keys: Vec<DataKey> = (0..count).map(|_| self.new_key()).collect();
        let mut stored = Vec::with_capacity(count);
        for key in &keys {
            let mut nonce = [0; 24];
            (self.random)(&mut nonce);
            let wrapped = epoch.wrap(key, nonce).ok_or_else(|| KeyError::Damaged(key.id().clone()))?;
            stored.push((key.id().clone(), StoredKey { epoch: epoch.number(), wrapped: wrapped.into() }));
        }
        self.store.add(stored).await?;
        self.stock().put(keys);
        Ok(())
    }

    fn new_key(&self) -> DataKey {
        let mut id = [0; 16];
        (self.random)(&mut id);
        DataKey::new(KeyId::new(id), self.secret())
    }

    fn secret(&self) -> Secret {
        let mut bytes = Zeroizing::new([0; Secret::LENGTH]);
        (self.random)(&mut *bytes);
        Secret::new(*bytes)
    }
}

/// Nothing of the keys is shown.
impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing").field("provider", &self.provider.name()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
