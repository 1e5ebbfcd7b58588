//! The key store: a bucket of NATS (`nats kv ls DOCKET_KEYS` lists it), in which a key that is destroyed is overwritten.
//!
//! A key has a subject of its own, and what was said last on it counts. Nothing is removed by a limit, since the server
//! overwrites what it is told to delete, and only that: what a limit removes stays in its files until they are compacted.

use std::collections::HashMap;

use async_nats::client::Client;
use bytes::Bytes;
use docket_eventlog::Expect;
use docket_keyring::{Held, KeyStore, StoreError, StoredEpoch, StoredKey};
use docket_messages::KeyId;
use futures::future::BoxFuture;
use futures::FutureExt as _;
use serde::{Deserialize, Serialize};

use crate::publish::{self, Batch, Message};
use crate::read::{self, header};
use crate::{Connection, Namespace};

/// How many keys one request brings.
const ASKED: usize = 256;

/// The bucket of keys.
#[derive(Debug, Clone)]
pub struct Keys {
    client: Client,
    names: Namespace,
}

/// What stands on the subject of a key.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Said {
    Key(StoredKey),
    Destroyed { destroyed: bool },
}

#[derive(Serialize)]
struct LastOfEach {
    multi_last: Vec<String>,
    batch: usize,
}

impl Keys {
    /// The bucket on a connection. Its stream must exist; see [`streams::ensure`](crate::streams::ensure).
    #[must_use]
    pub fn new(connection: &Connection, names: Namespace) -> Self {
        Self { client: connection.client.clone(), names }
    }

    async fn add_all(&self, keys: Vec<(KeyId, StoredKey)>) -> Result<(), StoreError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::new("store keys", source);
        let Some((first, _)) = keys.first() else { return Ok(()) };
        let end = self.names.key(first.as_str());
        let mut batch = Batch::open(self.client.clone(), nuid::next().to_string());
        for (id, key) in keys {
            let payload = serde_json::to_vec(&Said::Key(key)).map_err(|error| failed(error.into()))?;
            let message = Message {
                subject: self.names.key(id.as_str()),
                expect: Some(Expect::Nothing),
                payload: Bytes::from(payload),
                trace: None,
            };
            batch.publish(&message).await.map_err(|error| failed(format!("{error:?}").into()))?;
        }
        batch.commit(end).await.map(drop).map_err(|error| failed(format!("{error:?}").into()))
    }

    /// What was said last of each key.
    async fn last_of(&self, ids: &[KeyId], found: &mut HashMap<KeyId, Held>) -> Result<(), StoreError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::new("read keys", source);
        let multi_last = ids.iter().map(|id| self.names.key(id.as_str())).collect();
        let request = serde_json::to_vec(&LastOfEach { multi_last, batch: ids.len() });
        let request = request.map_err(|error| failed(error.into()))?;
        let mut replies = read::ask_for_many(&self.client, &self.names.key_stream(), request).await.map_err(failed)?;
        while let Some(reply) = replies.next().await {
            let message = reply.map_err(failed)?;
            let subject = message.headers.as_ref().and_then(|headers| header(headers, "Nats-Subject"));
            let id = subject.and_then(|subject| self.names.below_keys(subject)).and_then(|id| KeyId::parse(id).ok());
            let id = id.ok_or_else(|| failed("an answer without its subject".into()))?;
            let held = match serde_json::from_slice(&message.payload).map_err(|error| failed(error.into()))? {
                Said::Key(key) => Held::Key(key),
                Said::Destroyed { .. } => Held::Destroyed,
            };
            found.insert(id, held);
        }
        Ok(())
    }

    async fn get_all(&self, ids: Vec<KeyId>) -> Result<Vec<Held>, StoreError> {
        let mut found = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(ASKED) {
            self.last_of(ids, &mut found).await?;
        }
        Ok(ids.iter().map(|id| found.get(id).cloned().unwrap_or(Held::Missing)).collect())
    }

    async fn all_epochs(&self) -> Result<Vec<StoredEpoch>, StoreError> {
        let failed = |error: docket_eventlog::ReadError| StoreError::new("read the epochs", error);
        let (stream, epochs) = (self.names.key_stream(), self.names.epoch("*"));
        let read = |message: async_nats::Message| {
            let place = header(message.headers.as_ref()?, "Nats-Sequence")?.parse().ok()?;
            Some((docket_messages::Position(place), serde_json::from_slice::<StoredEpoch>(&message.payload).ok()?))
        };
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let (more, is_all) = read::page(&self.client, &stream, &epochs, after, read).await.map_err(failed)?;
            after = more.last().map(|(place, _)| *place).or(after);
            let is_empty = more.is_empty();
            all.extend(more.into_iter().map(|(_, epoch)| epoch));
            if is_all || is_empty {
                all.sort_by_key(|epoch: &StoredEpoch| epoch.epoch);
                return Ok(all);
            }
        }
    }

    async fn begin(&self, epoch: StoredEpoch) -> Result<bool, StoreError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| StoreError::new("begin an epoch", source);
        let subject = self.names.epoch(&epoch.epoch.to_string());
        let payload = serde_json::to_vec(&epoch).map_err(|error| failed(error.into()))?;
        let message = Message { subject, expect: Some(Expect::Nothing), payload: Bytes::from(payload), trace: None };
        match publish::single(&self.client, &message).await {
            Ok(_) => Ok(true),
            Err(docket_eventlog::AppendError::Conflict) => Ok(false),
            Err(error) => Err(failed(error.into())),
        }
    }
}

impl KeyStore for Keys {
    fn add(&self, keys: Vec<(KeyId, StoredKey)>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.add_all(keys).boxed()
    }

    fn get(&self, ids: Vec<KeyId>) -> BoxFuture<'_, Result<Vec<Held>, StoreError>> {
        self.get_all(ids).boxed()
    }

    fn epochs(&self) -> BoxFuture<'_, Result<Vec<StoredEpoch>, StoreError>> {
        self.all_epochs().boxed()
    }

    fn begin_epoch(&self, epoch: StoredEpoch) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.begin(epoch).boxed()
    }
}
