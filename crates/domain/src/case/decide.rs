//! A command decided on a case: the events that follow, or the rule that forbids it.

use docket_messages::{CaseAction, CaseCommand, CaseEvent, CaseId, Rejection, RejectionCode, Timestamp, Version};

use super::act::Rules;
use super::draft::Draft;
use super::request::Request;
use super::{Case, commands, steps};

/// How far ahead of Docket's clock a sender's may be.
const AHEAD_MS: i64 = 5_000;

/// What follows from an accepted command.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The command's moment: that of its entry.
    pub at: Timestamp,
    /// The events, in order. Empty when the command changes nothing.
    pub events: Vec<CaseEvent>,
    /// The case after them.
    pub case: Case,
    /// When the case next needs attention. None when the command was back-dated and no other case was asked.
    pub wake_at: Option<Timestamp>,
}

/// Decides a command, or a step of Docket's own.
///
/// The case is first brought up to the command's moment: what fell due before is decided first, each dated
/// when it fell due. So a late timer changes nothing, and a case's story reads in order.
///
/// # Errors
/// The rule that forbids it. Then nothing happened, not even what fell due.
pub fn decide(
    id: CaseId,
    case: Option<&Case>,
    action: &CaseAction,
    request: &Request<'_>,
) -> Result<Decision, Rejection> {
    expect_version(case, request.expected)?;
    let at = moment(case, request)?;
    let mut draft = match (case, action) {
        (None, CaseAction::Command(CaseCommand::Intake(intake))) => {
            let mut draft = commands::intake(id, intake, at, request)?;
            draft.settle_clocks(0, at);
            draft.pass_on();
            draft
        }
        (None, _) => {
            return Err(Rejection::new(RejectionCode::CaseNotFound, format!("there is no case {id}")).at("caseId"));
        }
        (Some(case), _) => {
            let mut draft = Draft::of(case, at, request);
            let is_tick = matches!(action, CaseAction::Command(CaseCommand::Tick(_)));
            draft.advance_and_act(is_tick, |draft| match action {
                CaseAction::Command(command) => commands::act(draft, command),
                CaseAction::Step(step) => steps::act(draft, step),
            })?;
            draft
        }
    };
    draft.case.last_at = draft.case.last_at.max(at);
    draft.case.decided_under(request.policies.current().version, &draft.events);
    let wake_at = draft.wake_at(request.now);
    Ok(Decision { at, events: draft.events, case: draft.case, wake_at })
}

fn expect_version(case: Option<&Case>, expected: Option<Version>) -> Result<(), Rejection> {
    let version = case.map_or(Version(0), |case| case.version);
    match expected {
        Some(expected) if expected != version => {
            let message = format!("the case is at version {version}, not {expected}; read it again");
            Err(Rejection::new(RejectionCode::VersionConflict, message).at("Docket-Expect-Version"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Time never runs backwards within a case: a live command takes the later of now and the last entry, a
/// back-dated one must not lie before it. A moment a little ahead counts as now.
fn moment(case: Option<&Case>, request: &Request<'_>) -> Result<Timestamp, Rejection> {
    let last = case.map_or(Timestamp::EPOCH, |case| case.last_at);
    let Some(occurred_at) = request.occurred_at else { return Ok(request.now.max(last)) };
    if occurred_at > request.now.plus_millis(AHEAD_MS) {
        let message = format!("{occurred_at} lies in the future; it is {} now", request.now);
        return Err(Rejection::new(RejectionCode::BadRequest, message).at("Docket-Occurred-At"));
    }
    // The sender's clock is a little ahead.
    if occurred_at > request.now {
        return Ok(request.now.max(last));
    }
    if occurred_at < last {
        let message = format!("{occurred_at} lies before the case's last entry, of {last}");
        return Err(Rejection::new(RejectionCode::OutOfOrder, message).at("Docket-Occurred-At"));
    }
    Ok(occurred_at)
}

/// What holds of a command or a step, whatever it says.
#[must_use]
pub fn rules(action: &CaseAction) -> Rules {
    match action {
        CaseAction::Command(command) => commands::rules(command.verb()),
        CaseAction::Step(step) => steps::rules(step.verb()),
    }
}
