//! Copies of whole streams, with positions and times as they are: the server's own snapshots (NATS ADR on backup and
//! restore).
//!
//! The server publishes a copy in chunks to a subject that the requester names, in the account of the streams and with
//! nobody's rights: to the log as well, if that is what is named. So only the command service may ask, who may write
//! the log anyway ([`access`](crate::access)); and nobody may put a stream back on a server that runs a desk.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::{Subscriber, jetstream};
use bytes::Bytes;
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Connection, NatsError};

/// The largest chunk. The server takes messages of up to 8 MiB.
const CHUNK_BYTES: usize = 128 * 1024;
/// How much the server may send before it is told that something arrived.
const WINDOW_BYTES: usize = 8 * CHUNK_BYTES;
/// How long the server may take for a chunk. It reads a stretch of the stream for each.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may take to read a whole stream that was put back.
const READING: Duration = Duration::from_secs(600);
/// The status of the last message of a copy, if it has one.
const END: u16 = 204;

/// What a stream held when its copy was begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// How many messages.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The first sequence.
    pub first_seq: u64,
    /// When the first message was taken in.
    pub first_ts: String,
    /// The last sequence.
    pub last_seq: u64,
    /// When the last message was taken in.
    pub last_ts: String,
}

/// A copy of a stream that is being taken. The stream goes on meanwhile.
#[derive(Debug)]
pub struct Copy {
    connection: Connection,
    stream: String,
    chunks: Subscriber,
    /// The settings of the stream, as the server writes them.
    pub config: Value,
    /// What it held.
    pub state: State,
}

impl Copy {
    /// Begins a copy. Its consumers are left out: they are made anew.
    ///
    /// # Errors
    /// [`NatsError::Stream`] when there is no such stream, or the server does not answer.
    pub async fn begin(connection: &Connection, stream: &str) -> Result<Self, NatsError> {
        let client = &connection.client;
        let inbox = client.new_inbox();
        let chunks = client.subscribe(inbox.clone()).await.map_err(|error| not_copied(stream, &error))?;
        let ask = json!({
            "deliver_subject": inbox, "no_consumers": true, "chunk_size": CHUNK_BYTES, "window_size": WINDOW_BYTES
        });
        let api = format!("$JS.API.STREAM.SNAPSHOT.{stream}");
        let answer = client.request(api, ask.to_string().into()).await.map_err(|error| not_copied(stream, &error))?;
        let begun: Begun = understood(&answer.payload).map_err(|cause| not_copied(stream, &cause))?;
        let (connection, stream) = (connection.clone(), stream.to_owned());
        Ok(Self { connection, stream, chunks, config: begun.config, state: begun.state })
    }

    /// The next chunk; `None` after the last one.
    ///
    /// # Errors
    /// [`NatsError::Stream`] when the server stops before the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, NatsError> {
        let failed = |cause: &str| not_copied(&self.stream, &cause);
        let message = tokio::time::timeout(PATIENCE, self.chunks.next()).await;
        let message = message.map_err(|_| failed("the server sent nothing more in time"))?;
        let message = message.ok_or_else(|| failed("the connection was closed"))?;
        if let Some(status) = message.status.filter(|status| status.as_u16() != END) {
            let why = message.description.as_deref().unwrap_or_default();
            return Err(failed(&format!("the server ended it with status {status} {why}")));
        }
        if message.payload.is_empty() {
            return Ok(None);
        }
        // The server sends no more than it has been told arrived.
        if let Some(reply) = message.reply {
            let told = self.connection.client.publish(reply, Bytes::new()).await;
            told.map_err(|error| not_copied(&self.stream, &error))?;
        }
        Ok(Some(message.payload))
    }
}

/// A stream that is being put back, on a server that has none of that name.
#[derive(Debug)]
pub struct Return {
    connection: Connection,
    stream: String,
    subject: String,
}

impl Return {
    /// Begins to put a stream back: on one server, with these settings, and with what is noted beside them.
    ///
    /// # Errors
    /// [`NatsError::Stream`] when there is such a stream, or the settings will not do.
    pub async fn begin(
        connection: &Connection,
        config: &Value,
        state: &State,
        notes: &BTreeMap<String, String>,
    ) -> Result<Self, NatsError> {
        let stream = config.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let api = format!("$JS.API.STREAM.RESTORE.{stream}");
        let ask = json!({ "config": on_one_server(config, notes), "state": state });
        let answer = connection.client.request(api, ask.to_string().into()).await;
        let answer = answer.map_err(|error| not_put_back(&stream, &error))?;
        let begun: Awaited = understood(&answer.payload).map_err(|cause| not_put_back(&stream, &cause))?;
        Ok(Self { connection: connection.clone(), stream, subject: begun.deliver_subject })
    }

    /// Hands over the next part of the copy.
    ///
    /// # Errors
    /// [`NatsError::Stream`] when the server does not take it.
    pub async fn send(&self, part: Bytes) -> Result<(), NatsError> {
        let answer = self.connection.client.request(self.subject.clone(), part).await;
        let answer = answer.map_err(|error| not_put_back(&self.stream, &error))?.payload;
        if answer.is_empty() {
            return Ok(());
        }
        Err(not_put_back(&self.stream, &String::from_utf8_lossy(&answer)))
    }

    /// Says that this was all, and waits until the stream is there.
    ///
    /// # Errors
    /// [`NatsError::Stream`] when the server cannot read what it was given.
    pub async fn finish(self) -> Result<(), NatsError> {
        let end = async_nats::Request::new().payload(Bytes::new()).timeout(Some(READING));
        let answer = self.connection.client.send_request(self.subject.clone(), end).await;
        let answer = answer.map_err(|error| not_put_back(&self.stream, &error))?;
        understood::<Value>(&answer.payload).map(drop).map_err(|cause| not_put_back(&self.stream, &cause))
    }
}

/// How many messages a stream holds, and its last sequence.
///
/// # Errors
/// [`NatsError::Stream`] when it cannot be looked at.
pub async fn held(connection: &Connection, stream: &str) -> Result<(u64, u64), NatsError> {
    let failed = |cause: String| NatsError::Stream { doing: "look at", stream: stream.to_owned(), cause };
    let context = jetstream::new(connection.client.clone());
    let found = context.get_stream(stream).await.map_err(|error| failed(error.to_string()))?;
    let state = &found.cached_info().state;
    Ok((state.messages, state.last_sequence))
}

#[derive(Deserialize)]
struct Begun {
    config: Value,
    state: State,
}

#[derive(Deserialize)]
struct Awaited {
    deliver_subject: String,
}

/// An answer of the server, unless it says what is wrong.
fn understood<T: for<'de> Deserialize<'de>>(answer: &[u8]) -> Result<T, String> {
    let unreadable = |error: serde_json::Error| {
        let text = String::from_utf8_lossy(answer);
        format!("the server answered `{}`: {error}", text.chars().take(200).collect::<String>())
    };
    let answer: Value = serde_json::from_slice(answer).map_err(unreadable)?;
    match answer.pointer("/error/description").and_then(Value::as_str) {
        Some(wrong) => Err(wrong.to_owned()),
        None => serde_json::from_value(answer).map_err(unreadable),
    }
}

/// The same settings for a server that is alone, with notes in the metadata.
fn on_one_server(config: &Value, notes: &BTreeMap<String, String>) -> Value {
    let mut config = config.clone();
    if let Some(settings) = config.as_object_mut() {
        let metadata = settings.entry("metadata").or_insert_with(|| json!({}));
        for (name, note) in notes {
            if let Some(metadata) = metadata.as_object_mut() {
                metadata.insert(name.clone(), note.as_str().into());
            }
        }
        settings.insert("num_replicas".to_owned(), 1.into());
        settings.remove("placement");
    }
    config
}

fn not_copied(stream: &str, cause: &dyn std::fmt::Display) -> NatsError {
    NatsError::Stream { doing: "copy", stream: stream.to_owned(), cause: cause.to_string() }
}

fn not_put_back(stream: &str, cause: &dyn std::fmt::Display) -> NatsError {
    NatsError::Stream { doing: "put back", stream: stream.to_owned(), cause: cause.to_string() }
}
