//! One command to one case, from top to bottom: look whether it was answered, decide, append, reply.

use docket_domain::authority;
use docket_domain::case::{self, Case, Decision};
use docket_eventlog::{AppendError, Draft, EventLog, Subject};
use docket_messages::{
    Accepted, CaseCommand, CaseEntry, CaseId, Claim, EntryKind, FORMAT_VERSION, Failure, FailureCode, Rejection,
    RejectionCode, Reply, Salt, Verb, Version,
};
use fail::fail_point;
use tracing::Instrument as _;

use crate::admit::Admitted;
use crate::aggregate::Aggregate;
use crate::board::Held;
use crate::elsewhere;
use crate::metrics;
use crate::objection::{meets_others, objection};
use crate::policies::Known;
use crate::receipts::{Remembered, follow_up};
use crate::service::Context;

/// How often a command is decided again because somebody wrote first or an acknowledgement was lost.
const ATTEMPTS: u32 = 20;

/// How many acknowledgements of one command may be lost in a row. A log that is silent for that long takes nothing: the
/// server says no more of a stream whose disk failed it.
const LOST: u32 = 2;

/// What one round came to.
enum Verdict {
    Reply(Reply),
    /// The rules said no, as far as this instance knows.
    Refused(Rejection),
    /// The case was merged, as far as this instance knows.
    GoesOnIn(CaseId),
    /// The entry, and the case after it.
    Append(Box<(CaseEntry, Case)>),
    /// It has come from a case that may not go on in this one any more.
    OverAgain(CaseId),
}

/// What came of a command, with the case as it is now, unless nobody knows. It is boxed: it is large, and passed from
/// hand to hand.
pub(crate) enum Handled {
    /// This is the reply.
    Answered(Reply, Option<Box<Aggregate>>),
    /// The case was merged into another one, which is to decide it.
    GoesOnIn(CaseId, Box<Aggregate>),
    /// The case that it was sent to may go on elsewhere by now, or by itself.
    OverAgain(CaseId, Box<Aggregate>),
}

use Handled::Answered;

/// Handles a command. `at_hand` is the case as this instance last saw it. What few commands need is boxed: a thousand of
/// these may be under way, and what they take together should fit into the processor's cache.
pub(crate) async fn handle<L: EventLog>(
    context: &Context<L>,
    id: CaseId,
    at_hand: Option<Box<Aggregate>>,
    command: &Admitted<CaseCommand>,
) -> Handled {
    let subject = Subject::Case(id);
    let mut at_hand = match (at_hand, command.command.verb()) {
        // Hardly any intake meets an existing case; for those that do, the append is refused.
        (None, Verb::Intake) => Some(Box::default()),
        (at_hand, _) => at_hand,
    };
    // So many times an entry of this very command may have got into the log, its acknowledgement lost.
    let mut lost = 0;
    // Held back for the agent who claims it until the log has it.
    let mut held = None;
    // Whoever goes round again does so because the log may have more than is at hand.
    let mut is_stale = false;
    for attempt in 0..ATTEMPTS {
        let mut aggregate = match at_hand.take() {
            Some(aggregate) if !is_stale => aggregate,
            stale => match Box::pin(catch_up(context, id, stale.unwrap_or_default())).await {
                Ok(aggregate) => aggregate,
                Err(failure) => return Answered(Reply::Failed { failed: failure }, None),
            },
        };
        is_stale = true;
        fail_point!("command::after-load");
        let known = match context.policies.at_least(aggregate.newest_policy()).await {
            Ok(known) => known,
            Err(error) => return Answered(Reply::Failed { failed: error.failure() }, Some(aggregate)),
        };
        if !aggregate.was_in().is_empty() {
            match Box::pin(elsewhere::answer(context, id, &mut aggregate, command)).await {
                Ok(Some(reply)) => return Answered(reply, Some(aggregate)),
                Ok(None) => {}
                Err(failure) => return Answered(Reply::Failed { failed: failure }, Some(aggregate)),
            }
        }
        let mut verdict = judge(context, id, &aggregate, &known, command, attempt);
        // What speaks against it may have come of an entry that is not at hand, so it is confirmed as any refusal is.
        if let Verdict::Append(decided) = &verdict
            && meets_others(command.command.verb(), &decided.0.events)
        {
            // An earlier round's hold goes first: whoever lets go of a case lets go of every hold of it.
            drop(held.take());
            match Box::pin(objection(context, &known, command, decided)).await {
                Ok(admitted) => held = admitted,
                Err(Reply::Rejected { rejected }) => verdict = Verdict::Refused(rejected),
                Err(reply) => verdict = Verdict::Reply(reply),
            }
        }
        match verdict {
            Verdict::Reply(Reply::Accepted { accepted, repeated }) => {
                return Answered(Reply::Accepted { accepted, repeated: repeated && lost == 0 }, Some(aggregate));
            }
            Verdict::Reply(reply) => return Answered(reply, Some(aggregate)),
            // Somebody has just written what opens a follow-up of the case. That is over in a moment.
            Verdict::Refused(rejected) if is_passing(&rejected, command.command.verb()) => {
                if attempt == 0 {
                    at_hand = Some(aggregate);
                    continue;
                }
                return Handled::OverAgain(command.way.from.map_or(id, |(first, _)| first), aggregate);
            }
            Verdict::Refused(rejected) => match Box::pin(confirm(context, &subject, &aggregate, &known)).await {
                Ok(true) => return Answered(Reply::Rejected { rejected }, Some(aggregate)),
                Ok(false) => at_hand = Some(aggregate),
                Err(failure) => return Answered(Reply::Failed { failed: failure }, Some(aggregate)),
            },
            Verdict::GoesOnIn(other) => match Box::pin(confirm(context, &subject, &aggregate, &known)).await {
                Ok(true) => return Handled::GoesOnIn(other, aggregate),
                Ok(false) => at_hand = Some(aggregate),
                Err(failure) => return Answered(Reply::Failed { failed: failure }, Some(aggregate)),
            },
            // What is at hand may be from before the merge.
            Verdict::OverAgain(_) if attempt == 0 => at_hand = Some(aggregate),
            Verdict::OverAgain(first) => return Handled::OverAgain(first, aggregate),
            // It is not in the log, and the log says nothing.
            Verdict::Append(_) if lost == LOST => return Answered(silent(), Some(aggregate)),
            Verdict::Append(decided) => {
                let (entry, case) = *decided;
                let payload = match entry.encode() {
                    Ok(payload) => bytes::Bytes::from(payload),
                    Err(error) => return Answered(failed(FailureCode::LogUnavailable, &error, false), Some(aggregate)),
                };
                fail_point!("command::before-append");
                let (trace, by) = (command.trace.parent.clone(), Some(command.by.clone()));
                let draft = Draft { payload: payload.clone(), trace, by };
                let append = context.log.append(&subject, aggregate.expect(), draft);
                match append.instrument(tracing::info_span!("append")).await {
                    Ok(position) => {
                        fail_point!("command::after-append");
                        held.iter_mut().for_each(|held: &mut Held| held.recorded(position));
                        aggregate.appended(case, &entry, position, &payload);
                        let accepted = accepted(id, entry.version, position, follow_up(&entry));
                        return Answered(Reply::Accepted { accepted, repeated: false }, Some(aggregate));
                    }
                    // Somebody wrote first, or nobody knows: the log tells, and the command is decided again.
                    Err(AppendError::Conflict) => {
                        metrics::conflicted();
                        at_hand = Some(aggregate);
                        context.back_off(attempt).await;
                    }
                    Err(AppendError::Unknown { source }) => {
                        tracing::warn!(case.id = %id, %source, "an acknowledgement was lost; looking at case {id}");
                        lost += 1;
                        at_hand = Some(aggregate);
                        context.back_off(attempt).await;
                    }
                    Err(error @ AppendError::Unavailable { .. }) => {
                        return Answered(failed(FailureCode::LogUnavailable, &error, true), Some(aggregate));
                    }
                }
            }
        }
    }
    let message = format!("the case {id} is too busy: decided {ATTEMPTS} times, and somebody always wrote first");
    Answered(Reply::Failed { failed: Failure { code: FailureCode::Overloaded, message, retryable: true } }, None)
}

/// Whether a message of a customer only meets what is over in a moment: a follow-up that is just being opened.
fn is_passing(rejected: &Rejection, verb: Verb) -> bool {
    verb == Verb::Receive && matches!(rejected.code, RejectionCode::LinkPending | RejectionCode::MergePending)
}

/// What was sent may still get into the log; whoever sends the command again will be told.
fn silent() -> Reply {
    let message = "the log does not acknowledge what it is sent; send the command again, with the same id".to_owned();
    Reply::Failed { failed: Failure { code: FailureCode::LogUnavailable, message, retryable: true } }
}

/// Brings a case up to the log: a case that many write to at once is long, and only what is new is read.
pub(crate) async fn catch_up<L: EventLog>(
    context: &Context<L>,
    id: CaseId,
    mut aggregate: Box<Aggregate>,
) -> Result<Box<Aggregate>, Failure> {
    let entries = context.log.read_subject(&Subject::Case(id), aggregate.last()).await;
    let entries = entries.map_err(|error| failure(FailureCode::LogUnavailable, &error, true))?;
    let caught_up = aggregate.extend(id, &entries);
    caught_up.map_err(|error| failure(FailureCode::LogUnreadable, &error, false))?;
    Ok(aggregate)
}

fn judge<L: EventLog>(
    context: &Context<L>,
    id: CaseId,
    aggregate: &Aggregate,
    known: &Known,
    command: &Admitted<CaseCommand>,
    attempt: u32,
) -> Verdict {
    let addressee = command.way.sent_to.unwrap_or(id.into());
    if let Some(known) = aggregate.known(id, addressee, &command.request()) {
        return Verdict::Reply(repeat(id, known, command));
    }
    // What was handed on is carried out while the case that it was sent to goes on in this one, and on nothing that has
    // changed since: so it is carried out here, or there, and never in both places.
    if let Some((first, from)) = command.way.from
        && (attempt > 0 || !aggregate.case().is_some_and(|case| case.has_taken_in(from)))
    {
        return Verdict::OverAgain(first);
    }
    if let Some(other) = goes_on_in(aggregate, command) {
        return match command.expected {
            None => Verdict::GoesOnIn(other),
            // A version of this case says nothing of the other one.
            Some(_) => Verdict::Refused(not_of_this_case(other)),
        };
    }
    let Some(policies) = &known.policies else { return Verdict::Refused(no_policy()) };
    let request = authority::Request {
        by: &command.by,
        kind: EntryKind::Case.as_str(),
        verb: command.verb,
        delegated: command.on_behalf_of.is_some(),
        backdated: command.occurred_at.is_some(),
    };
    let is_forced = matches!(&command.command, CaseCommand::Claim(Claim { force: Some(true), .. }));
    let forcing = is_forced.then_some(authority::Request { kind: "claim", verb: "force", ..request });
    for request in std::iter::once(request).chain(forcing) {
        if let Err(rejected) = authority::check(policies.current(), &request) {
            return Verdict::Refused(rejected);
        }
    }
    let request = case::Request {
        now: (context.environment.now)(),
        occurred_at: command.occurred_at,
        expected: command.expected,
        policies,
    };
    match case::decide(id, aggregate.case(), &command.command, &request) {
        Err(rejected) => Verdict::Refused(rejected),
        // A tick that finds nothing writes nothing.
        Ok(decision) if decision.events.is_empty() && command.command.verb() == Verb::Tick => {
            let position = aggregate.last().unwrap_or_default();
            Verdict::Reply(Reply::Accepted {
                accepted: accepted(id, decision.case.version, position, None),
                repeated: false,
            })
        }
        Ok(decision) => {
            Verdict::Append(Box::new(entry(context, id, aggregate, policies.current().version, command, decision)))
        }
    }
}

/// Whether a command to a case that was merged is for the case that goes on. To merge or cancel that one is another
/// decision, which nobody has made.
fn follows_a_merge(verb: Verb) -> bool {
    let is_own_affair = matches!(verb, Verb::Intake | Verb::Tick | Verb::Merge | Verb::Unmerge | Verb::Cancel);
    !verb.is_internal() && !is_own_affair
}

/// The case that is to decide a command to one that was merged.
pub(crate) fn goes_on_in(aggregate: &Aggregate, command: &Admitted<CaseCommand>) -> Option<CaseId> {
    let case = aggregate.case()?;
    // What the customer was asked about this case is answered here, if only to say that it was answered before: the
    // rating is of this case, and not of the one that goes on.
    let is_asked_here = matches!(&command.command, CaseCommand::AnswerSurvey(answer) if case.has_asked(answer.survey));
    // A claim of the next case was sent to no case: it looks for another one.
    case.merged_into()
        .filter(|_| !is_asked_here && !command.way.is_proposed() && follows_a_merge(command.command.verb()))
}

fn not_of_this_case(other: CaseId) -> Rejection {
    let message = format!("the case was merged and goes on in {other}; read that one, and send the command to it");
    Rejection::new(RejectionCode::VersionConflict, message).at("Docket-Expect-Version")
}

/// The first answer again, or the refusal of another body under the same id.
pub(crate) fn repeat(id: CaseId, known: Remembered<'_>, command: &Admitted<CaseCommand>) -> Reply {
    match known {
        Remembered::Reused => Reply::Rejected { rejected: reused(&command.id) },
        Remembered::Answered(receipt) => {
            let accepted = accepted(id, receipt.version, receipt.position, receipt.follow_up);
            Reply::Accepted { accepted, repeated: true }
        }
    }
}

fn entry<L>(
    context: &Context<L>,
    id: CaseId,
    aggregate: &Aggregate,
    policy: docket_messages::PolicyVersion,
    command: &Admitted<CaseCommand>,
    decision: Decision,
) -> (CaseEntry, Case) {
    let salt = Salt::new((context.environment.random)());
    let (request, message) = command.request().digests(&salt);
    let entry = CaseEntry {
        v: FORMAT_VERSION,
        id: command.id.clone(),
        verb: command.verb.to_owned(),
        kind: EntryKind::Case,
        of: id.to_string(),
        at: decision.at,
        by: command.by.clone(),
        on_behalf_of: command.on_behalf_of.clone(),
        via: command.way.via,
        policy,
        version: decision.case.version,
        request,
        message: Some(message),
        sent_to: command.way.sent_to,
        prev: aggregate.prev(),
        wake_at: decision.wake_at,
        salt,
        events: decision.events,
    };
    (entry, decision.case)
}

/// Whether the case and the policy are still as they were when the command was refused, as the log's leader
/// says. If not, what is known is stale, and the command must be decided again.
pub(crate) async fn confirm<L: EventLog>(
    context: &Context<L>,
    subject: &Subject,
    aggregate: &Aggregate,
    known: &Known,
) -> Result<bool, Failure> {
    let unavailable = |error: &docket_eventlog::ReadError| failure(FailureCode::LogUnavailable, error, true);
    let (last, is_policy_current) = futures::join!(context.log.last_of(subject), context.policies.is_current(known));
    let is_policy_current = is_policy_current.map_err(|error| unavailable(&error))?;
    if !is_policy_current {
        let refreshed = context.policies.refresh().await;
        refreshed.map_err(|error| error.failure())?;
    }
    Ok(is_policy_current && last.map_err(|error| unavailable(&error))? == aggregate.last())
}

fn accepted(id: CaseId, version: Version, position: docket_messages::Position, follow_up: Option<CaseId>) -> Accepted {
    Accepted { case_id: Some(id), version: Some(version), follow_up, policy: None, position }
}

pub(crate) fn reused(id: &docket_messages::CommandId) -> Rejection {
    let message = format!("the command id `{id}` was used before, for another command; give each command its own");
    Rejection::new(RejectionCode::CommandIdReused, message).at("Docket-Command-Id")
}

pub(crate) fn no_policy() -> Rejection {
    let message = "no policy has been published yet; publish one with `docket policy publish FILE`";
    Rejection::new(RejectionCode::NoPolicy, message)
}

pub(crate) fn failure(code: FailureCode, error: &dyn std::error::Error, retryable: bool) -> Failure {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        message = format!("{message}: {cause}");
        source = cause.source();
    }
    Failure { code, message, retryable }
}

pub(crate) fn failed(code: FailureCode, error: &dyn std::error::Error, retryable: bool) -> Reply {
    Reply::Failed { failed: failure(code, error, retryable) }
}
