//! Publishing into the log: one message, or an atomic batch of independent ones (NATS ADR-50).
//!
//! A batch is used as group commit only: one durable write for many entries. Nothing relies on a batch being
//! all or nothing, since one command is one message.

use async_nats::client::{Client, RequestErrorKind};
use async_nats::header::{
    HeaderMap, NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL, NATS_BATCH_ID, NATS_BATCH_SEQUENCE,
    NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
};
use bytes::Bytes;
use docket_eventlog::{AppendError, Expect, TraceParent};
use docket_messages::Position;
use serde::Deserialize;

/// A message on its way into the log.
#[derive(Debug, Clone)]
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

/// A batch that is being published. The server stages what comes, so a batch is opened as early as there is
/// something for it, and committed with its last message.
#[derive(Debug)]
pub(crate) struct Batch {
    client: Client,
    id: String,
    published: usize,
}

impl Batch {
    /// Opens a batch. The server notices with its first message, and drops it after ten silent seconds.
    pub(crate) fn open(client: Client, id: String) -> Self {
        Self { client, id, published: 0 }
    }

    /// Publishes a message that is not the last.
    ///
    /// # Errors
    /// [`BatchError::Failed`] when the connection is gone. Without its commit a batch is dropped, so nothing of
    /// it is in the log.
    pub(crate) async fn publish(&mut self, message: &Message) -> Result<(), BatchError> {
        let headers = self.headers(message);
        let published =
            self.client.publish_with_headers(message.subject.clone(), headers, message.payload.clone()).await;
        published.map_err(|error| BatchError::Failed { is_unknown: false, cause: error.to_string() })
    }

    /// Publishes the last message, which commits all, and waits until they are on disk. Returns the position of
    /// the first; the others follow without a gap.
    pub(crate) async fn commit(mut self, last: Message) -> Result<Position, BatchError> {
        let mut headers = self.headers(&last);
        headers.insert(NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL);
        let request = self.client.request_with_headers(last.subject, headers, last.payload);
        let reply = request.await.map_err(|error| BatchError::Failed {
            is_unknown: !matches!(error.kind(), RequestErrorKind::NoResponders | RequestErrorKind::MaxPayloadExceeded),
            cause: error.to_string(),
        })?;
        let ack: Ack = serde_json::from_slice(&reply.payload)
            .map_err(|error| BatchError::Failed { is_unknown: true, cause: error.to_string() })?;
        let count = u64::try_from(self.published).unwrap_or(u64::MAX);
        match (ack.seq, ack.count, ack.error) {
            (_, _, Some(_)) => Err(BatchError::Refused),
            (Some(last), Some(committed), None) if committed == count && last >= count => {
                Ok(Position(last - count + 1))
            }
            (..) => Err(BatchError::Failed {
                is_unknown: true,
                cause: "the acknowledgement is not of this batch".to_owned(),
            }),
        }
    }

    fn headers(&mut self, message: &Message) -> HeaderMap {
        self.published += 1;
        let mut headers = headers(message);
        headers.insert(NATS_BATCH_ID, self.id.as_str());
        headers.insert(NATS_BATCH_SEQUENCE, self.published.to_string().as_str());
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
