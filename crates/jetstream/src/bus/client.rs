//! The sender's side.

use async_nats::HeaderMap;
use async_nats::client::RequestErrorKind;
use bytes::Bytes;
use docket_messages::{
    CaseReply, CommandId, GetCase, Headers, OnBehalfOf, PolicyReply, PrincipalName, Reply, Timestamp, Version,
};
use serde::de::DeserializeOwned;

use crate::inbox::Inbox;
use crate::{Connection, Namespace, NatsError};

/// A command on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// `case` or `policy`.
    pub kind: String,
    /// The verb.
    pub verb: String,
    /// The sender's id of it.
    pub id: CommandId,
    /// The body.
    pub body: Bytes,
    /// On whose behalf.
    pub on_behalf_of: Option<OnBehalfOf>,
    /// The version that the case is expected to have.
    pub expect_version: Option<Version>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
}

/// A principal's way to the command service.
#[derive(Debug, Clone)]
pub struct BusClient {
    connection: Connection,
    names: Namespace,
    principal: PrincipalName,
}

impl BusClient {
    /// A sender.
    #[must_use]
    pub fn new(connection: Connection, names: Namespace, principal: PrincipalName) -> Self {
        Self { connection, names, principal }
    }

    /// The connection that it uses.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Sends a command and waits for its reply.
    ///
    /// # Errors
    /// [`NatsError::Nobody`] when no service is there; [`NatsError::Bus`] when no reply came in time: then
    /// nobody knows, and sending the same command with the same id again tells.
    pub async fn send(&self, command: &Outgoing) -> Result<Reply, NatsError> {
        let subject = self.names.command(self.principal.as_str(), &command.kind, &command.verb);
        self.ask(subject, headers(command), command.body.clone()).await
    }

    /// Submits a command to be decided when a command service is up. Once this returns, it is on disk.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the inbox refuses it, as a full one does, or no acknowledgement came: then nobody
    /// knows, and submitting the same command with the same id again does no harm.
    pub async fn submit(&self, command: &Outgoing) -> Result<(), NatsError> {
        let doing = "submit a command";
        let subject = self.names.submission(self.principal.as_str(), &command.kind, &command.verb);
        let context = async_nats::jetstream::new(self.connection.client.clone());
        let ack = context.publish_with_headers(subject, headers(command), command.body.clone()).await;
        let ack = ack.map_err(|error| NatsError::bus(doing, &error))?;
        ack.await.map(drop).map_err(|error| NatsError::bus(doing, &error))
    }

    /// Waits for the outcome of a command that was submitted.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server is gone.
    pub async fn outcome(&self, id: &CommandId) -> Result<Reply, NatsError> {
        Inbox::new(&self.connection, self.names.clone()).outcome(&self.principal, id).await
    }

    /// Whether what the principal asks of the streams reaches them. Nothing is written.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server says nothing.
    pub async fn reaches_streams(&self) -> Result<bool, NatsError> {
        let outcome = self.names.outcome(self.principal.as_str(), "none");
        self.is_answered(format!("$JS.API.DIRECT.GET.{}.{outcome}", self.names.outcome_stream())).await
    }

    /// Whether what the principal sends reaches a command service.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server says nothing.
    pub async fn is_heard(&self) -> Result<bool, NatsError> {
        self.is_answered(self.names.query(self.principal.as_str(), "case", "get")).await
    }

    async fn is_answered(&self, subject: String) -> Result<bool, NatsError> {
        match self.connection.client.request(subject, Bytes::new()).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == RequestErrorKind::NoResponders => Ok(false),
            Err(error) => Err(NatsError::bus("see whether a principal is let in", &error)),
        }
    }

    /// Asks for the state of a case.
    ///
    /// # Errors
    /// The same as [`send`](Self::send).
    pub async fn case(&self, query: &GetCase) -> Result<CaseReply, NatsError> {
        let subject = self.names.query(self.principal.as_str(), "case", "get");
        let body =
            serde_json::to_vec(query).map_err(|source| NatsError::Answer { subject: subject.clone(), source })?;
        self.ask(subject, HeaderMap::new(), body.into()).await
    }

    /// Asks for the policy in force.
    ///
    /// # Errors
    /// The same as [`send`](Self::send).
    pub async fn policy(&self) -> Result<PolicyReply, NatsError> {
        let subject = self.names.query(self.principal.as_str(), "policy", "get");
        self.ask(subject, HeaderMap::new(), Bytes::from_static(b"{}")).await
    }

    async fn ask<T: DeserializeOwned>(&self, subject: String, headers: HeaderMap, body: Bytes) -> Result<T, NatsError> {
        let request = self.connection.client.request_with_headers(subject.clone(), headers, body);
        let reply = request.await.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => NatsError::Nobody { subject: subject.clone() },
            RequestErrorKind::TimedOut
            | RequestErrorKind::InvalidSubject
            | RequestErrorKind::MaxPayloadExceeded
            | RequestErrorKind::Other => {
                NatsError::Bus { doing: format!("get an answer on {subject}"), cause: error.to_string() }
            }
        })?;
        serde_json::from_slice(&reply.payload).map_err(|source| NatsError::Answer { subject, source })
    }
}

fn headers(command: &Outgoing) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(Headers::COMMAND_ID, command.id.as_str());
    if let Some(who) = &command.on_behalf_of {
        headers.insert(Headers::ON_BEHALF_OF, who.as_str());
    }
    if let Some(version) = command.expect_version {
        headers.insert(Headers::EXPECT_VERSION, version.to_string().as_str());
    }
    if let Some(at) = command.occurred_at {
        headers.insert(Headers::OCCURRED_AT, at.to_string().as_str());
    }
    headers
}
