//! The service's side: commands and queries as they come in, announced as a NATS service.

use async_nats::service::{Request, ServiceExt, endpoint::Endpoint};
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::mpsc;

use super::CommandHeaders;
use crate::{Connection, Namespace, NatsError};

/// What comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncomingKind {
    /// A command.
    Command,
    /// A query.
    Query,
}

/// A command or query that waits for its answer.
#[derive(Debug)]
pub struct Incoming {
    /// Which of the two.
    pub kind: IncomingKind,
    request: Request,
    replies: mpsc::UnboundedSender<(Request, Bytes)>,
    skip: usize,
}

impl Incoming {
    /// The part of the subject below `docket.cmd.` or `docket.query.`: principal, kind, verb.
    #[must_use]
    pub fn path(&self) -> &str {
        self.request.message.subject.get(self.skip..).unwrap_or_default()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.request.message.payload.clone()
    }

    /// The headers of the command.
    #[must_use]
    pub fn headers(&self) -> CommandHeaders<'_> {
        CommandHeaders::of(self.request.message.headers.as_ref())
    }

    /// Answers. A sender that went away is not told, and sends the same command again if it wants to know.
    pub fn respond(self, body: Bytes) {
        let _ = self.replies.send((self.request, body));
    }
}

/// The announced service. Dropping it withdraws it; what came in is still answered.
#[derive(Debug)]
pub struct Service {
    announced: async_nats::service::Service,
}

impl Service {
    /// Takes in nothing more. What came in is still answered.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the connection is gone.
    pub async fn stop(self) -> Result<(), NatsError> {
        self.announced.stop().await.map_err(|error| NatsError::bus("withdraw the service", &error))
    }
}

/// Announces the service and takes in what comes: the queue group shares it among all instances.
///
/// # Errors
/// [`NatsError::Bus`] when the server refuses.
pub async fn serve(
    connection: &Connection,
    names: &Namespace,
) -> Result<(Service, BoxStream<'static, Incoming>), NatsError> {
    let announced = connection
        .client
        .service_builder()
        .description("Docket's command service")
        .queue_group(names.service())
        .start(names.service(), env!("CARGO_PKG_VERSION"))
        .await
        .map_err(|error| NatsError::bus("announce the service", &error))?;
    let (replies, outbox) = mpsc::unbounded_channel();
    let commands = endpoint(&announced, "command", names.commands()).await?;
    let queries = endpoint(&announced, "query", names.queries()).await?;
    let incoming = |kind, subjects: String| {
        let (replies, skip) = (replies.clone(), subjects.len().saturating_sub(1));
        move |request| Incoming { kind, request, replies: replies.clone(), skip }
    };
    let commands = commands.map(incoming(IncomingKind::Command, names.commands()));
    let queries = queries.map(incoming(IncomingKind::Query, names.queries()));
    tokio::spawn(answer(outbox));
    Ok((Service { announced }, stream::select(commands, queries).boxed()))
}

async fn endpoint(
    announced: &async_nats::service::Service,
    name: &str,
    subject: String,
) -> Result<Endpoint, NatsError> {
    let endpoint = announced.endpoint_builder().name(name).add(&subject).await;
    endpoint.map_err(|error| NatsError::bus(&format!("take in {subject}"), &error))
}

async fn answer(mut outbox: mpsc::UnboundedReceiver<(Request, Bytes)>) {
    while let Some((request, body)) = outbox.recv().await {
        if let Err(error) = request.respond(Ok(body)).await {
            tracing::debug!(%error, "could not send a reply: {error}");
        }
    }
}
