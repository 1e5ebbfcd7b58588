//! A change of the policy: one document at a time. What each command asks stands in a file of its own.

use std::sync::Arc;

use docket_domain::policy::Policy;
use docket_eventlog::{EventLog, Subject, Tail};
use docket_messages::{
    Accepted, Entry, EntryKind, Failure, FailureCode, KeyId, PolicyCommand, PolicyEvent, PolicyVersion, Position,
    Rejection, RejectionCode, Reply, Timestamp, Via,
};

use super::book::{KnownPolicies, describe};
use crate::admit::Admitted;
use crate::answers::{failed, reused};
use crate::context::Context;
use crate::receipts::Request;
use crate::transact::{Decided, State, Transaction, Verdict, transact};

/// What follows from a command, once its document is found to be sound.
pub(super) struct Draft {
    /// The document.
    pub document: String,
    /// The version of the policy that the entry names: the one that is in force after it.
    pub policy: PolicyVersion,
    /// The events, of the document and the release of the zone database that it was checked with.
    pub events: Box<dyn FnOnce(String, Option<String>) -> Vec<PolicyEvent> + Send>,
}

/// What a command to the policy is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    policy: Option<PolicyVersion>,
    proposal: Option<u32>,
}

impl Answer {
    /// The answer to the command of an entry.
    pub(super) fn of(entry: &Entry<PolicyEvent>) -> Self {
        let is_published = entry.events.iter().any(|event| event.published().is_some());
        let proposal = entry.events.iter().find_map(|event| match event {
            PolicyEvent::PolicyProposed(proposed) => Some(proposed.proposal),
            PolicyEvent::PolicyPublished(_) | PolicyEvent::PolicyApproved(_) => None,
        });
        Self { policy: is_published.then_some(entry.policy), proposal }
    }

    fn accepted(self, position: Position) -> Accepted {
        let Self { policy, proposal } = self;
        Accepted { case_id: None, version: None, follow_up: None, policy, proposal, position }
    }
}

/// Handles a command to the policy.
pub(crate) async fn change<L: EventLog>(context: &Context<L>, command: &Admitted<PolicyCommand>) -> Reply {
    let (reply, _) = transact(context, &mut Change(command), None).await;
    if matches!(reply, Reply::Accepted { .. })
        // The next command here is decided under it; a command that is faster is decided under the one before.
        && let Err(error) = context.policies.refresh().await
    {
        tracing::warn!(%error, "a policy was published and could not be read back: {error}");
    }
    reply
}

struct Change<'c>(&'c Admitted<PolicyCommand>);

impl State for Arc<KnownPolicies> {
    fn tail(&self) -> Option<Tail> {
        self.tail
    }

    fn key(&self) -> Option<&KeyId> {
        None
    }

    fn newest_policy(&self) -> PolicyVersion {
        self.version()
    }
}

impl<L: EventLog> Transaction<L> for Change<'_> {
    type Event = PolicyEvent;
    type State = Arc<KnownPolicies>;
    type Pending = ();
    type End = Reply;

    fn subject(&self) -> Subject {
        Subject::Policy
    }

    fn request(&self) -> Request<'_> {
        self.0.request()
    }

    async fn load(
        &self,
        context: &Context<L>,
        _subject: &Subject,
        _known: Option<Arc<KnownPolicies>>,
    ) -> Result<Arc<KnownPolicies>, Failure> {
        context.policies.refresh().await.map_err(|error| error.failure())
    }

    async fn judge(
        &mut self,
        context: &Context<L>,
        policies: &mut Arc<KnownPolicies>,
        _known: &KnownPolicies,
        _attempt: u32,
    ) -> Verdict<L, Self> {
        let command = self.0;
        if let Some(receipt) = policies.receipts.get(&(command.by.clone(), command.id.clone())) {
            return match receipt.receipt.answers(&context.keys, &command.request()).await {
                Ok(true) => Verdict::Repeated(receipt.answer.accepted(receipt.receipt.position)),
                Ok(false) => Verdict::End(Reply::Rejected { rejected: reused(&command.id) }),
                Err(failed) => Verdict::End(Reply::Failed { failed }),
            };
        }
        // The first policy says who may publish the next.
        let is_first = policies.policies.is_none() && matches!(command.command, PolicyCommand::Publish(_));
        // When a policy comes into force is not the sender's to say.
        let request = docket_domain::authority::Request { backdated: false, ..command.authority(EntryKind::Policy) };
        if let Err(rejected) = policies.check(&request)
            && !is_first
        {
            return Verdict::Confirm(Reply::Rejected { rejected });
        }
        let drafted = match &command.command {
            PolicyCommand::Publish(publish) => super::publish::draft(policies, publish),
            PolicyCommand::Propose(propose) => by_oneself(command).map(|()| super::propose::draft(policies, propose)),
            PolicyCommand::Approve(approve) => {
                by_oneself(command).and_then(|()| super::approve::draft(policies, approve, &command.by))
            }
        };
        let draft = match drafted {
            Ok(draft) => draft,
            Err(rejected) => return Verdict::Confirm(Reply::Rejected { rejected }),
        };
        let at = (context.environment.now)().max(policies.at.unwrap_or(Timestamp::EPOCH));
        let next = PolicyVersion(policies.version().get().saturating_add(1));
        let (document, zones) = (draft.document, (context.environment.zones)());
        let zone_version = Some(zones.version().to_owned());
        // Checking takes its time, so it is done where no command waits for it, one document after the other.
        let _one = context.policies.checking.lock().await;
        let compile = move || Policy::compile(&document, next, at, zones).map(|_| document);
        match tokio::task::spawn_blocking(compile).await {
            Err(error) => Verdict::End(failed(FailureCode::Overloaded, &error, true)),
            Ok(Err(findings)) => {
                let rejected = Rejection::new(RejectionCode::InvalidPolicy, describe(&findings)).at("document");
                Verdict::Confirm(Reply::Rejected { rejected })
            }
            Ok(Ok(document)) => {
                let (policy, events) = (draft.policy, (draft.events)(document, zone_version));
                Verdict::Append(Decided { at, is_backdated: false, policy, wake_at: None, events }, ())
            }
        }
    }

    fn appended(&mut self, _: &mut Arc<KnownPolicies>, (): (), entry: &Entry<PolicyEvent>, tail: Tail) -> Reply {
        Reply::Accepted { accepted: Answer::of(entry).accepted(tail.position), repeated: false }
    }

    fn too_busy(&self) -> String {
        "somebody always published first; try again".to_owned()
    }
}

/// Where two principals are asked, each must stand for itself: else one could ask in the name of the other. The operator may
/// propose in the name of anybody, but not also approve.
fn by_oneself(command: &Admitted<PolicyCommand>) -> Result<(), Rejection> {
    let refused = |message: String| Err(Rejection::new(RejectionCode::Forbidden, message));
    if command.on_behalf_of.is_some() {
        let verb = &command.verb;
        return refused(format!("nobody can {verb} a policy on behalf of somebody; leave `Docket-On-Behalf-Of` out"));
    }
    let is_by_operator = command.way.via == Some(Via::Operator);
    if is_by_operator && matches!(command.command, PolicyCommand::Approve(_)) {
        let by = &command.by;
        return refused(format!("the operator cannot approve in the name of `{by}`; connect as `{by}`"));
    }
    Ok(())
}
