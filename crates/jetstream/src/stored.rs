//! A message of the log as it stands in the stream: what evidence is made of.

use async_nats::{HeaderMap, jetstream};
use bytes::Bytes;
use docket_messages::Position;

use crate::read::{ADDED, Placed, header, pairs};

/// A message of the log, with everything that the server keeps of it.
#[derive(Debug, Clone)]
pub struct StoredMessage {
    /// Its sequence in the stream.
    pub position: Position,
    /// When the server took it in, in nanoseconds since 1970.
    pub nanos: i64,
    /// The whole subject.
    pub subject: String,
    headers: HeaderMap,
    /// Whether the server was asked for it, and has added headers of its own.
    is_asked: bool,
    /// The bytes of the entry.
    pub payload: Bytes,
}

impl StoredMessage {
    /// Its headers as they stand in the stream, in no order; those of one name in theirs.
    #[must_use]
    pub fn headers(&self) -> Vec<(&str, &str)> {
        pairs(&self.headers).filter(|(name, _)| !self.is_asked || !ADDED.contains(name)).collect()
    }

    /// One that a consumer brings.
    pub(crate) fn delivered(message: &jetstream::Message) -> Result<Self, async_nats::Error> {
        let info = message.info()?;
        let nanos = info.published.timestamp_nanos_opt().ok_or("a time that is none")?;
        let position = Position(info.stream_sequence);
        let (subject, headers) = (message.subject.to_string(), message.headers.clone().unwrap_or_default());
        Ok(Self { position, nanos, subject, headers, is_asked: false, payload: message.payload.clone() })
    }

    /// One that the server was asked for, which adds headers of its own.
    pub(crate) fn asked(message: async_nats::Message) -> Option<Self> {
        let told = message.headers?;
        let taken_in = chrono::DateTime::parse_from_rfc3339(header(&told, "Nats-Time-Stamp")?).ok()?;
        Some(Self {
            position: Position(header(&told, "Nats-Sequence")?.parse().ok()?),
            nanos: taken_in.timestamp_nanos_opt()?,
            subject: header(&told, "Nats-Subject")?.to_owned(),
            payload: message.payload,
            headers: told,
            is_asked: true,
        })
    }
}

impl Placed for StoredMessage {
    fn position(&self) -> Position {
        self.position
    }
}
