//! The stream of seals: signed checkpoints of the log, in their order. One sealer at a time writes it: each seal says
//! which one it follows, so of two that write at once one is refused.

use std::time::Duration;

use async_nats::client::{Client, RequestErrorKind};
use async_nats::jetstream;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use async_nats::{Message, Subject};
use bytes::Bytes;
use docket_eventlog::ReadError;
use docket_messages::{Position, Timestamp};
use futures::stream::{BoxStream, StreamExt as _};

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

/// Somebody who asks the sealer for a checkpoint with all signatures.
#[derive(Debug)]
pub struct Request {
    client: Client,
    reply: Subject,
}

impl Request {
    /// Answers it.
    pub async fn answer(self, note: Bytes) {
        // Whoever has asked may be gone by now.
        if let Err(error) = self.client.publish(self.reply, note).await {
            tracing::debug!(%error, "an answer of the sealer was not sent: {error}");
        }
    }
}

/// What the sealer is asked for.
///
/// # Errors
/// [`NatsError::Bus`] when it cannot be heard.
pub async fn requests(connection: &Connection, names: &Namespace) -> Result<BoxStream<'static, Request>, NatsError> {
    let client = connection.client.clone();
    let heard = client.subscribe(names.sealer()).await;
    let heard = heard.map_err(|error| NatsError::bus("hear who asks for a checkpoint", &error))?;
    let request = move |message: Message| {
        let client = client.clone();
        std::future::ready(message.reply.map(|reply| Request { client, reply }))
    };
    Ok(heard.filter_map(request).boxed())
}

/// How long a sealer has for an answer: it gathers for a turn, and asks its witnesses.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);

/// Asks the sealer for a checkpoint with all signatures. None, if no sealer answers.
///
/// # Errors
/// [`NatsError::Bus`] when the server does not answer.
pub async fn ask(connection: &Connection, names: &Namespace) -> Result<Option<Bytes>, NatsError> {
    let request = connection.client.request(names.sealer(), Bytes::new());
    match tokio::time::timeout(ANSWERED_WITHIN, request).await {
        Ok(Ok(answer)) => Ok(answer.status.is_none().then_some(answer.payload)),
        Ok(Err(error)) if matches!(error.kind(), RequestErrorKind::NoResponders | RequestErrorKind::TimedOut) => {
            Ok(None)
        }
        Ok(Err(error)) => Err(NatsError::bus("ask the sealer", &error)),
        Err(_) => Ok(None),
    }
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
        self.last_on(&self.names.seals()).await
    }

    /// The last checkpoint that witnesses have signed, too, if there is one.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server does not answer.
    pub async fn last_witnessed(&self) -> Result<Option<Seal>, NatsError> {
        self.last_on(&self.names.witnessed()).await
    }

    /// What was last found to be wrong with the log, if anything ever was.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server does not answer.
    pub async fn last_finding(&self) -> Result<Option<Seal>, NatsError> {
        self.last_on(&self.names.findings()).await
    }

    /// The number of whatever was written last; 0 if nothing was.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server does not answer.
    pub async fn end(&self) -> Result<u64, NatsError> {
        let info = self.stream.get_info().await.map_err(|error| NatsError::bus("look where the seals end", &error))?;
        Ok(info.state.last_sequence)
    }

    async fn last_on(&self, subject: &str) -> Result<Option<Seal>, NatsError> {
        match self.stream.get_last_raw_message_by_subject(subject).await {
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
        self.write_on(self.names.seals(), note, after).await
    }

    /// The same with a checkpoint that witnesses have signed, too.
    ///
    /// # Errors
    /// [`NotSealed`].
    pub async fn write_witnessed(&self, note: Bytes, after: u64) -> Result<u64, NotSealed> {
        self.write_on(self.names.witnessed(), note, after).await
    }

    /// Says what is wrong with the log, behind whatever was written last.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when it is not on disk.
    pub async fn write_finding(&self, text: String) -> Result<(), NatsError> {
        let failed = |error| NatsError::bus("say what is wrong with the log", &error);
        let sent = self.context.publish(self.names.findings(), text.into()).await.map_err(failed)?;
        sent.await.map(drop).map_err(failed)
    }

    async fn write_on(&self, subject: String, note: Bytes, after: u64) -> Result<u64, NotSealed> {
        let message = PublishMessage::build().payload(note).expected_last_sequence(after);
        let doing = "write a seal";
        let sent = self.context.send_publish(subject, message).await;
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
