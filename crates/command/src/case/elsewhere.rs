//! What was sent to a case while it went on in another one was carried out there, and is answered from there.
//!
//! The target of a merge records `released` in its own log before the merged case is independent again. A command still
//! in flight to the target finds that entry and returns. So once a merge is undone, the target answers no more commands
//! for the merged case, and its receipts can be read once and kept.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use docket_domain::case::rules;
use docket_eventlog::EventLog;
use docket_messages::{Accepted, CaseAction, CaseCommand, CaseId, Failure, Rejection, Reply};

use super::aggregate::{Aggregate, Elsewhere, read_to_end};
use crate::admit::Admitted;
use crate::answers::{accepted_of_case, reused};
use crate::context::Context;
use crate::receipts::Remembered;

/// The answer that a command got in a case that this one went on in once, if there is one.
pub(crate) async fn answer<L: EventLog>(
    context: &Context<L>,
    id: CaseId,
    aggregate: &mut Aggregate,
    command: &Admitted<CaseAction>,
) -> Result<Option<Reply>, Failure> {
    // The case that it goes on in answers for itself, when the command gets there.
    let next = goes_on_in(aggregate, command);
    let once: Vec<CaseId> = aggregate.was_in().iter().copied().filter(|case| Some(*case) != next).collect();
    if once.is_empty() || matches!(command.command, CaseAction::Step(_)) {
        return Ok(None);
    }
    let addressee = command.way.sent_to.unwrap_or(id.into());
    let found = match aggregate.elsewhere() {
        Some(found) => Arc::clone(found),
        None => gather(context, id, once).await?,
    };
    let is_settled = aggregate.case().is_none_or(|case| case.merged_into().is_none());
    if is_settled {
        aggregate.keep_elsewhere(Arc::clone(&found));
    }
    let request = command.request();
    let mut known =
        found.iter().filter_map(|(case, receipts)| Some((*case, receipts.find(*case, addressee, &request)?)));
    let Some((case, receipt)) = known.next() else { return Ok(None) };
    let remembered = receipt.clone().remembered(&context.keys, &request).await?;
    Ok(Some(match repeat(case, &remembered, command) {
        Ok(accepted) => Reply::Accepted { accepted, repeated: true },
        Err(rejected) => Reply::Rejected { rejected },
    }))
}

/// The receipts of cases, and of all that they went on in.
async fn gather<L: EventLog>(context: &Context<L>, id: CaseId, cases: Vec<CaseId>) -> Result<Elsewhere, Failure> {
    let (mut seen, mut next) = (HashSet::from([id]), VecDeque::from(cases));
    let mut found = Vec::new();
    while let Some(case) = next.pop_front() {
        if !seen.insert(case) {
            continue;
        }
        let aggregate = read_to_end(context, case).await?;
        next.extend(aggregate.was_in());
        found.push((case, aggregate.receipts().clone()));
    }
    Ok(Arc::new(found))
}

/// The first answer again, or the refusal of another body under the same id.
pub(super) fn repeat(id: CaseId, known: &Remembered, command: &Admitted<CaseAction>) -> Result<Accepted, Rejection> {
    match known {
        Remembered::Reused => Err(reused(&command.id)),
        Remembered::Answered(receipt) => Ok(accepted_of_case(id, receipt.version, receipt.position, receipt.follow_up)),
    }
}

/// The case that is to decide a command to one that was merged.
pub(super) fn goes_on_in(aggregate: &Aggregate, command: &Admitted<CaseAction>) -> Option<CaseId> {
    let case = aggregate.case()?;
    // What the customer was asked about this case is answered here, if only to say that it was answered before: the
    // rating is of this case, and not of the one that goes on.
    let is_asked_here = match &command.command {
        CaseAction::Command(CaseCommand::AnswerSurvey(answer)) => case.has_asked(answer.survey),
        CaseAction::Command(_) | CaseAction::Step(_) => false,
    };
    // A claim of the next case was sent to no case: it looks for another one.
    let follows = rules(&command.command).follows_a_merge && !is_asked_here && !command.way.is_proposed();
    case.merged_into().filter(|_| follows)
}
