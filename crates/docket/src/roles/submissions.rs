//! The command role's second door: what was submitted durably.
//!
//! A submission stays in the inbox until its outcome is on disk. A service that ends in between leaves it to the
//! next, which decides it again; the case remembers the command id, so that is the same decision.

use std::sync::Arc;
use std::time::Duration;

use docket_command::CommandService;
use docket_jetstream::inbox::{Inbox, SIGN_OF_LIFE, Submission, UNDER_WAY};
use docket_jetstream::{JetStreamLog, NatsError};
use docket_messages::{Rejection, RejectionCode, Reply};
use futures::StreamExt;
use futures::stream::BoxStream;
use tokio::sync::{Semaphore, oneshot};

use super::command::{envelope, to_json};
use super::{Engines, RESTART, Role, connect};
use crate::error::{AnyError, one_line, plain};
use crate::{metrics, surroundings, traces};

/// How often a service looks into the inbox.
const LOOK: Duration = Duration::from_secs(5);
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
    let submissions = inbox.submissions().await?;
    tokio::select! {
        ended = decide_each(&inbox, submissions, service) => ended,
        () = watch(&inbox) => Ok(()),
    }
}

/// Looks into the inbox now and then, for as long as it is polled: counts what waits, and has what the server overlooks
/// given out again.
async fn watch(inbox: &Inbox) {
    let mut before = None;
    loop {
        match look(inbox, before).await {
            Ok(overlooked) => before = overlooked,
            Err(error) => tracing::warn!("could not look into the inbox, and tries again: {}", one_line(&error)),
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// One look: what is overlooked now, as it was before.
async fn look(inbox: &Inbox, before: Option<u64>) -> Result<Option<u64>, NatsError> {
    let waiting = inbox.waiting().await?;
    metrics::inbox(&waiting, surroundings::now());
    if let Some(first) = waiting.overlooked.filter(|_| waiting.overlooked == before) {
        tracing::warn!(
            inbox.sequence = first,
            "the server overlooks the submission at {first} of the inbox; it is given out again, and all after it"
        );
        inbox.give_out_again(first).await?;
    }
    Ok(waiting.overlooked)
}

async fn decide_each(
    inbox: &Inbox,
    mut submissions: BoxStream<'static, Result<Submission, NatsError>>,
    service: &CommandService<JetStreamLog>,
) -> Result<(), AnyError> {
    let places = Arc::new(Semaphore::new(UNDER_WAY));
    loop {
        let place = Arc::clone(&places).acquire_owned().await?;
        let submission = submissions.next().await.ok_or_else(|| plain("the submissions ended"))??;
        let (respond, reply) = oneshot::channel();
        if submission.deliveries > DELIVERIES {
            // The receiver is below.
            let _ = respond.send(Reply::Rejected { rejected: undecidable(&submission) });
        } else {
            let envelope = envelope(submission.path(), submission.headers(), submission.body());
            // One after the other, so that a case gets its submissions in the order in which they came.
            let span = envelope.trace.span.clone();
            let answer = move |reply| {
                traces::answered(&span, &reply);
                // Nobody listens any more when the service is stopping.
                let _ = respond.send(reply);
            };
            service.take_submitted(envelope, answer).await;
        }
        let inbox = inbox.clone();
        tokio::spawn(async move {
            conclude(&inbox, submission, reply).await;
            drop(place);
        });
    }
}

/// Waits for the reply and publishes it. Whatever fails here, the submission is still in the inbox.
async fn conclude(inbox: &Inbox, submission: Submission, mut reply: oneshot::Receiver<Reply>) {
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
