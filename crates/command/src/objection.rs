//! What speaks against a decision beside the case itself.

use docket_domain::case::Case;
use docket_domain::case::process::begins;
use docket_eventlog::EventLog;
use docket_messages::{CaseCommand, CaseEntry, CaseEvent, CaseId, Claim, Reply, Verb};

use crate::admit::Admitted;
use crate::board::Held;
use crate::policies::Known;
use crate::service::Context;
use crate::{customers, process_manager};

/// Whether a command has to do with more than its case. Whatever else the case waits for is none of its business.
pub(crate) fn meets_others(verb: Verb, events: &[CaseEvent]) -> bool {
    matches!(verb, Verb::Link | Verb::RequestSurvey | Verb::Claim) || asks_another(verb, events)
}

/// Whether another case is asked, whose refusal is the sender's; a case is opened whatever its parent says.
fn asks_another(verb: Verb, events: &[CaseEvent]) -> bool {
    verb != Verb::Intake && begins(events)
}

/// Asks whoever else has a say in a decision: another case that is named or asked, what its customer was asked before,
/// or the desk of the agent who is to have the case. The case is held back for that agent.
///
/// # Errors
/// What speaks against it, or why nobody knows.
pub(crate) async fn objection<L: EventLog>(
    context: &Context<L>,
    known: &Known,
    command: &Admitted<CaseCommand>,
    (entry, case): &(CaseEntry, Case),
) -> Result<Option<Held>, Reply> {
    let verb = command.command.verb();
    if let CaseCommand::Claim(claim) = &command.command {
        return may_have(context, known, command, claim, entry, case.id).await;
    }
    let no = if verb == Verb::RequestSurvey {
        match known.policies.as_ref().filter(|_| command.occurred_at.is_none()) {
            Some(policies) => customers::reserve(context, policies.current(), case, &entry.events, entry.at).await,
            None => None,
        }
    } else if asks_another(verb, &entry.events) {
        process_manager::preflight(context, known, case).await
    } else {
        process_manager::miss(context, &entry.events).await
    };
    no.map_or(Ok(None), Err)
}

/// Whether the desk of the agent who claims a case lets them have it. Not asked where the board has proposed the case
/// itself, where a grant sets the desk aside, and where it happened long ago.
async fn may_have<L: EventLog>(
    context: &Context<L>,
    known: &Known,
    command: &Admitted<CaseCommand>,
    claim: &Claim,
    entry: &CaseEntry,
    case: CaseId,
) -> Result<Option<Held>, Reply> {
    let gets_it =
        entry.events.iter().any(|event| matches!(event, CaseEvent::Assigned(given) if given.agent == claim.agent));
    let is_asked_nothing = command.way.is_proposed() || claim.force == Some(true) || command.occurred_at.is_some();
    if !gets_it || is_asked_nothing {
        return Ok(None);
    }
    context.boards.admit(context, known, case, &claim.agent).await
}
