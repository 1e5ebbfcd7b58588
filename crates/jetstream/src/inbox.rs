//! Durable submissions: commands that wait in the stream `DOCKET_INBOX` until a command service decides them, and
//! their outcomes in `DOCKET_OUTCOMES`.
//!
//! A submission is taken from the inbox only after its outcome is on disk. A service that dies in between leaves
//! it there, and it is decided again: its command id makes that the same decision.
//!
//! Each principal has a [`Lane`] of its own, so nobody waits behind what another one has submitted.

mod deliveries;
mod lane;

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{self, ErrorCode};
use bytes::Bytes;
use docket_messages::{CommandId, PrincipalName, Reply, Timestamp};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use serde::Deserialize;

use crate::bus::{CommandHeaders, Unreadable};
use crate::namespace::BY_OPERATOR;
use crate::{Connection, Namespace, NatsError};
use deliveries::Deliveries;

pub use lane::Lane;

/// How long an outcome is listened for before it is looked for again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The most submissions of one principal that are being decided, by all services together.
const UNDER_WAY: i64 = 256;
/// How long a submission may be silent before it is given to another service.
const SILENCE: Duration = Duration::from_secs(10);
/// What fails when a submission cannot be taken from the inbox.
const TAKE: &str = "take a submission from the inbox";
/// How often a submission that is being decided says so.
pub const SIGN_OF_LIFE: Duration = Duration::from_secs(3);

/// The inbox and the outcomes.
#[derive(Debug, Clone)]
pub struct Inbox {
    context: jetstream::Context,
    names: Namespace,
}

/// A command that was submitted.
#[derive(Debug)]
pub struct Submission {
    /// Its subject, unless that is no text.
    subject: Result<String, Unreadable>,
    headers: Result<CommandHeaders, Unreadable>,
    body: Bytes,
    /// Where its conclusion is told.
    ack: String,
    /// Its place in the inbox.
    pub sequence: u64,
    /// How often it was delivered, this time included.
    pub deliveries: u64,
}

/// What is in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many submissions.
    pub count: u64,
    /// The place of the first, and when it came; none when there is none.
    pub first: Option<(u64, Timestamp)>,
}

/// What the first submission is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum First {
    /// One that its lane hands out.
    Waits(Lane),
    /// One that the server counts among those that were concluded. It was just now, or it is overlooked.
    Concluded(Lane),
    /// One that is not handed out: its subject has wildcards where the principal stands, or nothing behind it.
    Unreadable {
        /// Who submitted it, as its subject says.
        by: String,
    },
}

/// A stored message, as much of it as can always be read (NATS API, `STREAM.MSG.GET`).
#[derive(Deserialize)]
struct Stored {
    message: StoredSubject,
}

#[derive(Deserialize)]
struct StoredSubject {
    subject: String,
}

impl Submission {
    /// The headers of the command.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn headers(&self) -> Result<&CommandHeaders, &Unreadable> {
        self.headers.as_ref()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.body.clone()
    }
}

impl Inbox {
    /// The inbox behind a connection.
    #[must_use]
    pub fn new(connection: &Connection, names: Namespace) -> Self {
        Self { context: jetstream::new(connection.client.clone()), names }
    }

    /// The submissions of a lane, shared among all services, each until it is concluded. They come over a connection of
    /// their own, to the server at `url`.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone; [`NatsError::Connect`] when it does not let us in.
    pub async fn submissions(
        &self,
        url: &str,
        lane: &Lane,
    ) -> Result<BoxStream<'static, Result<Submission, NatsError>>, NatsError> {
        let config = pull::Config {
            durable_name: Some(lane.consumer()),
            filter_subject: lane.subjects(&self.names),
            ack_policy: AckPolicy::Explicit,
            ack_wait: SILENCE,
            max_ack_pending: UNDER_WAY,
            ..pull::Config::default()
        };
        let consumer = self.context.create_consumer_on_stream(config, self.names.inbox_stream()).await;
        consumer.map_err(|error| NatsError::bus("take in submissions", &error))?;
        let inbox = self.context.client().new_inbox();
        let deliveries = Deliveries::open(url, &self.names.inbox_stream(), &lane.consumer(), inbox).await?;
        let next = |mut deliveries: Deliveries| async move {
            let next = deliveries.next().await;
            Some((next, deliveries))
        };
        Ok(stream::unfold(deliveries, next).boxed())
    }

    /// Says that a submission is still being decided.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the connection is gone; then it may come again.
    pub async fn sign_of_life(&self, submission: &Submission) -> Result<(), NatsError> {
        let sign = self.context.client().publish(submission.ack.clone(), Bytes::from_static(b"+WPI")).await;
        sign.map_err(|error| NatsError::bus("keep a submission", &error))
    }

    /// What is in the inbox.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone.
    pub async fn waiting(&self) -> Result<Waiting, NatsError> {
        let state = self.stream().await?.get_info().await.map_err(look)?.state;
        let first = (state.first_sequence, Timestamp::from(state.first_timestamp));
        Ok(Waiting { count: state.messages, first: (state.messages > 0).then_some(first) })
    }

    /// The state of the first submission, by its sequence; none when it is no longer there. A submission that no
    /// service consumes becomes the first one, because all others are acknowledged.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone.
    pub async fn first(&self, sequence: u64) -> Result<Option<First>, NatsError> {
        let stream = self.stream().await?;
        let Some(subject) = self.subject_of(sequence).await? else { return Ok(None) };
        let path = self.names.below_submissions(&subject);
        let Some(lane) = Lane::of_path(path) else {
            return Ok(Some(First::Unreadable { by: lane::token(path).to_owned() }));
        };
        let floor = match stream.consumer_info(lane.consumer()).await {
            Ok(consumer) => consumer.ack_floor.stream_sequence,
            // Nobody has taken in anything of this lane yet.
            Err(error) if matches!(error.kind(), ConsumerInfoErrorKind::NotFound) => 0,
            Err(error) => return Err(look(error)),
        };
        Ok(Some(if sequence <= floor { First::Concluded(lane) } else { First::Waits(lane) }))
    }

    /// The subject of a message, of which nothing else is looked at: the client library cannot read all headers.
    async fn subject_of(&self, sequence: u64) -> Result<Option<String>, NatsError> {
        let request = serde_json::json!({ "seq": sequence });
        let api = format!("STREAM.MSG.GET.{}", self.names.inbox_stream());
        let stored: Response<Stored> = self.context.request(api, &request).await.map_err(look)?;
        match stored {
            Response::Ok(stored) => Ok(Some(stored.message.subject)),
            Response::Err { error } if error.error_code() == ErrorCode::NO_MESSAGE_FOUND => Ok(None),
            Response::Err { error } => Err(look(error)),
        }
    }

    /// Lets the server give out an overlooked submission again, and everything after it in its lane. What was accepted
    /// is not done a second time; what was refused is decided anew, as it is whenever its sender submits it again.
    ///
    /// A server whose disk is full can take in a conclusion and fail to remove what it concludes (seen with
    /// nats-server 2.15.1); and one that loses the end of the stream would count what comes next in its place as
    /// concluded.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone.
    pub async fn give_out_again(&self, lane: &Lane, from: u64) -> Result<(), NatsError> {
        let reset = self.stream().await?.reset_consumer(&lane.consumer(), Some(from)).await;
        reset.map(drop).map_err(|error| NatsError::bus("give out submissions again", &error))
    }

    /// Publishes what came of a submission.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone.
    pub async fn publish_outcome(&self, submission: &Submission, outcome: Bytes) -> Result<(), NatsError> {
        // A submission without a usable id is known by its place.
        let id = submission.headers().ok().and_then(|headers| headers.command_id());
        let id = id.and_then(|id| CommandId::parse(id).ok());
        let id = id.map_or_else(|| by_place(submission.sequence), |id| id.to_string());
        self.publish(self.principal_of(submission), &id, outcome).await
    }

    /// The part of a submission's subject below `docket.submit.`: principal, kind, verb.
    ///
    /// # Errors
    /// When it is no text.
    pub fn path<'s>(&self, submission: &'s Submission) -> Result<&'s str, &'s Unreadable> {
        self.below(submission).map(|below| by_operator(below).unwrap_or(below))
    }

    /// Whether the operator submitted it, in the name of the principal.
    #[must_use]
    pub fn is_by_operator(&self, submission: &Submission) -> bool {
        self.below(submission).is_ok_and(|below| by_operator(below).is_some())
    }

    fn below<'s>(&self, submission: &'s Submission) -> Result<&'s str, &'s Unreadable> {
        submission.subject.as_ref().map(|subject| self.names.below_submissions(subject))
    }

    /// Who submitted it, as the part of its subject says that its lane goes by.
    fn principal_of<'s>(&self, submission: &'s Submission) -> &'s str {
        self.path(submission).map_or("", lane::token)
    }

    /// Takes a submission whose outcome is published from the inbox.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone; then it comes again.
    pub async fn conclude(&self, submission: Submission) -> Result<(), NatsError> {
        let concluded = self.context.client().request(submission.ack, Bytes::from_static(b"+ACK")).await;
        concluded.map(drop).map_err(|error| NatsError::bus(TAKE, &error))
    }

    /// Publishes what came of a submission that cannot be handed out, and takes it from the inbox.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone; then it is still there.
    pub async fn conclude_unreadable(&self, sequence: u64, by: &str, outcome: Bytes) -> Result<(), NatsError> {
        self.publish(by, &by_place(sequence), outcome).await?;
        let removed = self.stream().await?.delete_message(sequence).await;
        removed.map(drop).map_err(|error| NatsError::bus(TAKE, &error))
    }

    async fn publish(&self, principal: &str, id: &str, outcome: Bytes) -> Result<(), NatsError> {
        let doing = "publish an outcome";
        // Nobody who could hear it has such a name.
        if PrincipalName::parse(principal).is_err() {
            return Ok(());
        }
        let ack = self.context.publish(self.names.outcome(principal, id), outcome).await;
        let ack = ack.map_err(|error| NatsError::bus(doing, &error))?;
        ack.await.map(drop).map_err(|error| NatsError::bus(doing, &error))
    }

    async fn stream(&self) -> Result<Stream<()>, NatsError> {
        self.context.get_stream_no_info(self.names.inbox_stream()).await.map_err(look)
    }

    /// Waits for the outcome of a command that a principal submitted.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone; [`NatsError::Answer`] when it is not an outcome.
    pub async fn outcome(&self, principal: &PrincipalName, id: &CommandId) -> Result<Reply, NatsError> {
        let doing = "wait for an outcome";
        let subject = self.names.outcome(principal.as_str(), id.as_str());
        let client = self.context.client();
        // Listening before looking: an outcome that is not there yet is then heard.
        let mut heard = client.subscribe(subject.clone()).await.map_err(|error| NatsError::bus(doing, &error))?;
        let api = format!("$JS.API.DIRECT.GET.{}.{subject}", self.names.outcome_stream());
        let outcome = loop {
            let stored = client.request(api.clone(), Bytes::new()).await;
            let stored = stored.map_err(|error| NatsError::bus(doing, &error))?;
            if stored.status.is_none() {
                break stored;
            }
            // One that was published before anybody listened may not have been stored yet when it was looked for.
            match tokio::time::timeout(LOOK_AGAIN, heard.next()).await {
                Ok(Some(heard)) => break heard,
                Ok(None) => return Err(NatsError::bus(doing, &"the connection was closed")),
                Err(_) => {}
            }
        };
        serde_json::from_slice(&outcome.payload).map_err(|source| NatsError::Answer { subject, source })
    }
}

/// What the outcome of a submission is found by when its own id cannot be used.
fn by_place(sequence: u64) -> String {
    format!("inbox-{sequence}")
}

/// The path of what the operator submitted in the name of a principal; none when the principal did.
fn by_operator(below: &str) -> Option<&str> {
    let (path, last) = below.rsplit_once('.')?;
    (last == BY_OPERATOR && path.split('.').count() == 3).then_some(path)
}

fn look(error: impl std::fmt::Display) -> NatsError {
    NatsError::bus("look into the inbox", &error)
}
