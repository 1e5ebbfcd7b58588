//! `case.claim` without a case: the next one of a queue.
//!
//! Which case that is, the board proposes and the case decides. A claim that is sent again must meet the same case, so
//! what was proposed is in the log before the case is asked: under the claim's own subject, whose id follows from the
//! principal and the command's id. Where somebody else has taken the case meanwhile, the next is proposed.

use std::collections::HashSet;

use bytes::Bytes;
use docket_domain::authority;
use docket_eventlog::{AppendError, EventLog, Subject};
use docket_messages::{
    AgentId, CaseCommand, CaseId, CaseProposed, Claim, ClaimEvent, ClaimId, Digest, EntryKind, Failure, FailureCode,
    Name, Rejection, RejectionCode, Reply,
};

use crate::admit::{Admitted, Way};
use crate::ask::decide;
use crate::handle::failed;
use crate::policies::Known;
use crate::record::Record;
use crate::service::Context;
use crate::shards::{RetryPolicy, ShardRouter};

/// How often somebody else may be faster before the sender is asked to come back.
const ATTEMPTS: usize = 100;

/// Handles a claim of the next case of a queue.
pub(crate) async fn claim<L: EventLog>(context: &Context<L>, shards: &ShardRouter, command: &Admitted<Claim>) -> Reply {
    let id = ClaimId::of(&command.by, &command.id);
    let request = command.request();
    let queue = match require_queue(command) {
        Ok(queue) => queue,
        Err(rejected) => return Reply::Rejected { rejected },
    };
    // Cases that this claim did not get.
    let mut lost = HashSet::new();
    for attempt in 0..ATTEMPTS {
        let record = match Record::load(context, Subject::Claim(id)).await {
            Ok(record) => record,
            Err(failed) => return Reply::Failed { failed },
        };
        if let Some(Reply::Rejected { rejected }) = record.answer(&request) {
            return Reply::Rejected { rejected };
        }
        // What was proposed is asked for, until it is known to be lost.
        if let Some(case) = proposed(&record).filter(|case| !lost.contains(case)) {
            let reply = take(shards, id, case, queue, command).await;
            if !is_lost(&reply) {
                return reply;
            }
            lost.insert(case);
        }
        let known = match may_claim(context, command).await {
            Ok(known) => known,
            Err(no) => return no,
        };
        let mut held = match context.boards.propose(context, &known, queue, &command.command.agent, &lost).await {
            Ok(held) => held,
            Err(no) => return no,
        };
        let (case, agent) = (held.case, command.command.agent.clone());
        let proposed = ClaimEvent::CaseProposed(CaseProposed { case_id: case, agent, queue: queue.clone() });
        match record.append(context, &request, known.version(), vec![proposed]).await {
            Ok(_) => {
                let reply = take(shards, id, case, queue, command).await;
                held.answered(&reply);
                if !is_lost(&reply) {
                    return reply;
                }
                lost.insert(case);
            }
            // The same claim is in hand elsewhere, or nobody knows: the log tells.
            Err(AppendError::Conflict | AppendError::Unknown { .. }) => {
                context.back_off(u32::try_from(attempt).unwrap_or(u32::MAX)).await;
            }
            Err(error @ AppendError::Unavailable { .. }) => {
                return failed(FailureCode::LogUnavailable, &error, true);
            }
        }
    }
    let message = format!("somebody else was faster {ATTEMPTS} times; claim again");
    Reply::Failed { failed: Failure { code: FailureCode::Overloaded, message, retryable: true } }
}

/// The case that was proposed last.
fn proposed(record: &Record<ClaimEvent>) -> Option<CaseId> {
    record.events().next_back().map(|(_, ClaimEvent::CaseProposed(proposed))| proposed.case_id)
}

/// Whether a reply says that the case cannot be had, so that another may do.
fn is_lost(reply: &Reply) -> bool {
    let Reply::Rejected { rejected } = reply else { return false };
    matches!(
        rejected.code,
        RejectionCode::CaseTaken
            | RejectionCode::WrongStatus
            | RejectionCode::SkillMissing
            | RejectionCode::CaseNotFound
    )
}

/// Asks the case for itself, with the sender's own id, so that it answers the same for ever. The claim was sent to no
/// case, so what else was sent to this one with that id is another command.
async fn take(shards: &ShardRouter, id: ClaimId, case: CaseId, queue: &Name, command: &Admitted<Claim>) -> Reply {
    let agent: AgentId = command.command.agent.clone();
    let of_case = CaseCommand::Claim(Claim { case_id: Some(case), queue: Some(queue.clone()), agent, force: None });
    let (body, message) = match of_case.body().and_then(|body| Ok((body, Digest::of_message(&of_case)?))) {
        Ok((body, message)) => (Bytes::from(body), message),
        Err(error) => return failed(FailureCode::LogUnavailable, &error, false),
    };
    let admitted = Admitted {
        id: command.id.clone(),
        by: command.by.clone(),
        on_behalf_of: command.on_behalf_of.clone(),
        expected: None,
        occurred_at: None,
        verb: command.verb,
        body,
        message,
        trace: command.trace.clone(),
        way: Way { sent_to: Some(id.into()), via: command.way.via, ..Way::default() },
        command: of_case,
    };
    decide(shards, admitted, RetryPolicy::None).await.unwrap_or_else(crate::shards::stopping)
}

fn require_queue(command: &Admitted<Claim>) -> Result<&Name, Rejection> {
    if command.expected.is_some() || command.occurred_at.is_some() {
        let message = "which case is next, is known of now only; name a `caseId`, or leave `Docket-Expect-Version` and \
                       `Docket-Occurred-At` out";
        return Err(Rejection::new(RejectionCode::BadRequest, message).at("caseId"));
    }
    if command.command.force == Some(true) {
        let message = "`force` gives an agent one case; name its `caseId`, or leave `force` out";
        return Err(Rejection::new(RejectionCode::BadRequest, message).at("force"));
    }
    command.command.queue.as_ref().ok_or_else(|| {
        let message = "say `queue`, to have its next case, or `caseId`, to have that one";
        Rejection::new(RejectionCode::BadRequest, message).at("queue")
    })
}

/// The policy in force, if it lets the principal claim. The case asks again; but whoever may not claim is not told
/// what there is.
async fn may_claim<L: EventLog>(
    context: &Context<L>,
    command: &Admitted<Claim>,
) -> Result<std::sync::Arc<Known>, Reply> {
    let request = authority::Request {
        by: &command.by,
        kind: EntryKind::Case.as_str(),
        verb: command.verb,
        delegated: command.on_behalf_of.is_some(),
        backdated: false,
    };
    context.policies.granting(&request).await
}
