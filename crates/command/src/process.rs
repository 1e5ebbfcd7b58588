//! What touches two cases, step by step: the other case is asked, and the one that asked is told.
//!
//! Nothing is remembered here. A case that waits for another says so in the log, and the ids of the steps follow from
//! the entry that began it; so whoever comes upon it, by the command itself or by a tick, takes the steps that are
//! missing, and those that were taken are answered as before.

use bytes::Bytes;
use docket_domain::case::{self, Step};
use docket_eventlog::{EventLog, Subject};
use docket_messages::{
    CaseCommand, CaseId, CommandId, FailureCode, Name, PrincipalName, Rejection, RejectionCode, Reply,
};
use tokio::sync::oneshot;

use crate::Trace;
use crate::admit::Admitted;
use crate::handle::{catch_up, confirm, failed};
use crate::policies::Known;
use crate::service::Context;
use crate::shards::{Job, Neighbours, Patience};

/// Takes the steps that are left, one after the other. When the service stops meanwhile, a tick takes it up again.
pub(crate) async fn carry_on(shards: Neighbours, step: Step) {
    let refused = match ask(&shards, step.command.clone(), &step.id).await {
        Some(Reply::Accepted { .. }) => None,
        Some(Reply::Rejected { rejected }) => match Name::parse(rejected.code.as_str()) {
            // A step says the same whenever it is taken, so this is no answer of the other case.
            Ok(_) if rejected.code == RejectionCode::CommandIdReused => return stuck(&rejected),
            Ok(code) => Some(code),
            Err(_) => return stuck(&rejected),
        },
        Some(Reply::Failed { failed }) => return stuck(&failed),
        None => return,
    };
    let (settle, id) = step.settle(refused);
    match ask(&shards, settle, &id).await {
        Some(Reply::Accepted { .. }) | None => {}
        Some(Reply::Rejected { rejected }) => stuck(&rejected),
        Some(Reply::Failed { failed }) => stuck(&failed),
    }
}

/// The case goes on waiting, and its next tick tries again.
fn stuck(error: &dyn std::error::Error) {
    tracing::error!("what a case waits for another one for could not be finished, and is tried again: {error}");
}

/// Sends a command as Docket itself, and waits for the last word on it; none when the service stops.
async fn ask(shards: &Neighbours, command: CaseCommand, id: &str) -> Option<Reply> {
    let (respond, reply) = oneshot::channel();
    let (case, id, by) = (command.case_id()?, CommandId::parse(id).ok()?, PrincipalName::system());
    let body = Bytes::from(command.body().ok()?);
    let admitted = Admitted {
        id,
        by,
        on_behalf_of: None,
        expected: None,
        occurred_at: None,
        verb: command.verb().as_str(),
        body,
        trace: Trace::default(),
        command,
    };
    let respond = Box::new(move |reply| {
        // Nobody listens any more when the service is stopping.
        let _ = respond.send(reply);
    });
    shards.send(Job { case, command: Box::new(admitted), patience: Patience::UntilDecided, respond });
    reply.await.ok()
}

/// Whether the other case would refuse, as it is now: then the sender is told at once. It may still refuse later.
pub(crate) async fn foresee<L: EventLog>(context: &Context<L>, known: &Known, case: &case::Case) -> Option<Reply> {
    let (step, policies) = (case.next_step()?, known.policies.as_ref()?);
    let other: CaseId = step.command.case_id()?;
    let aggregate = match catch_up(context, other, Box::default()).await {
        Ok(aggregate) => aggregate,
        Err(failed) => return Some(Reply::Failed { failed }),
    };
    let now = (context.surroundings.now)();
    let request = case::Request { now, occurred_at: None, expected: None, policies };
    if aggregate.newest_policy() > policies.current().version {
        let behind = std::io::Error::other("a case was decided under a policy that is not known here yet");
        return Some(failed(FailureCode::LogUnavailable, &behind, true));
    }
    let rejected = case::decide(other, aggregate.case(), &step.command, &request).err()?;
    match confirm(context, &Subject::Case(other), &aggregate, known).await {
        Ok(true) => {}
        // What was read is stale: the other case says so itself.
        Ok(false) => return None,
        Err(failed) => return Some(Reply::Failed { failed }),
    }
    let path = rejected.path.clone().filter(|path| path != "caseId").unwrap_or_else(|| "into".to_owned());
    let rejected = Rejection { path: Some(path), ..rejected };
    debug_assert_ne!(rejected.code, RejectionCode::BadRequest, "a step is well formed");
    Some(Reply::Rejected { rejected })
}
