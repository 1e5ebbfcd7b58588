//! Connections.

use std::time::Duration;

use async_nats::{Client, ConnectOptions};

use crate::NatsError;
use crate::access::inbox_prefix;
use crate::address::Address;
use crate::refusals::Refusals;

/// How long a request may take before its outcome counts as unknown.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Messages that may wait between the socket and us. What is over it is dropped unanswered, so it is far above
/// what the command service admits.
const SUBSCRIPTION_CAPACITY: usize = 1 << 17;

/// A connection to NATS.
#[derive(Debug, Clone)]
pub struct Connection {
    pub(crate) client: Client,
    /// Who we are, and what the server has said last that this user may not.
    refusals: Refusals,
}

/// Connects as the user of the address; replies come to an inbox of its own.
///
/// # Errors
/// [`NatsError::Connect`] when nobody is there.
pub async fn connect(url: &str, name: &str) -> Result<Connection, NatsError> {
    open(url, ConnectOptions::new().name(name)).await
}

/// Connects as a principal, whose replies come to an inbox of its own, also when the address names no user.
///
/// # Errors
/// [`NatsError::Connect`] when nobody is there.
pub async fn connect_as(url: &str, principal: &str) -> Result<Connection, NatsError> {
    open(url, ConnectOptions::new().name(principal).custom_inbox_prefix(inbox_prefix(principal))).await
}

async fn open(url: &str, options: ConnectOptions) -> Result<Connection, NatsError> {
    let address = Address::parse(url)?;
    let options = match address.credentials() {
        // What others are told stays theirs: a user may hear its own inbox only.
        Some((user, password)) => {
            let inbox = inbox_prefix(&user);
            options.user_and_password(user, password).custom_inbox_prefix(inbox)
        }
        None => options,
    };
    let user = address.credentials().map(|(user, _)| user);
    let (refusals, noted) = Refusals::of(user);
    let client = options
        .event_callback(move |event| {
            noted.note(&event);
            std::future::ready(())
        })
        .request_timeout(Some(REQUEST_TIMEOUT))
        .connection_timeout(CONNECT_TIMEOUT)
        .subscription_capacity(SUBSCRIPTION_CAPACITY)
        .client_capacity(8_192)
        .connect(address.servers())
        .await
        .map_err(|error| NatsError::Connect { url: address.to_string(), cause: error.to_string() })?;
    Ok(Connection { client, refusals })
}

impl Connection {
    /// Does something with this connection, unless the server says meanwhile that its user may not: without this, what
    /// is not allowed looks like a server that does not answer.
    ///
    /// # Errors
    /// [`NatsError::Refused`] when the server refuses; what `work` fails with otherwise.
    pub async fn unless_refused<T, E: From<NatsError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let mut refusals = self.refusals.to_come();
        tokio::select! {
            biased;
            done = work => done,
            refusal = refusals.next() => Err(refusal.into()),
        }
    }

    /// The largest message that the server takes, in bytes.
    #[must_use]
    pub fn max_payload(&self) -> usize {
        self.client.server_info().max_payload
    }

    /// The version of the server.
    #[must_use]
    pub fn server_version(&self) -> String {
        self.client.server_info().version
    }

    /// Waits until the server has taken in all that was sent, subscriptions included: a message to ourselves
    /// comes back only after them. (The client's own flush ends at the socket.)
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the connection is gone.
    pub async fn round_trip(&self) -> Result<(), NatsError> {
        let failed = |cause: String| NatsError::Bus { doing: "reach the server".to_owned(), cause };
        let inbox = self.client.new_inbox();
        let mut echo = self.client.subscribe(inbox.clone()).await.map_err(|error| failed(error.to_string()))?;
        self.client.publish(inbox, bytes::Bytes::new()).await.map_err(|error| failed(error.to_string()))?;
        let echoed = tokio::time::timeout(REQUEST_TIMEOUT, futures::StreamExt::next(&mut echo)).await;
        echoed
            .map_err(|_| failed("no answer in time".to_owned()))?
            .map(drop)
            .ok_or_else(|| failed("the connection was closed".to_owned()))
    }
}
