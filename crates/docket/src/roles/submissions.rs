//! The command role's second door: what was submitted durably.
//!
//! A submission stays in the inbox until its outcome is on disk. A service that ends in between leaves it to the
//! next, which decides it again; the case remembers the command id, so that is the same decision.
//!
//! What one principal submits is decided in the order in which it came, beside what others do.

use std::collections::HashSet;
use std::time::Duration;

use docket_command::{CommandService, Envelope};
use docket_jetstream::inbox::{Inbox, Overlooked, SIGN_OF_LIFE, Submission};
use docket_jetstream::{JetStreamLog, NatsError};
use docket_messages::{Rejection, RejectionCode, Reply};
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::command::{envelope, to_json};
use super::{Engines, RESTART, Role, connect};
use crate::error::{AnyError, one_line, plain};
use crate::{metrics, surroundings, traces};

/// How often a service looks into the inbox.
const LOOK: Duration = Duration::from_secs(5);
/// How often it looks for principals who have not submitted anything before.
const LOOK_FOR_OTHERS: Duration = Duration::from_secs(1);
/// A submission that was delivered so often and never decided ends as rejected: whoever tried, ended over it.
const DELIVERIES: u64 = 10;

/// Takes in submissions, and begins again when that fails.
pub async fn keep_taking_in(engines: Engines, service: CommandService<JetStreamLog>) {
    loop {
        let failed = take_in(&engines, &service).await;
        let cause = failed.err().map_or_else(|| "they ended".to_owned(), |error| one_line(error.as_ref()));
        tracing::warn!(%cause, "taking in submissions failed and begins again: {cause}");
        tokio::time::sleep(RESTART).await;
    }
}

async fn take_in(engines: &Engines, service: &CommandService<JetStreamLog>) -> Result<(), AnyError> {
    let connection = connect(engines, Role::Command, "docket-inbox").await?;
    let inbox = Inbox::new(&connection, engines.names.clone());
    tokio::select! {
        ended = take_in_all(&inbox, service) => ended,
        () = watch(&inbox) => Ok(()),
    }
}

/// Takes in what each principal submits, beside the others.
async fn take_in_all(inbox: &Inbox, service: &CommandService<JetStreamLog>) -> Result<(), AnyError> {
    let (mut known, mut lanes) = (HashSet::new(), JoinSet::new());
    let mut looks = tokio::time::interval(LOOK_FOR_OTHERS);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = looks.tick() => {
                for lane in inbox.lanes().await? {
                    if !known.contains(&lane) {
                        let submissions = inbox.submissions(&lane).await?;
                        lanes.spawn(take_in_lane(inbox.clone(), submissions, service.clone()));
                        known.insert(lane);
                    }
                }
            }
            Some(ended) = lanes.join_next() => return ended?,
        }
    }
}

/// Looks into the inbox now and then, for as long as it is polled: counts what waits, and has what the server overlooks
/// given out again.
async fn watch(inbox: &Inbox) {
    let mut before = None;
    loop {
        match look(inbox, before.take()).await {
            Ok(overlooked) => before = overlooked,
            Err(error) => tracing::warn!("could not look into the inbox, and tries again: {}", one_line(&error)),
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// One look: what is overlooked now, as it was before.
async fn look(inbox: &Inbox, before: Option<Overlooked>) -> Result<Option<Overlooked>, NatsError> {
    let waiting = inbox.waiting().await?;
    metrics::inbox(&waiting, surroundings::now());
    if let Some(first) = waiting.overlooked.as_ref().filter(|first| before.as_ref() == Some(first)) {
        tracing::warn!(
            inbox.sequence = first.sequence,
            "the server overlooks the submission at {} of the inbox; it is given out again, and all after it",
            first.sequence
        );
        inbox.give_out_again(first).await?;
    }
    Ok(waiting.overlooked)
}

/// A submission's turn: what to decide, and where its outcome goes.
type Turn = (Envelope, oneshot::Sender<Reply>);

/// Takes in what one principal submits. Each says from the beginning that it is under way, even if it waits long for
/// its turn; the server hands out only so many at once.
async fn take_in_lane(
    inbox: Inbox,
    mut submissions: BoxStream<'static, Result<Submission, NatsError>>,
    service: CommandService<JetStreamLog>,
) -> Result<(), AnyError> {
    let (line, turns) = mpsc::unbounded_channel();
    let take_in = async {
        loop {
            let submission = submissions.next().await.ok_or_else(|| plain("the submissions ended"))??;
            let (respond, reply) = oneshot::channel();
            if submission.deliveries > DELIVERIES {
                // The receiver is below.
                let _ = respond.send(Reply::Rejected { rejected: undecidable(&submission) });
            } else {
                let envelope = envelope(submission.path(), submission.headers(), submission.body());
                // Who takes turns ends with this.
                let _ = line.send((envelope, respond));
            }
            tokio::spawn(conclude(inbox.clone(), submission, reply));
        }
    };
    tokio::select! {
        ended = take_in => ended,
        () = take_turns(turns, &service) => Ok(()),
    }
}

/// Hands on one after the other, so that a case gets them in the order in which they came.
async fn take_turns(mut turns: mpsc::UnboundedReceiver<Turn>, service: &CommandService<JetStreamLog>) {
    while let Some((envelope, respond)) = turns.recv().await {
        let span = envelope.trace.span.clone();
        let answer = move |reply| {
            traces::answered(&span, &reply);
            // Nobody listens any more when the service is stopping.
            let _ = respond.send(reply);
        };
        service.take_submitted(envelope, answer).await;
    }
}

/// Waits for the reply and publishes it. Whatever fails here, the submission is still in the inbox.
async fn conclude(inbox: Inbox, submission: Submission, mut reply: oneshot::Receiver<Reply>) {
    let reply = loop {
        tokio::select! {
            reply = &mut reply => break reply,
            () = tokio::time::sleep(SIGN_OF_LIFE) => {
                if let Err(error) = submission.sign_of_life().await {
                    tracing::debug!("a submission may be decided twice: {}", one_line(&error));
                }
            }
        }
    };
    // Without a reply the service is stopping.
    let Ok(reply) = reply else { return };
    // No last word: it stays in the inbox, and is given out again.
    if reply.is_retryable_failure() {
        return;
    }
    if let Err(error) = inbox.conclude(submission, to_json(&reply)).await {
        tracing::warn!("a submission is decided again, since its outcome was lost: {}", one_line(&error));
    }
}

fn undecidable(submission: &Submission) -> Rejection {
    tracing::error!(
        inbox.sequence = submission.sequence,
        "the submission at {} of the inbox was never decided, and is given up",
        submission.sequence
    );
    let message = format!("it was delivered {DELIVERIES} times and never decided; Docket's own log says why");
    Rejection::new(RejectionCode::Undecidable, message)
}
