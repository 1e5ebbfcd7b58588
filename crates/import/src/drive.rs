//! Drives histories through the bus: each case in order, many cases at once.

use std::time::{Duration, Instant};

use docket_jetstream::bus::{BusClient, Outgoing};
use docket_messages::{CaseCommand, FailureCode, Position, Rejection, RejectionCode, Reply};
use futures::StreamExt;

use crate::Error;
use crate::story::{Step, Story};

/// Cases that are driven at once.
const CASES_AT_ONCE: usize = 1_024;
/// How long one command may be refused as `overloaded`, or its log be away, before driving is given up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of it.
#[derive(Debug, Default)]
pub struct Driven {
    /// Commands that were accepted for the first time.
    pub accepted: u64,
    /// Commands that had been accepted before.
    pub repeated: u64,
    /// Commands that the rules refused.
    pub refused: Vec<Refused>,
    /// The highest position of a reply.
    pub position: Position,
    /// How long it took.
    pub took: Duration,
}

/// A command that the rules refused.
#[derive(Debug)]
pub struct Refused {
    /// The line of the file that it came from.
    pub line: Option<u64>,
    /// The case.
    pub case: docket_messages::CaseId,
    /// The verb.
    pub verb: &'static str,
    /// Why.
    pub rejection: Rejection,
}

/// Drives all stories and waits for every reply. `progress` is told how many more commands were answered.
///
/// # Errors
/// The first failure that does not pass.
pub async fn drive(bus: &BusClient, stories: &[Story], mut progress: impl FnMut(u64)) -> Result<Driven, Error> {
    let began = Instant::now();
    let mut outcome = Driven::default();
    let mut told = futures::stream::iter(stories).map(|story| tell(bus, story)).buffer_unordered(CASES_AT_ONCE);
    while let Some(one) = told.next().await {
        let one = one?;
        progress(one.accepted + one.repeated + u64::try_from(one.refused.len()).unwrap_or(0));
        outcome.accepted += one.accepted;
        outcome.repeated += one.repeated;
        outcome.refused.extend(one.refused);
        outcome.position = outcome.position.max(one.position);
    }
    outcome.took = began.elapsed();
    outcome.refused.sort_by_key(|refused| refused.line);
    Ok(outcome)
}

/// Tells one story, command by command. A refused command does not end it.
async fn tell(bus: &BusClient, story: &Story) -> Result<Driven, Error> {
    let mut outcome = Driven::default();
    for step in &story.steps {
        match send_known(bus, step).await? {
            Reply::Accepted { accepted, repeated } => {
                *if repeated { &mut outcome.repeated } else { &mut outcome.accepted } += 1;
                outcome.position = outcome.position.max(accepted.position);
            }
            Reply::Rejected { rejected } => outcome.refused.push(Refused {
                line: step.line,
                case: story.case_id,
                verb: step.command.verb().as_str(),
                rejection: rejected,
            }),
            Reply::Failed { failed } => return Err(Box::new(failed)),
        }
    }
    Ok(outcome)
}

/// Sends one command. One that was said otherwise once, and answered then, is known by what it was; nothing can come of
/// that but the first reply, because its id is taken.
async fn send_known(bus: &BusClient, step: &Step) -> Result<Reply, Error> {
    let reply = send(bus, step, &step.command).await?;
    let is_reused = matches!(&reply, Reply::Rejected { rejected } if rejected.code == RejectionCode::CommandIdReused);
    let Some(once) = step.once.as_ref().filter(|_| is_reused) else { return Ok(reply) };
    match send(bus, step, once).await? {
        known @ Reply::Accepted { .. } => Ok(known),
        // It is another command by that reckoning, too.
        Reply::Rejected { .. } => Ok(reply),
        failed @ Reply::Failed { .. } => Ok(failed),
    }
}

/// Sends one command; a retryable failure is tried again with the same id, which does no harm.
async fn send(bus: &BusClient, step: &Step, command: &CaseCommand) -> Result<Reply, Error> {
    let outgoing = Outgoing {
        kind: "case".to_owned(),
        verb: command.verb().as_str().to_owned(),
        id: step.id.clone(),
        body: command.body()?.into(),
        on_behalf_of: None,
        expect_version: None,
        occurred_at: Some(step.at),
    };
    let began = Instant::now();
    let mut pause = Duration::from_millis(20);
    loop {
        let reply = bus.send(&outgoing).await?;
        match &reply {
            Reply::Failed { failed }
                if failed.retryable
                    && began.elapsed() < PATIENCE
                    && matches!(failed.code, FailureCode::Overloaded | FailureCode::LogUnavailable) => {}
            Reply::Accepted { .. } | Reply::Rejected { .. } | Reply::Failed { .. } => return Ok(reply),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
}
