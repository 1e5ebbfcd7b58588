//! `agent.presence`: whether an agent takes on cases.

use docket_domain::authority;
use docket_eventlog::{AppendError, EventLog, Subject};
use docket_messages::{
    AgentEvent, EntryKind, Failure, FailureCode, Presence, PresenceChanged, Rejection, RejectionCode, Reply,
    SetPresence,
};

use crate::admit::Admitted;
use crate::handle::failed;
use crate::record::Record;
use crate::service::Context;

/// How often it is decided again because somebody wrote first.
const ATTEMPTS: u32 = 20;

/// Handles a change of presence. Saying what was said before changes nothing.
pub(crate) async fn set<L: EventLog>(context: &Context<L>, command: &Admitted<SetPresence>) -> Reply {
    let SetPresence { agent, presence } = &command.command;
    let request = command.request();
    for attempt in 0..ATTEMPTS {
        context.back_off(attempt).await;
        let record = match Record::load(context, Subject::Agent(agent.clone())).await {
            Ok(record) => record,
            Err(failed) => return Reply::Failed { failed },
        };
        if let Some(answer) = record.answer(&request) {
            return answer;
        }
        let policy = match authorise(context, command).await {
            Ok(policy) => policy,
            Err(no) => return no,
        };
        let is_said = last(&record) == Some(*presence);
        let changed = AgentEvent::PresenceChanged(PresenceChanged { agent: agent.clone(), presence: *presence });
        let events = if is_said { Vec::new() } else { vec![changed] };
        match record.append(context, &request, policy, events).await {
            Ok(accepted) => return accepted,
            Err(AppendError::Conflict | AppendError::Unknown { .. }) => {}
            Err(error @ AppendError::Unavailable { .. }) => return failed(FailureCode::LogUnavailable, &error, true),
        }
    }
    let message = format!("`{agent}` is too busy: somebody always wrote first; try again");
    Reply::Failed { failed: Failure { code: FailureCode::Overloaded, message, retryable: true } }
}

fn last(record: &Record<AgentEvent>) -> Option<Presence> {
    record.events().next_back().map(|(_, AgentEvent::PresenceChanged(changed))| changed.presence)
}

/// Refuses what the policy in force does not grant.
async fn authorise<L: EventLog>(
    context: &Context<L>,
    command: &Admitted<SetPresence>,
) -> Result<docket_messages::PolicyVersion, Reply> {
    if command.expected.is_some() || command.occurred_at.is_some() {
        let message = "`agent.presence` says what is now; leave `Docket-Expect-Version` and `Docket-Occurred-At` out";
        return Err(Reply::Rejected { rejected: Rejection::new(RejectionCode::BadRequest, message) });
    }
    let request = authority::Request {
        by: &command.by,
        kind: EntryKind::Agent.as_str(),
        verb: command.verb,
        delegated: command.on_behalf_of.is_some(),
        backdated: false,
    };
    Ok(context.policies.granting(&request).await?.version())
}
