//! Durable submissions: commands that wait in the stream `DOCKET_INBOX` until a command service decides them, and
//! their outcomes in `DOCKET_OUTCOMES`.
//!
//! A submission is taken from the inbox only after its outcome is on disk. A service that dies in between leaves
//! it there, and it is decided again: its command id makes that the same decision.
//!
//! Each principal has a [`Lane`] of its own, so nobody waits behind what another one has submitted.

mod lane;

use std::collections::HashSet;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use async_nats::jetstream::{self, AckKind};
use bytes::Bytes;
use docket_messages::{CommandId, PrincipalName, Reply, Timestamp};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};

use crate::bus::CommandHeaders;
use crate::read::take_in;
use crate::{Connection, Namespace, NatsError};

pub use lane::Lane;

/// How long an outcome is listened for before it is looked for again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The most submissions of one principal that are being decided, by all services together.
const UNDER_WAY: i64 = 256;
/// How long a submission may be silent before it is given to another service.
const SILENCE: Duration = Duration::from_secs(10);
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
    message: jetstream::Message,
    skip: usize,
    /// Its place in the inbox.
    pub sequence: u64,
    /// How often it was delivered, this time included.
    pub deliveries: u64,
}

/// What is in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// How many submissions.
    pub count: u64,
    /// When the first of them came; none when there is none.
    pub since: Option<Timestamp>,
    /// The first, when the server counts it among those that were concluded.
    pub overlooked: Option<Overlooked>,
}

/// A submission that the server would give to nobody any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlooked {
    lane: Lane,
    /// Its place in the inbox.
    pub sequence: u64,
}

impl Submission {
    /// The part of the subject below `docket.submit.`: principal, kind, verb.
    #[must_use]
    pub fn path(&self) -> &str {
        self.message.subject.get(self.skip..).unwrap_or_default()
    }

    /// The headers of the command.
    #[must_use]
    pub fn headers(&self) -> CommandHeaders<'_> {
        CommandHeaders::of(self.message.headers.as_ref())
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> Bytes {
        self.message.payload.clone()
    }

    /// Says that it is still being decided.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the connection is gone; then it may come again.
    pub async fn sign_of_life(&self) -> Result<(), NatsError> {
        let sign = self.message.ack_with(AckKind::Progress).await;
        sign.map_err(|error| NatsError::bus("keep a submission", &error))
    }
}

impl Inbox {
    /// The inbox behind a connection.
    #[must_use]
    pub fn new(connection: &Connection, names: Namespace) -> Self {
        Self { context: jetstream::new(connection.client.clone()), names }
    }

    /// The lanes in which anything waits.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone.
    pub async fn lanes(&self) -> Result<HashSet<Lane>, NatsError> {
        let subjects = self.stream().await?.info_with_subjects(self.names.submissions()).await.map_err(look)?;
        let lanes = subjects.try_filter_map(async |(subject, _)| Ok(self.lane(&subject)));
        lanes.try_collect().await.map_err(look)
    }

    /// The submissions of a lane, shared among all services, each until it is concluded.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone.
    pub async fn submissions(
        &self,
        lane: &Lane,
    ) -> Result<BoxStream<'static, Result<Submission, NatsError>>, NatsError> {
        let doing = "take in submissions";
        let config = pull::Config {
            durable_name: Some(lane.consumer()),
            filter_subjects: lane.subjects(&self.names),
            ack_policy: AckPolicy::Explicit,
            ack_wait: SILENCE,
            max_ack_pending: UNDER_WAY,
            ..pull::Config::default()
        };
        let messages = take_in(&self.context, self.names.inbox_stream(), config, doing).await?;
        let names = self.names.clone();
        let read = move |message: Result<jetstream::Message, _>| {
            let message = message.map_err(|error| NatsError::bus(doing, &error))?;
            let info = message.info().map_err(|error| NatsError::bus(doing, &error))?;
            let (sequence, deliveries) = (info.stream_sequence, u64::try_from(info.delivered).unwrap_or(1));
            let skip = message.subject.len().saturating_sub(names.below_submissions(&message.subject).len());
            Ok(Submission { message, skip, sequence, deliveries })
        };
        Ok(messages.map(read).boxed())
    }

    /// What is in the inbox.
    ///
    /// A submission that was just concluded may still be there; only when it is there the next time, too, is it
    /// overlooked.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone.
    pub async fn waiting(&self) -> Result<Waiting, NatsError> {
        let stream = self.stream().await?;
        let state = stream.get_info().await.map_err(look)?.state;
        if state.messages == 0 {
            return Ok(Waiting { count: 0, since: None, overlooked: None });
        }
        let since = Some(Timestamp::from(state.first_timestamp));
        let overlooked = self.overlooked(&stream, state.first_sequence).await?;
        Ok(Waiting { count: state.messages, since, overlooked })
    }

    /// Whether the first submission is overlooked. Whatever is becomes the first one: all others are concluded.
    async fn overlooked(&self, stream: &Stream<()>, sequence: u64) -> Result<Option<Overlooked>, NatsError> {
        let first = match stream.get_raw_message(sequence).await {
            Ok(first) => first,
            // It was concluded meanwhile.
            Err(error) if matches!(error.kind(), LastRawMessageErrorKind::NoMessageFound) => return Ok(None),
            Err(error) => return Err(look(error)),
        };
        let Some(lane) = self.lane(&first.subject) else {
            tracing::warn!(
                inbox.sequence = sequence,
                "nobody can have submitted what is at {sequence} of the inbox: its subject has wildcards; remove it \
                 with `nats stream rmm {} {sequence}`",
                self.names.inbox_stream()
            );
            return Ok(None);
        };
        let consumer = match stream.consumer_info(lane.consumer()).await {
            Ok(consumer) => consumer,
            // Nobody has taken in anything of this lane yet.
            Err(error) if matches!(error.kind(), ConsumerInfoErrorKind::NotFound) => return Ok(None),
            Err(error) => return Err(look(error)),
        };
        let is_concluded = sequence <= consumer.ack_floor.stream_sequence;
        Ok(is_concluded.then_some(Overlooked { lane, sequence }))
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
    pub async fn give_out_again(&self, overlooked: &Overlooked) -> Result<(), NatsError> {
        let stream = self.stream().await?;
        let reset = stream.reset_consumer(&overlooked.lane.consumer(), Some(overlooked.sequence)).await;
        reset.map(drop).map_err(|error| NatsError::bus("give out submissions again", &error))
    }

    fn lane(&self, subject: &str) -> Option<Lane> {
        Lane::of(self.names.below_submissions(subject))
    }

    async fn stream(&self) -> Result<Stream<()>, NatsError> {
        self.context.get_stream_no_info(self.names.inbox_stream()).await.map_err(look)
    }

    /// Publishes what came of a submission, and takes it from the inbox.
    ///
    /// # Errors
    /// [`NatsError::Bus`] when the server refuses or is gone; then the submission comes again.
    pub async fn conclude(&self, submission: Submission, outcome: Bytes) -> Result<(), NatsError> {
        let doing = "publish an outcome";
        let principal = submission.path().split('.').next().unwrap_or_default();
        // A submission without a usable id is known by its place.
        let id = submission.headers().command_id().and_then(|id| CommandId::parse(id).ok());
        let id = id.map_or_else(|| format!("inbox-{}", submission.sequence), |id| id.to_string());
        let subject = self.names.outcome(principal, &id);
        let ack = self.context.publish(subject, outcome).await.map_err(|error| NatsError::bus(doing, &error))?;
        ack.await.map_err(|error| NatsError::bus(doing, &error))?;
        submission
            .message
            .double_ack()
            .await
            .map_err(|error| NatsError::bus("take a submission from the inbox", &error))
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

fn look(error: impl std::fmt::Display) -> NatsError {
    NatsError::bus("look into the inbox", &error)
}
