//! Timers: one message schedule per case (NATS ADR-51), and its firings.
//!
//! A fired timer is a hint. Nothing depends on it: a case decides what fell due whenever it is next asked, and
//! reports compute a breach from its due time.

use async_nats::HeaderMap;
use async_nats::header::{NATS_SCHEDULE, NATS_SCHEDULE_TARGET};
use async_nats::jetstream::consumer::{PullConsumer, pull};
use async_nats::jetstream::{self, AckKind};
use bytes::Bytes;
use docket_messages::{CaseId, Timestamp};
use futures::StreamExt;
use futures::stream::BoxStream;

use crate::namespace::TICKER;
use crate::{Connection, Namespace, NatsError};

/// The schedules and their firings.
#[derive(Debug, Clone)]
pub struct Timers {
    context: jetstream::Context,
    names: Namespace,
}

/// A case whose schedule fired.
#[derive(Debug)]
pub struct Fired {
    /// The case.
    pub case: CaseId,
    message: jetstream::Message,
}

impl Fired {
    /// Says that the case was asked: the firing need not come again.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the connection is gone; then it comes again, which does no harm.
    pub async fn done(self) -> Result<(), NatsError> {
        self.message.ack().await.map_err(|error| NatsError::bus("acknowledge a firing", &error))
    }

    /// Asks for the firing to come again.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the connection is gone; then it comes again by itself.
    pub async fn again(self, after: std::time::Duration) -> Result<(), NatsError> {
        let ack = self.message.ack_with(AckKind::Nak(Some(after))).await;
        ack.map_err(|error| NatsError::bus("put a firing off", &error))
    }
}

impl Timers {
    /// The timers behind a connection.
    #[must_use]
    pub fn new(connection: &Connection, names: Namespace) -> Self {
        Self { context: jetstream::new(connection.client.clone()), names }
    }

    /// Schedules a case's attention, in place of what was scheduled for it.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone.
    pub async fn schedule(&self, case: CaseId, at: Timestamp) -> Result<(), NatsError> {
        let case = case.to_string();
        let mut headers = HeaderMap::new();
        // Seconds are the resolution of a schedule; a firing too early would find nothing.
        let at = at.plus_millis(999).to_chrono().format("@at %Y-%m-%dT%H:%M:%SZ").to_string();
        headers.insert(NATS_SCHEDULE, at.as_str());
        headers.insert(NATS_SCHEDULE_TARGET, self.names.due(&case).as_str());
        let publish = self.context.publish_with_headers(self.names.timer(&case), headers, Bytes::new()).await;
        let ack = publish.map_err(|error| NatsError::bus("schedule a case", &error))?;
        ack.await.map(drop).map_err(|error| NatsError::bus("schedule a case", &error))
    }

    /// Makes the consumer that hands out the firings, unless it exists. The command service does so beside the streams:
    /// who may make consumers may have them deliver anywhere, so the timers may not.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone.
    pub async fn prepare(connection: &Connection, names: &Namespace) -> Result<(), NatsError> {
        let config = pull::Config {
            durable_name: Some(TICKER.to_owned()),
            filter_subject: names.dues(),
            ack_wait: std::time::Duration::from_secs(30),
            max_ack_pending: 1_000,
            ..pull::Config::default()
        };
        let context = jetstream::new(connection.client.clone());
        let made = context.create_consumer_on_stream(config, names.timer_stream()).await;
        made.map(drop).map_err(|error| NatsError::bus("make the consumer of the firings", &error))
    }

    /// The firings, shared among all workers, each until it is done.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone, or the consumer has not been [prepared](Self::prepare).
    pub async fn fired(&self) -> Result<BoxStream<'static, Result<Fired, NatsError>>, NatsError> {
        let doing = "take in firings";
        let consumer = self.context.get_consumer_from_stream(TICKER, self.names.timer_stream()).await;
        let consumer: PullConsumer = consumer.map_err(|error| NatsError::bus(doing, &error))?;
        let messages = consumer.messages().await.map_err(|error| NatsError::bus(doing, &error))?;
        Ok(messages.filter_map(move |message| async move { read(doing, message).transpose() }).boxed())
    }
}

/// A firing, or nothing when its subject is not a case's.
fn read<E: std::fmt::Display>(doing: &str, message: Result<jetstream::Message, E>) -> Result<Option<Fired>, NatsError> {
    let message = message.map_err(|error| NatsError::bus(doing, &error))?;
    let case = message.subject.rsplit('.').next().and_then(|id| id.parse().ok());
    Ok(case.map(|case| Fired { case, message }))
}
