//! `agent.presence`: whether an agent takes on cases.

use docket_eventlog::{EventLog, Subject, Tail};
use docket_messages::{
    AgentEvent, Entry, EntryKind, Failure, Presence, PresenceChanged, Rejection, RejectionCode, Reply, SetPresence,
};

use crate::admit::Admitted;
use crate::answers::accepted;
use crate::context::Context;
use crate::policy::book::KnownPolicies;
use crate::receipts::Request;
use crate::record::Record;
use crate::transact::{Decided, Transaction, Verdict, transact};

/// Handles a change of presence. Saying what was said before changes nothing.
pub(crate) async fn set<L: EventLog>(context: &Context<L>, command: &Admitted<SetPresence>) -> Reply {
    transact(context, &mut Presences(command), None).await.0
}

struct Presences<'c>(&'c Admitted<SetPresence>);

impl<L: EventLog> Transaction<L> for Presences<'_> {
    type Event = AgentEvent;
    type State = Record<AgentEvent>;
    type Pending = ();
    type End = Reply;

    fn subject(&self) -> Subject {
        Subject::Agent(self.0.command.agent.clone())
    }

    fn request(&self) -> Request<'_> {
        self.0.request()
    }

    async fn load(
        &self,
        context: &Context<L>,
        subject: &Subject,
        known: Option<Self::State>,
    ) -> Result<Self::State, Failure> {
        Record::load(context, subject, known).await
    }

    async fn judge(
        &mut self,
        context: &Context<L>,
        record: &mut Self::State,
        known: &KnownPolicies,
        _attempt: u32,
    ) -> Verdict<L, Self> {
        match record.answer(&context.keys, &self.0.request()).await {
            Ok(Some(Ok(accepted))) => return Verdict::Repeated(accepted),
            Ok(Some(Err(rejected))) => return Verdict::End(Reply::Rejected { rejected }),
            Ok(None) => {}
            Err(failed) => return Verdict::End(Reply::Failed { failed }),
        }
        if let Err(rejected) = require_now(self.0) {
            return Verdict::End(Reply::Rejected { rejected });
        }
        if let Err(rejected) = known.check(&self.0.authority(EntryKind::Agent)) {
            return Verdict::Confirm(Reply::Rejected { rejected });
        }
        let SetPresence { agent, presence } = &self.0.command;
        let is_said = last(record) == Some(*presence);
        let changed = AgentEvent::PresenceChanged(PresenceChanged { agent: agent.clone(), presence: *presence });
        let at = record.moment((context.environment.now)());
        let events = if is_said { Vec::new() } else { vec![changed] };
        let policy = known.version();
        Verdict::Append(Decided { at, is_backdated: false, policy, wake_at: None, events }, ())
    }

    fn appended(&mut self, _: &mut Self::State, (): (), entry: &Entry<AgentEvent>, tail: Tail) -> Reply {
        Reply::Accepted { accepted: accepted(entry.version, tail.position), repeated: false }
    }

    fn too_busy(&self) -> String {
        format!("`{}` is too busy: another writer always appended first; try again", self.0.command.agent)
    }
}

fn last(record: &Record<AgentEvent>) -> Option<Presence> {
    record.events().next_back().map(|(_, AgentEvent::PresenceChanged(changed))| changed.presence)
}

fn require_now(command: &Admitted<SetPresence>) -> Result<(), Rejection> {
    if command.expected.is_none() && command.occurred_at.is_none() {
        return Ok(());
    }
    let message = "`agent.presence` says what is now; leave `Docket-Expect-Version` and `Docket-Occurred-At` out";
    Err(Rejection::new(RejectionCode::BadRequest, message))
}
