//! `policy.publish`: one document at a time.

use std::sync::Arc;

use docket_domain::policy::Policy;
use docket_eventlog::{EventLog, Subject, Tail};
use docket_messages::{
    Accepted, Entry, EntryKind, Failure, FailureCode, PolicyEvent, PolicyPublished, PolicyVersion, Position,
    PublishPolicy, Rejection, RejectionCode, Reply, Timestamp,
};

use super::book::{KnownPolicies, describe};
use crate::admit::Admitted;
use crate::answers::{failed, reused};
use crate::context::Context;
use crate::receipts::Request;
use crate::transact::{Decided, State, Transaction, Verdict, transact};

/// Handles a publication.
pub(crate) async fn publish<L: EventLog>(context: &Context<L>, command: &Admitted<PublishPolicy>) -> Reply {
    let (reply, _) = transact(context, &mut Publication(command), None).await;
    if matches!(reply, Reply::Accepted { .. })
        // The next command here is decided under it; a command that is faster is decided under the one before.
        && let Err(error) = context.policies.refresh().await
    {
        tracing::warn!(%error, "a policy was published and could not be read back: {error}");
    }
    reply
}

struct Publication<'c>(&'c Admitted<PublishPolicy>);

impl State for Arc<KnownPolicies> {
    fn tail(&self) -> Option<Tail> {
        self.tail
    }

    fn newest_policy(&self) -> PolicyVersion {
        self.version()
    }
}

impl<L: EventLog> Transaction<L> for Publication<'_> {
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
            if !receipt.answers(&command.request()) {
                return Verdict::End(Reply::Rejected { rejected: reused(&command.id) });
            }
            return Verdict::Repeated(accepted(PolicyVersion(receipt.version.get()), receipt.position));
        }
        // The first policy says who may publish the next.
        let is_first = policies.policies.is_none();
        // When a policy comes into force is not the sender's to say.
        let request = docket_domain::authority::Request { backdated: false, ..command.authority(EntryKind::Policy) };
        if let Err(rejected) = policies.check(&request)
            && !is_first
        {
            return Verdict::Confirm(Reply::Rejected { rejected });
        }
        let at = (context.environment.now)().max(policies.at.unwrap_or(Timestamp::EPOCH));
        let policy = PolicyVersion(policies.version().get().saturating_add(1));
        let (document, zones) = (command.command.document.clone(), (context.environment.zones)());
        let zone_version = Some(zones.version().to_owned());
        // Checking takes its time, so it is done where no command waits for it, one document after the other.
        let _one = context.policies.checking.lock().await;
        let compile = move || Policy::compile(&document, policy, at, zones).map(|_| document);
        match tokio::task::spawn_blocking(compile).await {
            Err(error) => Verdict::End(failed(FailureCode::Overloaded, &error, true)),
            Ok(Err(findings)) => {
                let rejected = Rejection::new(RejectionCode::InvalidPolicy, describe(&findings)).at("document");
                Verdict::Confirm(Reply::Rejected { rejected })
            }
            Ok(Ok(document)) => {
                let events = vec![PolicyEvent::PolicyPublished(PolicyPublished { document, zone_version })];
                Verdict::Append(Decided { at, is_backdated: false, policy, wake_at: None, events }, ())
            }
        }
    }

    fn appended(&mut self, _: &mut Arc<KnownPolicies>, (): (), entry: &Entry<PolicyEvent>, tail: Tail) -> Reply {
        Reply::Accepted { accepted: accepted(entry.policy, tail.position), repeated: false }
    }

    fn too_busy(&self) -> String {
        "somebody always published first; try again".to_owned()
    }
}

fn accepted(policy: PolicyVersion, position: Position) -> Accepted {
    Accepted { case_id: None, version: None, follow_up: None, policy: Some(policy), position }
}
