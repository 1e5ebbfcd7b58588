//! The stream of seals: signed checkpoints of the log, in their order. One sealer at a time writes it: each seal says
//! which one it follows, so of two that write at once one is refused.

use async_nats::client::Client;
use async_nats::jetstream;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use bytes::Bytes;
use docket_eventlog::ReadError;
use docket_messages::{Position, Timestamp};

use crate::{Connection, Namespace, NatsError, StoredMessage, read};

/// The seals.
#[derive(Debug, Clone)]
pub struct Seals {
    client: Client,
    context: jetstream::Context,
    stream: Stream,
    names: Namespace,
}

/// A seal as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Its place among the seals, from 1.
    pub number: u64,
    /// When the server took it in.
    pub at: Timestamp,
    /// The signed checkpoint.
    pub note: Bytes,
}

/// Why a seal was not written.
#[derive(Debug, thiserror::Error)]
pub enum NotSealed {
    /// Another one was written meanwhile.
    #[error("another sealer has written a seal after number {0}")]
    Followed(u64),
    /// The server refuses, or is gone.
    #[error(transparent)]
    Nats(#[from] NatsError),
}

impl Seal {
    fn of(message: StreamMessage) -> Self {
        Self { number: message.sequence, at: Timestamp::from(message.time), note: message.payload }
    }
}

impl Seals {
    /// Opens the stream, which the command service has created.
    ///
    /// # Errors
    /// [`NatsError::Stream`] when it is not there.
    pub async fn open(connection: &Connection, names: Namespace) -> Result<Self, NatsError> {
        let (context, name) = (jetstream::new(connection.client.clone()), names.seal_stream());
        let opened = context.get_stream(&name).await;
        let stream =
            opened.map_err(|error| NatsError::Stream { doing: "open", stream: name, cause: error.to_string() })?;
        Ok(Self { client: connection.client.clone(), context, stream, names })
    }

    /// The last seal, if there is one.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server does not answer.
    pub async fn last(&self) -> Result<Option<Seal>, NatsError> {
        match self.stream.get_last_raw_message_by_subject(&self.names.seals()).await {
            Ok(message) => Ok(Some(Seal::of(message))),
            Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(None),
            Err(error) => Err(NatsError::bus("read the last seal", &error)),
        }
    }

    /// The seal of a number, if there is one.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server does not answer.
    pub async fn at(&self, number: u64) -> Result<Option<Seal>, NatsError> {
        match self.stream.get_raw_message(number).await {
            Ok(message) => Ok(Some(Seal::of(message))),
            Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(None),
            Err(error) => Err(NatsError::bus("read a seal", &error)),
        }
    }

    /// Some seals after the one of a number, oldest first, and whether those are all.
    ///
    /// # Errors
    /// [`ReadError`] when the server does not answer.
    pub async fn page(&self, after: u64) -> Result<(Vec<Seal>, bool), ReadError> {
        let (stream, all) = (self.names.seal_stream(), self.names.seals());
        let read = |message| {
            let StoredMessage { position, nanos, payload: note, .. } = StoredMessage::asked(message)?;
            let at = Timestamp::EPOCH.plus_millis(nanos.div_euclid(1_000_000));
            Some(Seal { number: position.get(), at, note })
        };
        read::page(&self.client, &stream, &all, Some(Position(after)), read).await
    }

    /// Writes a seal behind the one of a number, and says its own. When this returns, it is on disk.
    ///
    /// # Errors
    /// [`NotSealed`].
    pub async fn write(&self, note: Bytes, after: u64) -> Result<u64, NotSealed> {
        let message = PublishMessage::build().payload(note).expected_last_sequence(after);
        let doing = "write a seal";
        let sent = self.context.send_publish(self.names.seals(), message).await;
        let acknowledged = match sent {
            Ok(sent) => sent.await,
            Err(error) => Err(error),
        };
        match acknowledged {
            Ok(acknowledged) => Ok(acknowledged.sequence),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Err(NotSealed::Followed(after)),
            Err(error) => Err(NatsError::bus(doing, &error).into()),
        }
    }
}
