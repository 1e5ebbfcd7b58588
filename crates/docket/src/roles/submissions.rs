//! The command role's second door: what was submitted durably.
//!
//! A submission stays in the inbox until its outcome is on disk. A service that ends in between leaves it to the
//! next, which decides it again; the case remembers the command id, so that is the same decision.
//!
//! What one principal submits is taken in beside what others do, in the order in which the server hands it out.

use std::collections::HashSet;
use std::time::Duration;

use docket_command::{CommandService, Envelope};
use docket_jetstream::access::SystemUser;
use docket_jetstream::inbox::{First, Inbox, Lane, SIGN_OF_LIFE, Submission};
use docket_jetstream::{JetStreamLog, NatsError};
use docket_messages::{Rejection, RejectionCode, Reply};
use futures::StreamExt;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::command::{envelope, to_json, unreadable};
use super::{Engines, RESTART, command, connect};
use crate::error::one_line;
use crate::{environment, metrics, traces};

/// How often a service looks into the inbox.
const LOOK: Duration = Duration::from_secs(1);
/// How often it is looked whom the policy names. A principal that has a lane first is decided first, so none waits long
/// for its own.
const NAMES: Duration = Duration::from_millis(100);
/// How long what is concluded may still be in the inbox; then the server overlooks it. Where it was given out again for
/// that and is concluded once more, twice as long each time: the acknowledgement of what is being decided just then
/// gets lost.
const REMOVAL: Duration = Duration::from_secs(5);
const DOUBLED_AT_MOST: u32 = 6;
/// A submission that was delivered so often and never decided ends as rejected: each service that tried has ended.
const DELIVERIES: u64 = 10;

/// Takes in submissions for as long as it is polled.
pub async fn keep_taking_in(engines: Engines, service: CommandService<JetStreamLog>) {
    let connection = loop {
        match connect(&engines, command::ROLE, "docket-inbox").await {
            Ok(connection) => break connection,
            Err(error) => tracing::warn!("could not reach the inbox, and tries again: {}", one_line(error.as_ref())),
        }
        tokio::time::sleep(RESTART).await;
    };
    let (inbox, url) = (Inbox::new(&connection, engines.names), engines.nats.of(SystemUser::Command).to_owned());
    Lanes { inbox, url, service, opened: HashSet::new(), at_work: JoinSet::new(), concluded: None }.run().await;
}

/// What each principal submits, taken in beside the others.
struct Lanes {
    inbox: Inbox,
    /// Where NATS is: each lane has a connection of its own.
    url: String,
    service: CommandService<JetStreamLog>,
    opened: HashSet<Lane>,
    at_work: JoinSet<(Lane, Result<(), NatsError>)>,
    /// The first submission, if it was concluded and is still there.
    concluded: Option<Concluded>,
}

/// A submission that is concluded and still in the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Concluded {
    sequence: u64,
    since: Instant,
    /// How often it was given out again.
    given_out: u32,
}

impl Concluded {
    /// Whether the server overlooks it by now.
    fn is_overlooked(&self, now: Instant) -> bool {
        now.duration_since(self.since) >= REMOVAL * (1 << self.given_out.min(DOUBLED_AT_MOST))
    }
}

impl Lanes {
    /// A lane that fails is opened again, and keeps no other from its work.
    async fn run(mut self) {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut names = tokio::time::interval(NAMES);
        names.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = names.tick() => {
                    for principal in self.service.principals() {
                        self.open(Lane::of(&principal));
                    }
                }
                _ = looks.tick() => {
                    if let Err(error) = self.look().await {
                        tracing::warn!("could not look into the inbox, and tries again: {}", one_line(&error));
                    }
                }
                Some(Ok((lane, ended))) = self.at_work.join_next() => {
                    let cause = ended.err().map_or_else(|| "they ended".to_owned(), |error| one_line(&error));
                    tracing::warn!(%cause, "stopped reading submissions through {}; starting again: {cause}", lane.consumer());
                    self.opened.remove(&lane);
                }
            }
        }
    }

    fn open(&mut self, lane: Lane) {
        if self.opened.insert(lane.clone()) {
            self.at_work.spawn(take_in(self.inbox.clone(), self.url.clone(), lane, self.service.clone()));
        }
    }

    /// Counts what waits, and sees to the first submission: whatever no lane takes in becomes the first one.
    async fn look(&mut self) -> Result<(), NatsError> {
        loop {
            let waiting = self.inbox.waiting().await?;
            metrics::inbox(&waiting, environment::now());
            let Some((sequence, _)) = waiting.first else { return Ok(()) };
            self.concluded = self.concluded.filter(|concluded| concluded.sequence == sequence);
            match self.inbox.first(sequence).await? {
                None => return Ok(()),
                Some(First::Waits(lane)) => {
                    if let Some(given_out) = &mut self.concluded {
                        given_out.since = Instant::now();
                    }
                    // Perhaps of somebody whom the policy does not name, and who is to be told so.
                    self.open(lane);
                    return Ok(());
                }
                Some(First::Concluded(lane)) => return self.see_to_concluded(lane, sequence).await,
                Some(First::Unreadable { by }) => {
                    tracing::warn!(
                        inbox.sequence = sequence,
                        "the submission at {sequence} of the inbox is unreadable"
                    );
                    let outcome = to_json(&Reply::Rejected { rejected: nobodys() });
                    self.inbox.conclude_unreadable(sequence, &by, outcome).await?;
                }
            }
        }
    }

    /// Has a submission given out again that the server overlooks.
    async fn see_to_concluded(&mut self, lane: Lane, sequence: u64) -> Result<(), NatsError> {
        let now = Instant::now();
        let concluded = self.concluded.get_or_insert(Concluded { sequence, since: now, given_out: 0 });
        if !concluded.is_overlooked(now) {
            return Ok(());
        }
        (concluded.since, concluded.given_out) = (now, concluded.given_out + 1);
        tracing::warn!(
            inbox.sequence = sequence,
            "the server counts submission {sequence} of the inbox as acknowledged but kept it; it and all later ones are redelivered"
        );
        self.inbox.give_out_again(&lane, sequence).await
    }
}

/// A submission's turn: what to decide, and where its outcome goes.
type Turn = (Envelope, oneshot::Sender<Reply>);

/// Takes in what one principal submits until that fails, and still lets all of it have its turn.
async fn take_in(
    inbox: Inbox,
    url: String,
    lane: Lane,
    service: CommandService<JetStreamLog>,
) -> (Lane, Result<(), NatsError>) {
    // It never holds more than the server hands out at once.
    let (line, turns) = mpsc::unbounded_channel();
    let (ended, ()) = tokio::join!(line_up(&inbox, &url, &lane, line), take_turns(turns, &service));
    (lane, ended)
}

/// Lines submissions up as they come. From then on the server is told that each is under way, however long it waits for
/// its turn.
async fn line_up(inbox: &Inbox, url: &str, lane: &Lane, line: mpsc::UnboundedSender<Turn>) -> Result<(), NatsError> {
    let mut submissions = inbox.submissions(url, lane).await?;
    while let Some(submission) = submissions.next().await {
        let submission = submission?;
        let (respond, reply) = oneshot::channel();
        // Who takes turns, and who concludes, is there for longer than this.
        if submission.deliveries > DELIVERIES {
            let _ = respond.send(Reply::Rejected { rejected: undecidable(&submission) });
        } else {
            match inbox.path(&submission).and_then(|path| Ok((path, submission.headers()?))) {
                Ok((path, headers)) => {
                    let _ = line
                        .send((envelope(path, headers, submission.body(), inbox.is_by_operator(&submission)), respond));
                }
                Err(cause) => {
                    let _ = respond.send(Reply::Rejected { rejected: unreadable(cause) });
                }
            }
        }
        tokio::spawn(conclude(inbox.clone(), submission, reply));
    }
    Ok(())
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
#[expect(clippy::cognitive_complexity, reason = "each line that is logged counts as branches")]
async fn conclude(inbox: Inbox, submission: Submission, mut reply: oneshot::Receiver<Reply>) {
    let reply = loop {
        tokio::select! {
            reply = &mut reply => break reply,
            () = tokio::time::sleep(SIGN_OF_LIFE) => sign_of_life(&inbox, &submission).await,
        }
    };
    // Without a reply the service is stopping.
    let Ok(reply) = reply else { return };
    // No last word: it stays in the inbox, and is given out again.
    if reply.is_retryable_failure() {
        return;
    }
    let outcome = to_json(&reply);
    // Giving up would count as having failed to decide it.
    while let Err(error) = inbox.publish_outcome(&submission, outcome.clone()).await {
        tracing::warn!("an outcome could not be published, and is tried again: {}", one_line(&error));
        sign_of_life(&inbox, &submission).await;
        tokio::time::sleep(SIGN_OF_LIFE).await;
    }
    if let Err(error) = inbox.conclude(submission).await {
        tracing::warn!(
            "could not acknowledge a submission to the inbox, so it will be decided again: {}",
            one_line(&error)
        );
    }
}

async fn sign_of_life(inbox: &Inbox, submission: &Submission) {
    if let Err(error) = inbox.sign_of_life(submission).await {
        tracing::debug!("a submission may be decided twice: {}", one_line(&error));
    }
}

/// What no principal has submitted as the contract says.
fn nobodys() -> Rejection {
    let message = "its subject has no kind and verb, a wildcard where the principal stands, or a control character, so \
                   no command service takes it in";
    Rejection::new(RejectionCode::BadRequest, message)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_out_again_gets_twice_as_long_to_be_removed() {
        let since = Instant::now();
        let after = |given_out, seconds| {
            let concluded = Concluded { sequence: 7, since, given_out };
            concluded.is_overlooked(since + Duration::from_secs(seconds))
        };
        assert_eq!((after(0, 4), after(0, 5)), (false, true));
        assert_eq!((after(1, 9), after(1, 10)), (false, true));
        assert_eq!((after(100, 319), after(100, 320)), (false, true));
    }
}
