//! Reading: a subject's entries in one round trip, and everything in order.

use async_nats::HeaderMap;
use async_nats::client::Client;
use async_nats::jetstream::consumer::{DeliverPolicy, push};
use async_nats::jetstream::{self, stream::Stream};
use bytes::Bytes;
use docket_eventlog::{HeaderSource, MessageHeaders, ReadError, Recorded, Subject};
use docket_messages::{Position, Timestamp};
use futures::stream::{BoxStream, StreamExt};
use serde::Serialize;

use crate::Namespace;

/// How many entries one request brings.
const BATCH: u32 = 512;
/// How long one request may take.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(10);

/// Statuses of a direct get that brings many (NATS ADR-31).
const END_OF_BATCH: u16 = 204;
const NOT_FOUND: u16 = 404;

#[derive(Serialize)]
struct DirectGet<'a> {
    batch: u32,
    seq: u64,
    next_by_subj: &'a str,
}

/// The message at a position of the log, asked for by itself: no consumer is left behind.
pub(crate) async fn at<T: Placed>(
    client: &Client,
    names: &Namespace,
    position: Position,
    read: impl FnOnce(async_nats::Message) -> Option<T>,
) -> Result<Option<T>, ReadError> {
    let failed =
        |source: docket_eventlog::Source| ReadError::new(format!("read the entry at position {position}"), source);
    let api = format!("$JS.API.DIRECT.GET.{}", names.log_stream());
    let request = Bytes::from(format!(r#"{{"seq":{position}}}"#).into_bytes());
    let reply = client.request(api, request).await.map_err(|error| failed(error.to_string().into()))?;
    match reply.status.map(|status| status.as_u16()) {
        Some(NOT_FOUND) => Ok(None),
        Some(status) => Err(failed(format!("the server answered with status {status}").into())),
        None => {
            let found = read(reply).ok_or_else(|| failed("an answer without its sequence or time".into()))?;
            Ok((found.position() == position).then_some(found))
        }
    }
}

/// The entries of a subject after a position, oldest first.
pub(crate) async fn subject(
    client: &Client,
    names: &Namespace,
    subject: &str,
    after: Option<Position>,
) -> Result<Vec<Recorded>, ReadError> {
    let mut entries = Vec::new();
    let mut after = after;
    loop {
        let (more, is_all) = some_of_subject(client, names, subject, after).await?;
        let is_empty = more.is_empty();
        entries.extend(more);
        if is_all || is_empty {
            return Ok(entries);
        }
        after = entries.last().map(|entry| entry.position);
    }
}

/// Some entries of a subject after a position, oldest first, and whether those are all.
pub(crate) async fn some_of_subject(
    client: &Client,
    names: &Namespace,
    subject: &str,
    after: Option<Position>,
) -> Result<(Vec<Recorded>, bool), ReadError> {
    page(client, &names.log_stream(), subject, after, |message| recorded(names, message)).await
}

/// Some messages of a stream after a position on the subjects of a filter, oldest first, and whether those are all.
pub(crate) async fn page<T>(
    client: &Client,
    stream: &str,
    filter: &str,
    after: Option<Position>,
    read: impl Fn(async_nats::Message) -> Option<T>,
) -> Result<(Vec<T>, bool), ReadError> {
    let failed = |source: docket_eventlog::Source| ReadError::new(format!("read the entries of {filter}"), source);
    let seq = after.map_or(1, |position| position.next().get());
    let request = DirectGet { batch: BATCH, seq, next_by_subj: filter };
    let request = serde_json::to_vec(&request).map_err(|error| failed(error.into()))?;
    let mut replies = ask_for_many(client, stream, request).await.map_err(failed)?;
    let mut messages = Vec::new();
    while let Some(reply) = replies.next().await {
        let message = reply.map_err(failed)?;
        messages.push(read(message).ok_or_else(|| failed("an answer without its sequence".into()))?);
    }
    Ok((messages, replies.is_all()))
}

/// Asks for many messages at once (NATS ADR-31).
pub(crate) async fn ask_for_many(
    client: &Client,
    stream: &str,
    request: Vec<u8>,
) -> Result<Many, docket_eventlog::Source> {
    let inbox = client.new_inbox();
    let replies = client.subscribe(inbox.clone()).await.map_err(|error| error.to_string())?;
    let api = format!("$JS.API.DIRECT.GET.{stream}");
    client.publish_with_reply(api, inbox, Bytes::from(request)).await.map_err(|error| error.to_string())?;
    Ok(Many { replies, left: None })
}

/// The messages that were asked for, as they come.
pub(crate) struct Many {
    replies: async_nats::Subscriber,
    /// Whether there are more than those that came, once the last one has come.
    left: Option<bool>,
}

impl Many {
    /// The next message; none after the last.
    pub(crate) async fn next(&mut self) -> Option<Result<async_nats::Message, docket_eventlog::Source>> {
        if self.left.is_some() {
            return None;
        }
        let reply = match tokio::time::timeout(TIMEOUT, self.replies.next()).await {
            Err(_) => return Some(Err("no answer in time".into())),
            Ok(None) => return Some(Err("the connection was closed".into())),
            Ok(Some(reply)) => reply,
        };
        match reply.status.map(|status| status.as_u16()) {
            Some(NOT_FOUND) => self.left = Some(false),
            Some(END_OF_BATCH) => {
                let pending = reply.headers.as_ref().and_then(|headers| header(headers, "Nats-Num-Pending"));
                self.left = Some(pending.is_some_and(|count| count != "0"));
            }
            Some(status) => return Some(Err(format!("the server answered with status {status}").into())),
            None => return Some(Ok(reply)),
        }
        None
    }

    /// Whether those that came are all there are.
    pub(crate) fn is_all(&self) -> bool {
        self.left == Some(false)
    }
}

pub(crate) fn recorded(names: &Namespace, message: async_nats::Message) -> Option<Recorded> {
    let headers = message.headers?;
    Some(Recorded {
        position: Position(header(&headers, "Nats-Sequence")?.parse().ok()?),
        recorded_at: header(&headers, "Nats-Time-Stamp")?.parse().ok()?,
        subject: Subject::parse(names.below_log(header(&headers, "Nats-Subject")?)),
        headers: MessageHeaders::new(Asked(headers)),
        payload: message.payload,
    })
}

/// What the server adds to a message that it is asked for.
pub(crate) const ADDED: [&str; 6] =
    ["Nats-Stream", "Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp", "Nats-Num-Pending", "Nats-Last-Sequence"];

/// Of a message that the server was asked for.
struct Asked(HeaderMap);

/// Of a message that the server delivered by itself.
struct Delivered(HeaderMap);

impl HeaderSource for Asked {
    fn get(&self, name: &str) -> Option<&str> {
        header(&self.0, name).filter(|_| !ADDED.contains(&name))
    }

    fn all(&self) -> Vec<(&str, &str)> {
        pairs(&self.0).filter(|(name, _)| !ADDED.contains(name)).collect()
    }
}

impl HeaderSource for Delivered {
    fn get(&self, name: &str) -> Option<&str> {
        header(&self.0, name)
    }

    fn all(&self) -> Vec<(&str, &str)> {
        pairs(&self.0).collect()
    }
}

pub(crate) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers.iter().flat_map(|(name, values)| values.iter().map(move |value| (name.as_ref(), value.as_str())))
}

pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).map(async_nats::HeaderValue::as_str)
}

/// Everything after a position on the subjects of a filter, and then what comes.
///
/// The server pushes, and waits after each stretch to hear that it was taken in: that costs both sides a third less
/// than being asked for every stretch.
pub(crate) async fn follow<T: Placed + Send + 'static>(
    client: &Client,
    stream: &Stream,
    filter: String,
    after: Position,
    read: impl Fn(jetstream::Message) -> Result<T, async_nats::Error> + Send + 'static,
) -> Result<BoxStream<'static, Result<T, ReadError>>, ReadError> {
    let doing = "follow the log";
    let config = push::OrderedConfig {
        deliver_subject: client.new_inbox(),
        filter_subject: filter,
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: after.next().get() },
        ..push::OrderedConfig::default()
    };
    let consumer = stream.create_consumer(config).await.map_err(|error| ReadError::new(doing, error.to_string()))?;
    let messages = consumer.messages().await.map_err(|error| ReadError::new(doing, error.to_string()))?;
    let mut last = after;
    let mut next = move |message: Result<jetstream::Message, push::OrderedError>| {
        let message = message.map_err(|error| ReadError::new(doing, error.to_string()))?;
        let message = read(message).map_err(|error| ReadError::new(doing, error.to_string()))?;
        // A client that connects again before anything was delivered begins with the first message of all.
        let is_new = message.position() > last;
        last = last.max(message.position());
        Ok(is_new.then_some(message))
    };
    Ok(messages.filter_map(move |message| std::future::ready(next(message).transpose())).boxed())
}

/// What has a place in the log.
pub(crate) trait Placed {
    fn position(&self) -> Position;
}

impl Placed for Recorded {
    fn position(&self) -> Position {
        self.position
    }
}

/// An entry that a consumer brings.
pub(crate) fn delivered(names: &Namespace, message: jetstream::Message) -> Result<Recorded, async_nats::Error> {
    let info = message.info()?;
    let (position, recorded_at) = (Position(info.stream_sequence), Timestamp::from(info.published));
    let subject = Subject::parse(names.below_log(&message.subject));
    let headers = message.message.headers.map(|headers| MessageHeaders::new(Delivered(headers))).unwrap_or_default();
    Ok(Recorded { position, recorded_at, subject, headers, payload: message.message.payload })
}
