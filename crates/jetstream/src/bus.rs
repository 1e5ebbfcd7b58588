//! Commands and queries on the bus, from both sides.

mod client;
mod discovery;
mod headers;
mod service;
mod unread;

pub use client::{BusClient, Outgoing};
pub use headers::CommandHeaders;
pub use service::{Hears, Incoming, IncomingKind, Service, Take, serve};

pub use crate::wire::Unreadable;

/// How many instances of the service answer.
///
/// # Errors
/// [`NatsError::Bus`](crate::NatsError::Bus) when the connection is gone.
pub async fn instances(connection: &crate::Connection, names: &crate::Namespace) -> Result<usize, crate::NatsError> {
    /// How long instances have to answer, after which nobody else is expected.
    const PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);
    let failed = |cause: String| crate::NatsError::Bus { doing: "ask for the service".to_owned(), cause };
    let client = &connection.client;
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await.map_err(|error| failed(error.to_string()))?;
    let ping = format!("$SRV.PING.{}", names.service());
    let published = client.publish_with_reply(ping, inbox, bytes::Bytes::new()).await;
    published.map_err(|error| failed(error.to_string()))?;
    let mut count = 0;
    while let Ok(Some(answer)) = tokio::time::timeout(PATIENCE, futures::StreamExt::next(&mut answers)).await {
        count += usize::from(answer.status.is_none());
    }
    Ok(count)
}
