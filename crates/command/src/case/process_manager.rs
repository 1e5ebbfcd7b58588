//! What touches two cases (merges, parents, splits), step by step: the other case is asked, and the one that asked is
//! told.
//!
//! Nothing is remembered here. A case that waits for another says so in the log, and the ids of the steps follow from
//! the entry that began it; so the command itself, a repeat of it, or a tick takes the steps that are
//! missing, and those that were taken are answered as before.

use std::collections::HashSet;
use std::time::Duration;

use docket_domain::case::{self, Asked, Step};
use docket_eventlog::EventLog;
use docket_messages::{
    Accepted, CaseAction, CaseCommand, CaseId, CaseStep, Failure, FailureCode, Intake, Name, RejectionCode, Release,
    Reply, Timestamp,
};

use super::aggregate::read_to_end;
use super::history::read_history;
use crate::answers::failure;
use crate::ask::ask_at;
use crate::context::Context;
use crate::shards::ShardRouter;

/// How long a case that is just being linked or split is waited for, again and again.
const PAUSES_MS: [u64; 5] = [10, 20, 40, 80, 160];

/// How what was begun with another case has ended.
pub(crate) enum Ended {
    /// The case has noted it.
    Completed(Completed),
    /// Not yet: something is in the way, and a tick tries again.
    Stuck,
    /// Not yet: the service stops, and the next one goes on.
    Stopping,
}

/// The last step.
pub(crate) struct Completed {
    accepted: Accepted,
    is_refused: bool,
}

impl Completed {
    /// The reply to the command that began it, which tells of its last step: a reader that waits for that position sees
    /// all.
    pub(crate) fn in_place_of(self, reply: Reply) -> Reply {
        let Reply::Accepted { accepted, repeated } = reply else { return reply };
        let Accepted { version, position, .. } = self.accepted;
        let follow_up = accepted.follow_up.filter(|_| !self.is_refused);
        Reply::Accepted { accepted: Accepted { version, position, follow_up, ..accepted }, repeated }
    }
}

/// Takes the steps that are left, one after the other. When the service stops meanwhile, a tick takes it up again.
pub(crate) async fn resume<L: EventLog>(context: &Context<L>, shards: &ShardRouter, step: Step) -> Ended {
    let letting_go = if let Asked::Step(CaseStep::Release(release)) = &step.asked { Some(release) } else { None };
    let action = match action_of(context, &step).await {
        Ok(action) => action,
        Err(failed) => return stuck(&failed),
    };
    let refused = match ask_the_other(shards, &step, action).await {
        Some(Reply::Accepted { .. }) => None,
        // A case stands for itself only when the other one has let it go.
        Some(Reply::Rejected { rejected }) if letting_go.is_some() => return stuck(&rejected),
        Some(Reply::Rejected { rejected }) => match Name::parse(rejected.code.as_str()) {
            // A step says the same whenever it is taken, so this is no answer of the other case.
            Ok(_) if rejected.code == RejectionCode::CommandIdReused => return stuck(&rejected),
            Ok(code) => Some(code),
            Err(_) => return stuck(&rejected),
        },
        Some(Reply::Failed { failed }) => return stuck(&failed),
        None => return Ended::Stopping,
    };
    let mut answered_at = None;
    if let Some(release) = letting_go {
        if let Err(failed) = turn_back(context, shards, release, &step).await {
            return stuck(&failed);
        }
        match answered_in(context, release.from, release.case_id).await {
            Ok(found) => answered_at = found,
            Err(failed) => return stuck(&failed),
        }
    }
    let is_refused = refused.is_some();
    let (settle, id) = (step.complete(refused, answered_at), step.completion_id());
    match ask_at_or_now(shards, settle, &id, step.occurred_at).await {
        Some(Reply::Accepted { accepted, .. }) => Ended::Completed(Completed { accepted, is_refused }),
        Some(Reply::Rejected { rejected }) => stuck(&rejected),
        Some(Reply::Failed { failed }) => stuck(&failed),
        None => Ended::Stopping,
    }
}

/// What the other case is asked. How one begins is made of what the log says of the one that asks, as it stood then.
async fn action_of<L: EventLog>(context: &Context<L>, step: &Step) -> Result<CaseAction, Failure> {
    match &step.asked {
        Asked::Step(asked) => Ok(asked.clone().into()),
        Asked::Intake => intake_of_split(context, step).await.map(|intake| CaseCommand::Intake(intake).into()),
    }
}

/// How the case begins that is split off.
async fn intake_of_split<L: EventLog>(context: &Context<L>, step: &Step) -> Result<Intake, Failure> {
    let history = read_history(context, step.case).await?;
    history.intake_of_split(step.with).cloned().ok_or_else(|| {
        let error = std::io::Error::other("the personal texts of the case to split cannot be read");
        failure(FailureCode::LogUnreadable, &error, false)
    })
}

/// Takes the step to the other case, again and again while that is only just linked or split.
async fn ask_the_other(shards: &ShardRouter, step: &Step, action: CaseAction) -> Option<Reply> {
    let mut pauses = PAUSES_MS.into_iter();
    loop {
        let action = action.clone();
        let answer = if matches!(action, CaseAction::Step(CaseStep::Release(_))) {
            ask_at_or_now(shards, action, &step.id, step.occurred_at).await
        } else {
            ask_at(shards, action, &step.id, step.occurred_at).await
        };
        match pauses.next().filter(|_| answer.as_ref().is_some_and(is_passing)) {
            Some(pause) => tokio::time::sleep(Duration::from_millis(pause)).await,
            None => return answer,
        }
    }
}

/// Takes a step that has to be taken: when it happened; or now, if somebody has worked on the case since.
async fn ask_at_or_now(
    shards: &ShardRouter,
    action: impl Into<CaseAction>,
    id: &str,
    occurred_at: Option<Timestamp>,
) -> Option<Reply> {
    let action = action.into();
    let answer = ask_at(shards, action.clone(), id, occurred_at).await;
    if matches!(&answer, Some(Reply::Rejected { rejected }) if rejected.code == RejectionCode::OutOfOrder) {
        return ask_at(shards, action, id, None).await;
    }
    answer
}

/// The case that has let another go may itself go on in a third one, where what was sent to the first may just be on
/// its way into the log. An entry there lets it find that the case has changed, and turn back.
async fn turn_back<L: EventLog>(
    context: &Context<L>,
    shards: &ShardRouter,
    release: &Release,
    step: &Step,
) -> Result<(), Failure> {
    let (mut case, mut seen) = (release.case_id, HashSet::from([release.from]));
    while seen.insert(case) {
        let Some(next) = read_to_end(context, case).await?.case().and_then(case::Case::merged_into) else { break };
        let release = Release { case_id: next, from: release.from };
        match ask_at_or_now(shards, CaseStep::Release(release), &step.id, step.occurred_at).await {
            Some(Reply::Accepted { .. }) => case = next,
            Some(Reply::Rejected { rejected }) => return Err(failure(FailureCode::LogUnavailable, &rejected, true)),
            Some(Reply::Failed { failed }) => return Err(failed),
            None => return Err(failure(FailureCode::ShuttingDown, &std::io::Error::other("it is stopping"), true)),
        }
    }
    Ok(())
}

/// The first answer by a human that the customer of a case got in the one that it went on in, or in the one that that
/// went on in.
async fn answered_in<L: EventLog>(
    context: &Context<L>,
    case: CaseId,
    other: CaseId,
) -> Result<Option<Timestamp>, Failure> {
    let (mut asked, mut other, mut seen) = (case, other, HashSet::from([case]));
    while seen.insert(other) {
        let aggregate = read_to_end(context, other).await?;
        let Some(case) = aggregate.case() else { return Ok(None) };
        if let Some(answered_at) = case.answered_for(asked) {
            return Ok(Some(answered_at));
        }
        let Some(next) = case.merged_into() else { return Ok(None) };
        (asked, other) = (other, next);
    }
    Ok(None)
}

/// Whether the other case is about something that is over in a moment.
fn is_passing(reply: &Reply) -> bool {
    matches!(reply, Reply::Rejected { rejected } if rejected.code == RejectionCode::LinkPending)
}

/// The case goes on waiting, and its next tick tries again.
fn stuck(error: &dyn std::error::Error) -> Ended {
    tracing::error!("could not complete a merge, link or split of two cases; trying again: {error}");
    Ended::Stuck
}
