//! A command decided on a case: the events that follow, or the rule that forbids it.

use docket_messages::{CaseCommand, CaseEvent, CaseId, Rejection, RejectionCode, Status, Timestamp, Verb, Version};

use super::draft::Draft;
use super::{Case, Stage, commands, values};
use crate::policy::Policies;

/// How far ahead of Docket's clock a sender's may be.
const AHEAD_MS: i64 = 5_000;

/// When and under what a command is decided.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The time now.
    pub now: Timestamp,
    /// When it happened, if the sender says so.
    pub occurred_at: Option<Timestamp>,
    /// The version that the sender expects the case to have.
    pub expected: Option<Version>,
    /// All versions of the policy.
    pub policies: &'a Policies,
}

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

/// Decides a command.
///
/// The case is first brought up to the command's moment: what fell due before is decided first, each dated
/// when it fell due. So a late timer changes nothing, and a case's story reads in order.
///
/// # Errors
/// The rule that forbids it. Then nothing happened, not even what fell due.
pub fn decide(
    id: CaseId,
    case: Option<&Case>,
    command: &CaseCommand,
    request: &Request<'_>,
) -> Result<Decision, Rejection> {
    expect_version(case, request.expected)?;
    let at = moment(case, request)?;
    let mut draft = match (case, command) {
        (None, CaseCommand::Intake(intake)) => {
            let mut draft = commands::intake(id, intake, at, request)?;
            draft.settle_clocks(0, at);
            draft
        }
        (Some(_), CaseCommand::Intake(_)) => {
            let message = format!("there is a case {id} already; choose another `caseId`, or leave it out");
            return Err(Rejection::new(RejectionCode::CaseExists, message).at("caseId"));
        }
        (None, _) => {
            return Err(Rejection::new(RejectionCode::CaseNotFound, format!("there is no case {id}")).at("caseId"));
        }
        (Some(case), _) => {
            let mut draft = Draft::of(case, at, request);
            draft.bring_up_to_date(command.verb() == Verb::Tick);
            let from = draft.events.len();
            act(&mut draft, command)?;
            draft.settle_clocks(from, at);
            draft
        }
    };
    draft.pass_on();
    draft.case.last_at = draft.case.last_at.max(at);
    draft.case.decided_under(request.policies.current().version, &draft.events);
    let wake_at = draft.wake_at(request.now);
    Ok(Decision { at, events: draft.events, case: draft.case, wake_at })
}

fn act(draft: &mut Draft<'_>, command: &CaseCommand) -> Result<(), Rejection> {
    values::require(&draft.case, draft.policy(), command)?;
    if holds_already(&draft.case, command) {
        return Ok(());
    }
    require_status(draft.case.status(), command.verb())?;
    match command {
        // Decided already: only a case that does not exist can be opened.
        CaseCommand::Intake(_) | CaseCommand::Tick(_) => Ok(()),
        CaseCommand::Classify(c) => commands::classify(draft, c),
        CaseCommand::Route(c) => commands::route(draft, c),
        CaseCommand::Assign(c) => commands::assign(draft, c),
        CaseCommand::Unassign(c) => commands::unassign(draft, c),
        CaseCommand::Receive(c) => commands::receive(draft, c),
        CaseCommand::Respond(c) => commands::respond(draft, c),
        CaseCommand::Note(c) => commands::note(draft, c),
        CaseCommand::Pend(c) => commands::pend(draft, c),
        CaseCommand::Resume(_) => commands::resume(draft),
        CaseCommand::Escalate(c) => commands::escalate(draft, c),
        CaseCommand::Deescalate(c) => commands::deescalate(draft, c),
        CaseCommand::Confirm(c) => commands::confirm(draft, c),
        CaseCommand::LogEffort(c) => commands::log_effort(draft, c),
        CaseCommand::Claim(c) => commands::claim(draft, c),
        CaseCommand::Push(c) => commands::push(draft, c),
        CaseCommand::AcceptOffer(c) => commands::accept_offer(draft, c),
        CaseCommand::DeclineOffer(c) => commands::decline_offer(draft, c),
        CaseCommand::Attach(c) => commands::attach(draft, c),
        CaseCommand::Detach(c) => commands::detach(draft, c),
        CaseCommand::Link(c) => commands::link(draft, c),
        CaseCommand::AcceptLink(c) => commands::accept_link(draft, c),
        CaseCommand::SettleLink(c) => commands::settle_link(draft, c),
        CaseCommand::AcceptParent(_) => commands::accept_parent(draft),
        CaseCommand::Inherit(c) => commands::inherit(draft, c),
        CaseCommand::SettlePassing(c) => commands::settle_passing(draft, c),
        CaseCommand::Split(c) => commands::split(draft, c),
        CaseCommand::Merge(c) => commands::merge(draft, c),
        CaseCommand::Unmerge(c) => commands::unmerge(draft, c),
        CaseCommand::Absorb(c) => commands::absorb(draft, c),
        CaseCommand::Release(c) => commands::release(draft, c),
        CaseCommand::SettleMerge(c) => commands::settle_merge(draft, c),
        CaseCommand::RebaseClocks(_) => commands::rebase_clocks(draft),
        CaseCommand::Resolve(c) => commands::resolve(draft, c),
        CaseCommand::Close(c) => commands::close(draft, c),
        CaseCommand::Reopen(c) => commands::reopen(draft, c),
        CaseCommand::Cancel(c) => commands::cancel(draft, c),
        CaseCommand::RequestSurvey(c) => commands::request_survey(draft, c),
        CaseCommand::AnswerSurvey(c) => commands::answer_survey(draft, c),
    }
}

/// Whether a command asks for what is so already, in a status from which it could not come about.
fn holds_already(case: &Case, command: &CaseCommand) -> bool {
    match (&case.stage, command) {
        (Stage::Resolved(resolution), CaseCommand::Resolve(command)) => resolution.code == command.code,
        (Stage::Merged { into, .. }, CaseCommand::Merge(command)) => *into == command.into,
        (Stage::Open, CaseCommand::Reopen(_)) => true,
        _ => false,
    }
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

/// From which statuses a command may come, unless it asks for what is so already. What depends on more than the status is with the command.
fn require_status(status: Status, verb: Verb) -> Result<(), Rejection> {
    let (allowed, from) = match verb {
        // A merge in hand ends whatever has become of the case.
        Verb::Tick
        | Verb::Note
        | Verb::Attach
        | Verb::Detach
        | Verb::Intake
        | Verb::Absorb
        | Verb::Release
        | Verb::SettleMerge
        | Verb::SettleLink
        | Verb::SettlePassing
        // Whatever has become of the case since it was asked.
        | Verb::AnswerSurvey => (true, "any"),
        Verb::Unmerge => (status == Status::Merged, "merged"),
        // What one case may ask, the other may answer.
        Verb::Link | Verb::AcceptLink | Verb::Split | Verb::LogEffort => (status != Status::Merged, "any but merged"),
        Verb::Merge => (status.is_active() || status == Status::Resolved, "new, open, pending or resolved"),
        Verb::Confirm => (status == Status::Resolved, "resolved"),
        Verb::Classify | Verb::Escalate | Verb::Deescalate => {
            (status.is_active() || status == Status::Resolved, "new, open, pending or resolved")
        }
        Verb::Route
        | Verb::Assign
        | Verb::Unassign
        | Verb::Claim
        | Verb::DeclineOffer
        | Verb::AcceptOffer
        | Verb::AcceptParent
        | Verb::Inherit
        | Verb::Respond
        | Verb::Pend
        | Verb::Resume
        | Verb::RebaseClocks
        | Verb::Resolve => (status.is_active(), "new, open or pending"),
        Verb::Push => (matches!(status, Status::New | Status::Open), "new or open"),
        Verb::Receive => (!matches!(status, Status::Cancelled | Status::Merged), "any but cancelled or merged"),
        Verb::Close => (!matches!(status, Status::Cancelled | Status::Merged), "resolved"),
        Verb::Reopen => (matches!(status, Status::Resolved | Status::Closed), "resolved or closed"),
        Verb::Cancel => (!matches!(status, Status::Closed | Status::Merged), "new, open, pending or resolved"),
        Verb::RequestSurvey => (matches!(status, Status::Resolved | Status::Closed), "resolved or closed"),
    };
    if allowed { Ok(()) } else { Err(wrong_status(status, verb, from)) }
}

pub(super) fn wrong_status(status: Status, verb: Verb, from: &str) -> Rejection {
    let verb = verb.as_str();
    Rejection::new(RejectionCode::WrongStatus, format!("the case is `{status}`; `{verb}` is possible from {from}"))
}
