//! What speaks against a decision beside the case itself.

use docket_domain::case::process::begins;
use docket_domain::case::{self, Asked, Asks, Case, rules};
use docket_eventlog::{EventLog, Subject};
use docket_messages::{
    CaseAction, CaseCommand, CaseEvent, CaseId, Claim, FailureCode, FamilyEvent, Rejection, RejectionCode, Reply,
    SplitRequested, WorkEvent,
};

use super::aggregate::catch_up;
use super::history::read_history;
use crate::admit::Admitted;
use crate::board::Held;
use crate::context::Context;
use crate::policy::book::KnownPolicies;
use crate::transact::{Decided, State as _, confirm};
use crate::{answers::failed, customer};

/// Whether somebody else has a say in a decision. Whatever else the case waits for is none of its business.
pub(crate) fn meets_others(action: &CaseAction, events: &[CaseEvent]) -> bool {
    match rules(action).asks {
        Asks::Nobody => false,
        Asks::OtherCase => {
            begins(events) || events.iter().any(|event| matches!(event, CaseEvent::Family(FamilyEvent::Linked(_))))
        }
        Asks::Customer | Asks::Desk => true,
    }
}

/// Asks those who have a say in a decision: another case that is named or asked, what its customer was asked before,
/// or the desk of the agent who is to have the case. The case is held back for that agent.
///
/// # Errors
/// What speaks against it, or why nobody knows.
pub(crate) async fn objection<L: EventLog>(
    context: &Context<L>,
    known: &KnownPolicies,
    command: &Admitted<CaseAction>,
    decided: &Decided<CaseEvent>,
    case: &Case,
) -> Result<Option<Held>, Reply> {
    let no = match (rules(&command.command).asks, &command.command) {
        (Asks::Desk, CaseAction::Command(CaseCommand::Claim(claim))) => {
            return may_have(context, known, command, claim, decided, case.id).await;
        }
        (Asks::Customer, _) => match known.policies.as_ref().filter(|_| command.occurred_at.is_none()) {
            Some(policies) => customer::reserve(context, policies.current(), case, &decided.events, decided.at).await,
            None => None,
        },
        (Asks::OtherCase, _) if begins(&decided.events) => preflight(context, known, case, &decided.events).await,
        (Asks::OtherCase, _) => miss(context, &decided.events).await,
        (Asks::Nobody | Asks::Desk, _) => None,
    };
    no.map_or(Ok(None), Err)
}

/// Whether the desk of the agent who claims a case lets them have it. Not asked where the board has proposed the case
/// itself, where a grant sets the desk aside, and where it happened long ago.
async fn may_have<L: EventLog>(
    context: &Context<L>,
    known: &KnownPolicies,
    command: &Admitted<CaseAction>,
    claim: &Claim,
    decided: &Decided<CaseEvent>,
    case: CaseId,
) -> Result<Option<Held>, Reply> {
    let gets_it = decided
        .events
        .iter()
        .any(|event| matches!(event, CaseEvent::Work(WorkEvent::Assigned(given)) if given.agent == claim.agent));
    let is_asked_nothing = command.way.is_proposed() || claim.force == Some(true) || command.occurred_at.is_some();
    if !gets_it || is_asked_nothing {
        return Ok(None);
    }
    context.boards.admit(&context.log, known, case, &claim.agent).await
}

/// Whether a case that is only named in a link is missing.
async fn miss<L: EventLog>(context: &Context<L>, events: &[CaseEvent]) -> Option<Reply> {
    for event in events {
        let CaseEvent::Family(FamilyEvent::Linked(linked)) = event else { continue };
        match context.log.last_of(&Subject::Case(linked.to)).await {
            Ok(Some(_)) => {}
            Ok(None) => {
                let rejected = Rejection::new(RejectionCode::CaseNotFound, format!("there is no case {}", linked.to));
                return Some(Reply::Rejected { rejected: rejected.at("to") });
            }
            Err(error) => return Some(failed(FailureCode::LogUnavailable, &error, true)),
        }
    }
    None
}

fn split_of(events: &[CaseEvent]) -> Option<&SplitRequested> {
    events.iter().find_map(|event| {
        if let CaseEvent::Family(FamilyEvent::SplitRequested(asked)) = event { Some(asked) } else { None }
    })
}

/// Whether the other case would refuse, as it is now: then the sender is told at once. It may still refuse later.
async fn preflight<L: EventLog>(
    context: &Context<L>,
    known: &KnownPolicies,
    case: &Case,
    events: &[CaseEvent],
) -> Option<Reply> {
    let (step, policies) = (case.next_step()?, known.policies.as_ref()?);
    let other = step.with;
    let action: CaseAction = match (&step.asked, split_of(events)) {
        (Asked::Step(asked), _) => asked.clone().into(),
        (Asked::Intake, Some(asked)) => match read_history(context, case.id).await {
            Ok(history) => CaseCommand::Intake(history.texts().intake_of_split(case, asked)?).into(),
            Err(failed) => return Some(Reply::Failed { failed }),
        },
        (Asked::Intake, None) => return None,
    };
    let aggregate = match catch_up(context, other, Box::default()).await {
        Ok(aggregate) => aggregate,
        Err(failed) => return Some(Reply::Failed { failed }),
    };
    let now = (context.environment.now)();
    let request = case::Request { now, occurred_at: step.occurred_at, expected: None, texts: None, policies };
    if aggregate.newest_policy() > policies.current().version {
        let behind = std::io::Error::other("a case was decided under a policy that is not known here yet");
        return Some(failed(FailureCode::LogUnavailable, &behind, true));
    }
    let rejected = case::decide(other, aggregate.case(), &action, &request).err()?;
    match confirm(context, &Subject::Case(other), aggregate.tail(), known).await {
        Ok(true) => {}
        // What was read is stale: the other case says so itself.
        Ok(false) => return None,
        Err(failed) => return Some(Reply::Failed { failed }),
    }
    let path = rejected.path.clone().filter(|path| path != "caseId").unwrap_or_else(|| step.path.to_owned());
    let rejected = Rejection { path: Some(path), ..rejected };
    Some(Reply::Rejected { rejected })
}
