//! What the service asks of a case by itself: the steps of what touches several cases, and cases that a queue gives
//! out.

use bytes::Bytes;
use docket_messages::{CaseAction, CommandId, Digest, OnBehalfOf, PrincipalName, Reply, Timestamp};
use tokio::sync::oneshot;

use crate::Trace;
use crate::admit::{Admitted, Way};
use crate::shards::{Job, RetryPolicy, ShardRouter};

/// Asks something of a case as Docket itself, and waits for the last word on it; none when the service stops.
pub(crate) async fn ask(
    shards: &ShardRouter,
    action: impl Into<CaseAction>,
    id: &str,
    retry: RetryPolicy,
) -> Option<Reply> {
    decide(shards, own(action.into(), id, None)?, retry).await
}

/// The same for somebody who has done it to another case.
pub(crate) async fn ask_for(
    shards: &ShardRouter,
    action: impl Into<CaseAction>,
    id: &str,
    on_behalf_of: Option<OnBehalfOf>,
) -> Option<Reply> {
    let asked = Admitted { on_behalf_of, ..own(action.into(), id, None)? };
    decide(shards, asked, RetryPolicy::UntilDecided).await
}

/// Sends a step that happened at a moment, if it is one of a history, and waits for the last word on it.
pub(crate) async fn ask_at(
    shards: &ShardRouter,
    action: impl Into<CaseAction>,
    id: &str,
    occurred_at: Option<Timestamp>,
) -> Option<Reply> {
    decide(shards, own(action.into(), id, occurred_at)?, RetryPolicy::UntilDecided).await
}

/// A step of Docket's own, or a command that it sends as anybody could.
fn own(action: CaseAction, id: &str, occurred_at: Option<Timestamp>) -> Option<Admitted<CaseAction>> {
    let (id, by) = (CommandId::parse(id).ok()?, PrincipalName::system());
    let (body, message) = (Bytes::from(action.body().ok()?), Digest::of_message(&action).ok()?);
    Some(Admitted {
        id,
        by,
        on_behalf_of: None,
        expected: None,
        occurred_at,
        verb: action.verb(),
        body,
        message,
        trace: Trace::default(),
        way: Way::default(),
        command: action,
    })
}

/// Has a command to a case decided, and waits for the reply; none when the service stops.
pub(crate) async fn decide(shards: &ShardRouter, command: Admitted<CaseAction>, retry: RetryPolicy) -> Option<Reply> {
    let (respond, reply) = oneshot::channel();
    let case = command.command.case_id()?;
    let respond = Box::new(move |reply| {
        // Nobody listens any more when the service is stopping.
        let _ = respond.send(reply);
    });
    shards.send(Job { case, command: Box::new(command), retry, respond });
    reply.await.ok()
}
