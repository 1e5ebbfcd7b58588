//! The key store: a bucket of NATS (`nats kv ls DOCKET_KEYS` lists it), in which a key that is destroyed is overwritten.
//!
//! Each block of keys has a subject of its own, and what was written last there counts. Nothing is removed by a limit, since the
//! server overwrites what it is told to delete, and only that: what a limit removes stays in its files until they are compacted.

use std::collections::HashMap;

use async_nats::client::Client;
use async_nats::jetstream;
use bytes::Bytes;
use docket_eventlog::{AppendError, Expect, ReadError};
use docket_keyring::{BlockId, HeldBlock, KeyStore, Revision, StoreError, StoredBlock, StoredEpoch};
use docket_messages::Position;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;

use crate::publish::{self, Batch, Message};
use crate::read::{self, header};
use crate::{Connection, Namespace};

/// How many blocks one request brings.
const ASKED: usize = 256;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// The bucket of keys.
#[derive(Debug, Clone)]
pub struct Keys {
    client: Client,
    context: jetstream::Context,
    names: Namespace,
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
        let (client, context) = (connection.client.clone(), jetstream::new(connection.client.clone()));
        Self { client, context, names }
    }

    async fn add_all(&self, blocks: Vec<(BlockId, StoredBlock)>) -> Result<(), StoreError> {
        let failed = |source: Source| StoreError::new("store keys", source);
        let Some((first, _)) = blocks.first() else { return Ok(()) };
        let end = self.names.keys(first.as_str());
        let mut batch = Batch::open(self.client.clone(), nuid::next().to_string());
        for (id, block) in blocks {
            let message = self.message(&id, Expect::Nothing, &block).map_err(|error| failed(error.into()))?;
            batch.publish(&message).await.map_err(|error| failed(format!("{error:?}").into()))?;
        }
        batch.commit(end).await.map(drop).map_err(|error| failed(format!("{error:?}").into()))
    }

    fn message(&self, id: &BlockId, expect: Expect, block: &StoredBlock) -> Result<Message, serde_json::Error> {
        let payload = Bytes::from(serde_json::to_vec(block)?);
        Ok(Message { subject: self.names.keys(id.as_str()), expect: Some(expect), payload, trace: None })
    }

    /// What was written last of each block.
    async fn last_of(&self, ids: &[BlockId], found: &mut HashMap<BlockId, HeldBlock>) -> Result<(), StoreError> {
        let failed = |source: Source| StoreError::new("read keys", source);
        let multi_last = ids.iter().map(|id| self.names.keys(id.as_str())).collect();
        let request = serde_json::to_vec(&LastOfEach { multi_last, batch: ids.len() });
        let request = request.map_err(|error| failed(error.into()))?;
        let mut replies = read::ask_for_many(&self.client, &self.names.key_stream(), request).await.map_err(failed)?;
        while let Some(reply) = replies.next().await {
            let message = reply.map_err(failed)?;
            let said = |name: &str| message.headers.as_ref().and_then(|headers| header(headers, name));
            let id = said("Nats-Subject").and_then(|subject| self.names.below_keys(subject)).and_then(BlockId::parse);
            let revision = said("Nats-Sequence").and_then(|sequence| sequence.parse().ok()).map(Revision);
            let (id, revision) = id.zip(revision).ok_or_else(|| failed("an answer without its subject".into()))?;
            let block = serde_json::from_slice(&message.payload).map_err(|error| failed(error.into()))?;
            found.insert(id, (revision, block));
        }
        Ok(())
    }

    async fn get_all(&self, ids: Vec<BlockId>) -> Result<Vec<Option<HeldBlock>>, StoreError> {
        let mut found = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(ASKED) {
            self.last_of(ids, &mut found).await?;
        }
        Ok(ids.iter().map(|id| found.remove(id)).collect())
    }

    async fn put_in_place(&self, id: &BlockId, last: Revision, block: &StoredBlock) -> Result<bool, StoreError> {
        let failed = |source: Source| StoreError::new("replace keys", source);
        let expect = Expect::Last(Position(last.0));
        let message = self.message(id, expect, block).map_err(|error| failed(error.into()))?;
        match publish::single(&self.client, &message).await {
            Ok(_) => self.overwrite(last).await.map(|()| true),
            Err(AppendError::Conflict) => Ok(false),
            Err(error) => Err(failed(error.into())),
        }
    }

    /// Has the server overwrite a message where it stands in its files, and forget it.
    async fn overwrite(&self, revision: Revision) -> Result<(), StoreError> {
        let failed = |source: Source| StoreError::new("overwrite keys", source);
        let stream = self.context.get_stream_no_info(self.names.key_stream()).await;
        let stream = stream.map_err(|error| failed(error.into()))?;
        stream.delete_message(revision.0).await.map(drop).map_err(|error| failed(error.into()))
    }

    async fn all_epochs(&self) -> Result<Vec<StoredEpoch>, StoreError> {
        let failed = |error: ReadError| StoreError::new("read the epochs", error);
        let (stream, epochs) = (self.names.key_stream(), self.names.epoch("*"));
        let read = |message: async_nats::Message| {
            let place = header(message.headers.as_ref()?, "Nats-Sequence")?.parse().ok()?;
            Some((Position(place), serde_json::from_slice::<StoredEpoch>(&message.payload).ok()?))
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
        let failed = |source: Source| StoreError::new("begin an epoch", source);
        let subject = self.names.epoch(&epoch.epoch.to_string());
        let payload = serde_json::to_vec(&epoch).map_err(|error| failed(error.into()))?;
        let message = Message { subject, expect: Some(Expect::Nothing), payload: Bytes::from(payload), trace: None };
        match publish::single(&self.client, &message).await {
            Ok(_) => Ok(true),
            Err(AppendError::Conflict) => Ok(false),
            Err(error) => Err(failed(error.into())),
        }
    }
}

impl KeyStore for Keys {
    fn add(&self, blocks: Vec<(BlockId, StoredBlock)>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.add_all(blocks).boxed()
    }

    fn get(&self, ids: Vec<BlockId>) -> BoxFuture<'_, Result<Vec<Option<HeldBlock>>, StoreError>> {
        self.get_all(ids).boxed()
    }

    fn replace(&self, id: BlockId, last: Revision, block: StoredBlock) -> BoxFuture<'_, Result<bool, StoreError>> {
        async move { self.put_in_place(&id, last, &block).await }.boxed()
    }

    fn epochs(&self) -> BoxFuture<'_, Result<Vec<StoredEpoch>, StoreError>> {
        self.all_epochs().boxed()
    }

    fn begin_epoch(&self, epoch: StoredEpoch) -> BoxFuture<'_, Result<bool, StoreError>> {
        self.begin(epoch).boxed()
    }
}
