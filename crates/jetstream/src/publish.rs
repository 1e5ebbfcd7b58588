//! Publishing into the log: one message, or an atomic batch of independent ones (NATS ADR-50).
//!
//! A batch is used as group commit only: one durable write for many entries. Nothing relies on a batch being
//! all or nothing, since one command is one message.

use async_nats::client::{Client, RequestErrorKind};
use async_nats::header::{
    HeaderMap, NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_EOB, NATS_BATCH_ID, NATS_BATCH_SEQUENCE,
    NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
};
use bytes::Bytes;
use docket_eventlog::{AppendError, Expect, TraceParent};
use docket_messages::Position;
use serde::Deserialize;

/// A message on its way into the log.
#[derive(Debug)]
pub(crate) struct Message {
    pub subject: String,
    /// What must hold of the subject; nothing is checked without it.
    pub expect: Option<Expect>,
    pub payload: Bytes,
    pub trace: Option<TraceParent>,
}

/// Why a batch did not commit.
#[derive(Debug)]
pub(crate) enum BatchError {
    /// The server refused it as a whole: nothing of it is in the log. One of its messages is at fault, and
    /// nobody says which.
    Refused,
    /// The outcome of every message is this.
    Failed { is_unknown: bool, cause: String },
}

/// The wrong-last-sequence codes: of a single server, and of a cluster with a write in flight.
const WRONG_LAST_SEQUENCE: [u64; 2] = [10_071, 10_164];

#[derive(Deserialize)]
struct Ack {
    seq: Option<u64>,
    count: Option<u64>,
    error: Option<AckError>,
}

#[derive(Deserialize)]
struct AckError {
    err_code: u64,
    #[serde(default)]
    description: String,
}

/// Publishes one message and waits until it is on disk.
pub(crate) async fn single(client: &Client, message: &Message) -> Result<Position, AppendError> {
    let headers = headers(message);
    let request = client.request_with_headers(message.subject.clone(), headers, message.payload.clone());
    let reply = request.await.map_err(|error| match error.kind() {
        RequestErrorKind::NoResponders | RequestErrorKind::InvalidSubject | RequestErrorKind::MaxPayloadExceeded => {
            AppendError::Unavailable { source: error.to_string().into() }
        }
        RequestErrorKind::TimedOut | RequestErrorKind::Other => {
            AppendError::Unknown { source: error.to_string().into() }
        }
    })?;
    let ack: Ack =
        serde_json::from_slice(&reply.payload).map_err(|error| AppendError::Unknown { source: error.into() })?;
    match (ack.seq, ack.error) {
        (_, Some(error)) if WRONG_LAST_SEQUENCE.contains(&error.err_code) => Err(AppendError::Conflict),
        (_, Some(error)) => {
            let cause = format!("{} (JetStream error {})", error.description, error.err_code);
            Err(AppendError::Unavailable { source: cause.into() })
        }
        (Some(sequence), None) => Ok(Position(sequence)),
        (None, None) => Err(AppendError::Unknown { source: "the acknowledgement has no sequence".into() }),
    }
}

/// A batch that is being published. The server stages what comes, so a batch is opened as early as there is something
/// for it, and everything is published as it comes; what commits is a message of its own, which is not stored.
#[derive(Debug)]
pub(crate) struct Batch {
    client: Client,
    id: String,
    published: u64,
}

impl Batch {
    /// Opens a batch. The server notices with its first message, and drops it after ten silent seconds.
    pub(crate) fn open(client: Client, id: String) -> Self {
        Self { client, id, published: 0 }
    }

    /// Publishes a message.
    ///
    /// # Errors
    /// [`BatchError::Failed`] when it could not be sent. It has its number all the same, so the server misses it and
    /// refuses the batch: nothing of it gets into the log.
    pub(crate) async fn publish(&mut self, message: &Message) -> Result<(), BatchError> {
        self.published += 1;
        let headers = self.numbered(headers(message), self.published);
        let published =
            self.client.publish_with_headers(message.subject.clone(), headers, message.payload.clone()).await;
        published.map_err(|error| BatchError::Failed { is_unknown: false, cause: error.to_string() })
    }

    /// Commits what was published, and waits until it is on disk. Returns the position of the first message; the
    /// others follow without a gap. The end is announced on a subject of the stream, like any message.
    pub(crate) async fn commit(self, subject: String) -> Result<Position, BatchError> {
        let mut headers = self.numbered(HeaderMap::new(), self.published + 1);
        headers.insert(NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_EOB);
        let request = self.client.request_with_headers(subject, headers, Bytes::new());
        let reply = request.await.map_err(|error| BatchError::Failed {
            is_unknown: !matches!(error.kind(), RequestErrorKind::NoResponders | RequestErrorKind::MaxPayloadExceeded),
            cause: error.to_string(),
        })?;
        let ack: Ack = serde_json::from_slice(&reply.payload)
            .map_err(|error| BatchError::Failed { is_unknown: true, cause: error.to_string() })?;
        match (ack.seq, ack.count, ack.error) {
            (_, _, Some(_)) => Err(BatchError::Refused),
            (Some(last), Some(committed), None) if committed == self.published && last >= committed => {
                Ok(Position(last - committed + 1))
            }
            (..) => Err(BatchError::Failed {
                is_unknown: true,
                cause: "the acknowledgement is not of this batch".to_owned(),
            }),
        }
    }

    fn numbered(&self, mut headers: HeaderMap, sequence: u64) -> HeaderMap {
        headers.insert(NATS_BATCH_ID, self.id.as_str());
        headers.insert(NATS_BATCH_SEQUENCE, sequence.to_string().as_str());
        headers
    }
}

fn headers(message: &Message) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(trace) = &message.trace {
        headers.insert(TraceParent::HEADER, trace.as_str());
    }
    let sequence = match message.expect {
        None => return headers,
        Some(Expect::Nothing) => 0,
        Some(Expect::Last(position)) => position.get(),
    };
    headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, sequence.to_string().as_str());
    headers
}
