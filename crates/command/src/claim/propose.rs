//! `case.claim` without a case: the next one of a queue.
//!
//! Which case that is, the board proposes and the case decides. A claim that is sent again must meet the same case, so
//! what was proposed is in the log before the case is asked: under the claim's own subject, whose id follows from the
//! principal and the command's id. Where somebody else has taken the case meanwhile, the next is proposed.

use std::collections::HashSet;

use bytes::Bytes;
use docket_eventlog::{EventLog, Subject, Tail};
use docket_messages::{
    CaseAction, CaseCommand, CaseId, CaseProposed, Claim, ClaimEvent, ClaimId, Digest, Entry, EntryKind, Failure,
    FailureCode, Name, Rejection, RejectionCode, Reply,
};

use crate::admit::{Admitted, Way};
use crate::answers::{failed, stopping};
use crate::ask::decide;
use crate::board::Held;
use crate::context::Context;
use crate::policy::book::KnownPolicies;
use crate::receipts::Request;
use crate::record::Record;
use crate::shards::{RetryPolicy, ShardRouter};
use crate::transact::{Decided, Transaction, Verdict, transact};

/// How often somebody else may be faster before the sender is asked to come back.
const ATTEMPTS: usize = 100;

/// Handles a claim of the next case of a queue.
pub(crate) async fn claim<L: EventLog>(context: &Context<L>, shards: &ShardRouter, command: &Admitted<Claim>) -> Reply {
    let id = ClaimId::of(&command.by, &command.id);
    let queue = match require_queue(command) {
        Ok(queue) => queue,
        Err(rejected) => return Reply::Rejected { rejected },
    };
    let mut proposing = Proposing { id, queue, command, lost: HashSet::new(), held: None };
    let mut record = None;
    for _ in 0..ATTEMPTS {
        let (end, known) = transact(context, &mut proposing, record).await;
        record = known;
        let (case, held) = match end {
            Proposed::Case(case, held) => (case, held),
            Proposed::None(reply) => return reply,
        };
        let reply = take(shards, id, case, queue, command).await;
        if let Some(mut held) = held {
            held.answered(&reply);
        }
        if !is_lost(&reply) {
            return reply;
        }
        proposing.lost.insert(case);
    }
    let message = format!("somebody else was faster {ATTEMPTS} times; claim again");
    Reply::Failed { failed: Failure { code: FailureCode::Overloaded, message, retryable: true } }
}

/// Has the log say which case is proposed to a claim.
struct Proposing<'c> {
    id: ClaimId,
    queue: &'c Name,
    command: &'c Admitted<Claim>,
    /// Cases that this claim did not get.
    lost: HashSet<CaseId>,
    /// What the board has proposed, held back for the agent until the case has answered.
    held: Option<Held>,
}

enum Proposed {
    /// This one is to be asked. It is held back, if it was proposed just now.
    Case(CaseId, Option<Held>),
    None(Reply),
}

impl From<Reply> for Proposed {
    fn from(reply: Reply) -> Self {
        Self::None(reply)
    }
}

impl<L: EventLog> Transaction<L> for Proposing<'_> {
    type Event = ClaimEvent;
    type State = Record<ClaimEvent>;
    /// The case.
    type Pending = CaseId;
    type End = Proposed;

    fn subject(&self) -> Subject {
        Subject::Claim(self.id)
    }

    fn request(&self) -> Request<'_> {
        self.command.request()
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
        match record.answer(&context.keys, &self.command.request()).await {
            Ok(Some(Err(rejected))) => return Verdict::End(Reply::Rejected { rejected }.into()),
            Ok(Some(Ok(_)) | None) => {}
            Err(failed) => return Verdict::End(Reply::Failed { failed }.into()),
        }
        // What was proposed is asked for, until it is known to be lost.
        if let Some(case) = last(record).filter(|case| !self.lost.contains(case)) {
            return Verdict::End(Proposed::Case(case, self.held.take().filter(|held| held.case == case)));
        }
        // The case asks again; but a sender who may not claim is not told what there is.
        if let Err(rejected) = known.check(&self.command.authority(EntryKind::Case)) {
            return Verdict::Confirm(Reply::Rejected { rejected }.into());
        }
        let Claim { agent, .. } = &self.command.command;
        let now = (context.environment.now)();
        // What an earlier round could not bring into the log is still held.
        let proposed = match self.held.take() {
            Some(held) => Ok(held),
            None => context.boards.propose(&context.log, now, known, self.queue, agent, &self.lost).await,
        };
        let case_id = match proposed {
            Ok(held) => self.held.insert(held).case,
            // The same claim may have been given a case elsewhere meanwhile.
            Err(no @ Reply::Rejected { .. }) => return Verdict::Confirm(no.into()),
            Err(no) => return Verdict::End(no.into()),
        };
        let proposed = CaseProposed { case_id, agent: agent.clone(), queue: self.queue.clone() };
        let (at, events) = (record.moment((context.environment.now)()), vec![ClaimEvent::CaseProposed(proposed)]);
        Verdict::Append(Decided { at, is_backdated: false, policy: known.version(), wake_at: None, events }, case_id)
    }

    fn appended(&mut self, record: &mut Self::State, case: CaseId, entry: &Entry<ClaimEvent>, tail: Tail) -> Proposed {
        record.append(entry.clone(), tail);
        Proposed::Case(case, self.held.take())
    }

    fn too_busy(&self) -> String {
        "this claim is already being processed; send it again with the same id".to_owned()
    }
}

/// The case that was proposed last.
fn last(record: &Record<ClaimEvent>) -> Option<CaseId> {
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
    let Claim { agent, .. } = command.command.clone();
    let claim = Claim { case_id: Some(case), queue: Some(queue.clone()), agent, force: None };
    let of_case = CaseAction::from(CaseCommand::Claim(claim));
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
    decide(shards, admitted, RetryPolicy::None).await.unwrap_or_else(stopping)
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
