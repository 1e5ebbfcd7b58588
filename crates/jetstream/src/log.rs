//! The log on JetStream.

use async_nats::jetstream::{self, stream::LastRawMessageErrorKind, stream::Stream};
use docket_eventlog::{AppendError, Draft, EventLog, Expect, ReadError, Recorded, Subject};
use docket_messages::Position;
use futures::stream::BoxStream;

use crate::commit::Committer;
use crate::{Connection, Feed, Namespace, NatsError, StoredMessage, read};

/// Where the stream of a log that was put back says which one it is. A log that never was has none.
pub const INCARNATION: &str = "docket-incarnation";

/// Where such a stream says which log it goes on from: its incarnation, or [`FIRST`] for one that never was put back.
pub const PREDECESSOR: &str = "docket-predecessor";
/// What stands there for a log that never was put back.
pub const FIRST: &str = "first";
/// Up to which position.
pub const PREDECESSOR_LAST: &str = "docket-predecessor-last";
/// The SHA-256 of all payloads up to there, hexadecimal.
pub const PREDECESSOR_SHA256: &str = "docket-predecessor-sha256";
/// The root over the entries up to there (RFC 6962), base64.
pub const PREDECESSOR_ROOT: &str = "docket-predecessor-root";

/// The log that another one goes on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predecessor {
    /// Its incarnation, or [`FIRST`].
    pub id: String,
    /// Up to which position.
    pub last: Position,
    /// The root over the entries up to there (RFC 6962), base64, if the backup said.
    pub root: Option<String>,
}

/// Whatever is in the stream. Of any other filter the server counts with each answer what is left, subject by subject.
const ALL: &str = ">";

/// The oldest nats-server that will do: major, minor, patch.
const OLDEST_SERVER: (i64, i64, i64) = (2, 14, 4);

/// The stream `DOCKET_LOG` as an [`EventLog`].
#[derive(Debug, Clone)]
pub struct JetStreamLog {
    connection: Connection,
    names: Namespace,
    stream: Stream,
    committer: Committer,
    feed: Option<Feed>,
}

impl JetStreamLog {
    /// Opens the log. The stream must exist; see [`streams::ensure`](crate::streams::ensure).
    ///
    /// # Errors
    /// [`NatsError::Stream`] when it does not, and [`NatsError::TooOld`] when the server is.
    pub async fn open(connection: Connection, names: Namespace) -> Result<Self, NatsError> {
        let (major, minor, patch) = OLDEST_SERVER;
        if !connection.client.is_server_compatible(major, minor, patch) {
            let found = connection.client.server_info().version.clone();
            return Err(NatsError::TooOld { found, oldest: format!("{major}.{minor}.{patch}") });
        }
        let context = jetstream::new(connection.client.clone());
        let name = names.log_stream();
        let stream = context.get_stream(&name).await.map_err(|error| NatsError::Stream {
            doing: "open",
            stream: name,
            cause: error.to_string(),
        })?;
        let committer = Committer::start(connection.client.clone());
        Ok(Self { connection, names, stream, committer, feed: None })
    }

    /// The same, which passes on what is read by who follows all of it.
    #[must_use]
    pub fn passing_on(self, feed: Option<Feed>) -> Self {
        Self { feed, ..self }
    }

    /// Which log this is, as its stream says: a log that was put back from a backup is another one from there on. None if it
    /// never was.
    ///
    /// # Errors
    /// [`ReadError`] when the server does not answer.
    pub async fn incarnation(&self) -> Result<Option<String>, ReadError> {
        let info = self.stream.get_info().await;
        let info = info.map_err(|error| ReadError::new("ask which log this is", error.to_string()))?;
        Ok(info.config.metadata.get(INCARNATION).cloned())
    }

    /// Everything after a position as it stands in the stream, and then what comes.
    ///
    /// # Errors
    /// [`ReadError`] when the server does not answer.
    pub async fn follow_stored(
        &self,
        after: Position,
    ) -> Result<BoxStream<'static, Result<StoredMessage, ReadError>>, ReadError> {
        read::follow(&self.connection.client, &self.stream, String::new(), after, |message| {
            StoredMessage::delivered(&message)
        })
        .await
    }

    /// The message at a position as it stands in the stream.
    ///
    /// # Errors
    /// [`ReadError`] when the server does not answer.
    pub async fn stored_at(&self, position: Position) -> Result<Option<StoredMessage>, ReadError> {
        read::at(&self.connection.client, &self.names, position, StoredMessage::asked).await
    }

    /// Which log this one goes on from, as its stream says, if it was put back from a backup.
    ///
    /// # Errors
    /// [`ReadError`] when the server does not answer.
    pub async fn predecessor(&self) -> Result<Option<Predecessor>, ReadError> {
        let info = self.stream.get_info().await;
        let info = info.map_err(|error| ReadError::new("ask which log this one goes on from", error.to_string()))?;
        let told = |name: &str| info.config.metadata.get(name).cloned();
        let last = told(PREDECESSOR_LAST).and_then(|last| last.parse().ok()).map(Position);
        Ok(told(PREDECESSOR).zip(last).map(|(id, last)| Predecessor { id, last, root: told(PREDECESSOR_ROOT) }))
    }

    /// Some entries after a position, oldest first, each as it stands in the stream and as it is read, and whether those are
    /// all.
    ///
    /// # Errors
    /// [`ReadError`] when the server does not answer.
    pub async fn page_whole(&self, after: Position) -> Result<(Vec<(StoredMessage, Recorded)>, bool), ReadError> {
        let (stream, names) = (self.names.log_stream(), &self.names);
        let read = |message: async_nats::Message| {
            Some((StoredMessage::asked(message.clone())?, read::recorded(names, message)?))
        };
        read::page(&self.connection.client, &stream, ALL, Some(after), read).await
    }

    /// Some messages after a position as they stand in the stream, oldest first, and whether those are all. It needs no more
    /// than the right to read single entries.
    ///
    /// # Errors
    /// [`ReadError`] when the server does not answer.
    pub async fn page_stored(&self, after: Position) -> Result<(Vec<StoredMessage>, bool), ReadError> {
        let stream = self.names.log_stream();
        read::page(&self.connection.client, &stream, ALL, Some(after), StoredMessage::asked).await
    }

    async fn follow_filtered(
        &self,
        filter: String,
        after: Position,
    ) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        let names = self.names.clone();
        let feed = self.feed.clone().filter(|_| filter.is_empty());
        let read = move |message: jetstream::Message| {
            if let Some(feed) = &feed {
                feed.pass_on(|| StoredMessage::delivered(&message).ok());
            }
            read::delivered(&names, message)
        };
        read::follow(&self.connection.client, &self.stream, filter, after, read).await
    }

    /// Some entries after a position, oldest first, of a subject or of all; and whether those are all. It needs no more
    /// than the right to read single entries.
    ///
    /// # Errors
    /// [`ReadError`] when the server does not answer.
    pub async fn page(&self, subject: Option<&Subject>, after: Position) -> Result<(Vec<Recorded>, bool), ReadError> {
        let subject = subject.map_or_else(|| ALL.to_owned(), |subject| self.names.log_subject(subject));
        read::some_of_subject(&self.connection.client, &self.names, &subject, Some(after)).await
    }
}

impl EventLog for JetStreamLog {
    async fn append(&self, subject: &Subject, expect: Expect, draft: Draft) -> Result<Position, AppendError> {
        self.committer.commit(self.names.log_subject(subject), expect, draft).await
    }

    async fn read_subject(&self, subject: &Subject, after: Option<Position>) -> Result<Vec<Recorded>, ReadError> {
        read::subject(&self.connection.client, &self.names, &self.names.log_subject(subject), after).await
    }

    async fn last_of(&self, subject: &Subject) -> Result<Option<Position>, ReadError> {
        match self.stream.get_last_raw_message_by_subject(&self.names.log_subject(subject)).await {
            Ok(message) => Ok(Some(Position(message.sequence))),
            Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => Ok(None),
            Err(error) => Err(ReadError::new(format!("read the last entry of {subject}"), error.to_string())),
        }
    }

    async fn head(&self) -> Result<Position, ReadError> {
        let info = self.stream.get_info().await;
        let info = info.map_err(|error| ReadError::new("read the head of the log", error.to_string()))?;
        Ok(Position(info.state.last_sequence))
    }

    async fn entry_at(&self, position: Position) -> Result<Option<Recorded>, ReadError> {
        read::at(&self.connection.client, &self.names, position, |message| read::recorded(&self.names, message)).await
    }

    async fn follow(&self, after: Position) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        self.follow_filtered(String::new(), after).await
    }

    async fn follow_subject(
        &self,
        subject: &Subject,
        after: Position,
    ) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        self.follow_filtered(self.names.log_subject(subject), after).await
    }
}
