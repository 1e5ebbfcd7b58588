//! `policy.publish`: one document at a time, in the same steps as a command to a case.

use bytes::Bytes;
use docket_domain::authority;
use docket_domain::policy::Policy;
use docket_eventlog::{AppendError, EventLog, Expect, Subject};
use docket_messages::{
    Accepted, EntryKind, FORMAT_VERSION, FailureCode, PolicyEntry, PolicyEvent, PolicyPublished, PolicyVersion,
    PublishPolicy, Rejection, RejectionCode, Reply, Salt, Timestamp, Version,
};

use crate::admit::Admitted;
use crate::handle::{failed, reused};
use crate::policies::{Known, describe};
use crate::service::Context;

/// How often a document is decided again because somebody published first.
const ATTEMPTS: u32 = 10;

enum Verdict {
    Reply(Reply),
    Refused(Rejection),
    Append(Box<PolicyEntry>),
}

/// Handles a publication.
pub(crate) async fn publish<L: EventLog>(context: &Context<L>, command: &Admitted<PublishPolicy>) -> Reply {
    for attempt in 0..ATTEMPTS {
        let known = match context.policies.refresh().await {
            Ok(known) => known,
            Err(error) => return Reply::Failed { failed: error.failure() },
        };
        match judge(context, &known, command).await {
            Verdict::Reply(reply) => return reply,
            Verdict::Refused(rejected) => match context.policies.is_current(&known).await {
                Ok(true) => return Reply::Rejected { rejected },
                Ok(false) => {}
                Err(error) => return failed(FailureCode::LogUnavailable, &error, true),
            },
            Verdict::Append(entry) => {
                let payload = match entry.encode() {
                    Ok(payload) => Bytes::from(payload),
                    Err(error) => return failed(FailureCode::LogUnavailable, &error, false),
                };
                let expect = Expect::after(known.tail.map(|tail| tail.position));
                match context.log.append(&Subject::Policy, expect, payload.into()).await {
                    Ok(position) => {
                        // The next command here is decided under it; whoever was faster is not asked to wait.
                        if let Err(error) = context.policies.refresh().await {
                            tracing::warn!(%error, "a policy was published and could not be read back: {error}");
                        }
                        let accepted = accepted(entry.policy, position);
                        return Reply::Accepted { accepted, repeated: false };
                    }
                    Err(AppendError::Conflict | AppendError::Unknown { .. }) => context.back_off(attempt).await,
                    Err(error @ AppendError::Unavailable { .. }) => {
                        return failed(FailureCode::LogUnavailable, &error, true);
                    }
                }
            }
        }
    }
    let message = "somebody always published first; try again".to_owned();
    Reply::Failed { failed: docket_messages::Failure { code: FailureCode::Overloaded, message, retryable: true } }
}

async fn judge<L: EventLog>(context: &Context<L>, known: &Known, command: &Admitted<PublishPolicy>) -> Verdict {
    if let Some(receipt) = known.receipts.get(&(command.by.clone(), command.id.clone())) {
        if !receipt.answers(&command.request()) {
            return Verdict::Reply(Reply::Rejected { rejected: reused(&command.id) });
        }
        let accepted = accepted(PolicyVersion(receipt.version.get()), receipt.position);
        return Verdict::Reply(Reply::Accepted { accepted, repeated: true });
    }
    let request = authority::Request {
        by: &command.by,
        kind: EntryKind::Policy.as_str(),
        verb: command.verb,
        delegated: command.on_behalf_of.is_some(),
        // When a policy comes into force is not the sender's to say.
        backdated: false,
    };
    // The first policy says who may publish the next.
    let granted = known.policies.as_ref().map_or(Ok(()), |policies| authority::check(policies.current(), &request));
    if let Err(rejected) = granted {
        return Verdict::Refused(rejected);
    }
    let now = (context.environment.now)().max(known.at.unwrap_or(Timestamp::EPOCH));
    let version = PolicyVersion(known.version().get().saturating_add(1));
    let (document, zones) = (command.command.document.clone(), (context.environment.zones)());
    // Checking takes its time, so it is done where no command waits for it, one document after the other.
    let _one = context.policies.checking.lock().await;
    let checked = tokio::task::spawn_blocking(move || Policy::compile(&document, version, now, zones).map(drop)).await;
    let checked = match checked {
        Ok(checked) => checked,
        Err(error) => return Verdict::Reply(failed(FailureCode::Overloaded, &error, true)),
    };
    match checked {
        Ok(()) => Verdict::Append(Box::new(entry(context, known, command, version, now))),
        Err(findings) => {
            let rejection = Rejection::new(RejectionCode::InvalidPolicy, describe(&findings)).at("document");
            Verdict::Refused(rejection)
        }
    }
}

fn entry<L>(
    context: &Context<L>,
    known: &Known,
    command: &Admitted<PublishPolicy>,
    version: PolicyVersion,
    at: Timestamp,
) -> PolicyEntry {
    let salt = Salt::new((context.environment.random)());
    let (request, message) = command.request().digests(&salt);
    PolicyEntry {
        v: FORMAT_VERSION,
        id: command.id.clone(),
        verb: command.verb.to_owned(),
        kind: EntryKind::Policy,
        of: Subject::Policy.id(),
        at,
        by: command.by.clone(),
        on_behalf_of: command.on_behalf_of.clone(),
        via: command.way.via,
        policy: version,
        version: Version(version.get()),
        request,
        message: Some(message),
        sent_to: None,
        prev: known.tail.map(|tail| tail.digest),
        wake_at: None,
        salt,
        events: vec![PolicyEvent::PolicyPublished(PolicyPublished {
            document: command.command.document.clone(),
            zone_version: Some((context.environment.zones)().version().to_owned()),
        })],
    }
}

fn accepted(policy: PolicyVersion, position: docket_messages::Position) -> Accepted {
    Accepted { case_id: None, version: None, follow_up: None, policy: Some(policy), position }
}
