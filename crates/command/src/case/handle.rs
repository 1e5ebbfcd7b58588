//! One command to one case.

use docket_domain::authority;
use docket_domain::case::{self, Case, CaseTexts};
use docket_domain::policy::Policies;
use docket_eventlog::{EventLog, Subject, Tail};
use docket_messages::{
    CaseAction, CaseCommand, CaseEntry, CaseEvent, CaseId, Claim, EntryKind, Failure, Rejection, RejectionCode, Reply,
};

use super::aggregate::{Aggregate, catch_up};
use super::elsewhere::{self, goes_on_in, repeat};
use super::history::read_history;
use super::objection::{meets_others, objection};
use crate::admit::Admitted;
use crate::answers::accepted_of_case;
use crate::board::Held;
use crate::context::Context;
use crate::policy::book::KnownPolicies;
use crate::receipts::{Remembered, Request, follow_up};
use crate::transact::{Decided, Transaction, Verdict, transact};

/// How a command to a case ends.
pub(crate) enum End {
    /// This is the reply.
    Answered(Reply),
    /// The case was merged into another one, which is to decide it.
    GoesOnIn(CaseId),
    /// The case that it was sent to may go on elsewhere by now, or by itself.
    OverAgain(CaseId),
}

impl From<Reply> for End {
    fn from(reply: Reply) -> Self {
        Self::Answered(reply)
    }
}

impl From<Rejection> for End {
    fn from(rejected: Rejection) -> Self {
        Self::Answered(Reply::Rejected { rejected })
    }
}

/// Handles a command. `at_hand` is the case as this instance last saw it. Returns how it ended, with the case as it is
/// now, unless nobody knows.
pub(crate) async fn handle<L: EventLog>(
    context: &Context<L>,
    id: CaseId,
    at_hand: Option<Box<Aggregate>>,
    command: &Admitted<CaseAction>,
) -> (End, Option<Box<Aggregate>>) {
    let at_hand = match (at_hand, &command.command) {
        // Hardly any intake meets an existing case; for those that do, the append is refused.
        (None, CaseAction::Command(CaseCommand::Intake(_))) => Some(Box::default()),
        (at_hand, _) => at_hand,
    };
    transact(context, &mut ToCase { id, command, held: None }, at_hand).await
}

struct ToCase<'c> {
    id: CaseId,
    command: &'c Admitted<CaseAction>,
    /// Held back for the agent who claims it until the log has it.
    held: Option<Held>,
}

impl<L: EventLog> Transaction<L> for ToCase<'_> {
    type Event = CaseEvent;
    type State = Box<Aggregate>;
    /// The case after it. It is boxed, for it is large.
    type Pending = Box<Case>;
    type End = End;

    fn subject(&self) -> Subject {
        Subject::Case(self.id)
    }

    fn request(&self) -> Request<'_> {
        self.command.request()
    }

    fn is_sealed(&self) -> bool {
        true
    }

    async fn load(
        &self,
        context: &Context<L>,
        _subject: &Subject,
        known: Option<Box<Aggregate>>,
    ) -> Result<Box<Aggregate>, Failure> {
        catch_up(context, self.id, known.unwrap_or_default()).await
    }

    async fn judge(
        &mut self,
        context: &Context<L>,
        aggregate: &mut Box<Aggregate>,
        known: &KnownPolicies,
        attempt: u32,
    ) -> Verdict<L, Self> {
        if !aggregate.was_in().is_empty() {
            match Box::pin(elsewhere::answer(context, self.id, aggregate, self.command)).await {
                Ok(Some(reply)) => return Verdict::End(reply.into()),
                Ok(None) => {}
                Err(failed) => return Verdict::End(Reply::Failed { failed }.into()),
            }
        }
        let remembered = match self.remembered(context, aggregate).await {
            Ok(remembered) => remembered,
            Err(failed) => return Verdict::End(Reply::Failed { failed }.into()),
        };
        let mut texts = None;
        if remembered.is_none() && self.needs_texts(context, aggregate, known) {
            match Box::pin(read_history(context, self.id)).await {
                Ok(history) => texts = Some(history.texts().clone()),
                Err(failed) => return Verdict::End(Reply::Failed { failed }.into()),
            }
        }
        let verdict = match &remembered {
            Some(remembered) => self.repeat(remembered),
            None => self.decide(context, aggregate, known, texts.as_ref(), attempt),
        };
        let Verdict::Append(decided, case) = verdict else { return verdict };
        // What speaks against it may have come of an entry that is not at hand, so it is confirmed as any refusal is.
        if meets_others(&self.command.command, &decided.events) {
            // An earlier round's hold goes first: letting go of a case lets go of every hold of it.
            drop(self.held.take());
            match Box::pin(objection(context, known, self.command, &decided, &case)).await {
                Ok(held) => self.held = held,
                Err(no @ Reply::Rejected { .. }) => return Verdict::Confirm(no.into()),
                Err(no) => return Verdict::End(no.into()),
            }
        }
        Verdict::Append(decided, case)
    }

    fn appended(&mut self, aggregate: &mut Box<Aggregate>, case: Box<Case>, entry: &CaseEntry, tail: Tail) -> End {
        if let Some(held) = &mut self.held {
            held.recorded(tail.position);
        }
        aggregate.appended(*case, entry, tail);
        let accepted = accepted_of_case(self.id, entry.version, tail.position, follow_up(entry));
        Reply::Accepted { accepted, repeated: false }.into()
    }

    fn too_busy(&self) -> String {
        format!("the case {} is too busy: another writer always appended first", self.id)
    }
}

impl ToCase<'_> {
    /// What the case remembers of the command's id, if it was used before.
    async fn remembered<L: EventLog>(
        &self,
        context: &Context<L>,
        aggregate: &Aggregate,
    ) -> Result<Option<Remembered>, Failure> {
        let addressee = self.command.way.sent_to.unwrap_or(self.id.into());
        let Some(receipt) = aggregate.receipt(self.id, addressee, &self.command.request()) else { return Ok(None) };
        // Hardly ever, so it is boxed.
        let remembered = Box::pin(receipt.clone().remembered(&context.keys, &self.command.request())).await?;
        Ok(Some(remembered))
    }

    /// The first answer again, or the refusal of another command under its id.
    fn repeat<L: EventLog>(&self, remembered: &Remembered) -> Verdict<L, Self> {
        match repeat(self.id, remembered, self.command) {
            Ok(accepted) => Verdict::Repeated(accepted),
            Err(rejected) => Verdict::End(rejected.into()),
        }
    }

    /// Whether deciding needs what was said of the case, which is in the log only. Not for what is refused.
    fn needs_texts<L: EventLog>(&self, context: &Context<L>, aggregate: &Aggregate, known: &KnownPolicies) -> bool {
        let (Some(case), Some(policies)) = (aggregate.case(), &known.policies) else { return false };
        case::needs_texts(case, &self.command.command, &self.asked(context, policies, None))
            && self.authorise(known).is_ok()
    }

    /// What the rules are asked with.
    fn asked<'a, L: EventLog>(
        &self,
        context: &Context<L>,
        policies: &'a Policies,
        texts: Option<&'a CaseTexts>,
    ) -> case::Request<'a> {
        let (occurred_at, expected) = (self.command.occurred_at, self.command.expected);
        case::Request { now: (context.environment.now)(), occurred_at, expected, texts, policies }
    }

    /// Decides by the case itself.
    fn decide<L: EventLog>(
        &self,
        context: &Context<L>,
        aggregate: &Aggregate,
        known: &KnownPolicies,
        texts: Option<&CaseTexts>,
        attempt: u32,
    ) -> Verdict<L, Self> {
        let (id, command) = (self.id, self.command);
        // What was handed on is carried out while the case that it was sent to goes on in this one, and on nothing that
        // has changed since: so it is carried out here, or there, and never in both places.
        if let Some((first, from)) = command.way.from
            && (attempt > 0 || !aggregate.case().is_some_and(|case| case.has_taken_in(from)))
        {
            // What is at hand may be from before the merge.
            return if attempt == 0 { Verdict::Again } else { Verdict::End(End::OverAgain(first)) };
        }
        if let Some(other) = goes_on_in(aggregate, command) {
            return Verdict::Confirm(match command.expected {
                None => End::GoesOnIn(other),
                // A version of this case says nothing of the other one.
                Some(_) => not_of_this_case(other).into(),
            });
        }
        let policies = match self.authorise(known) {
            Ok(policies) => policies,
            Err(rejected) => return Verdict::Confirm(rejected.into()),
        };
        let request = self.asked(context, policies, texts);
        match case::decide(id, aggregate.case(), &command.command, &request) {
            Err(rejected) => self.refuse(rejected, attempt),
            // A tick that finds nothing writes nothing.
            Ok(decision) if decision.events.is_empty() && is_tick(&command.command) => {
                let accepted = accepted_of_case(id, decision.case.version, aggregate.last().unwrap_or_default(), None);
                Verdict::End(Reply::Accepted { accepted, repeated: false }.into())
            }
            Ok(decision) => {
                let (at, wake_at, events) = (decision.at, decision.wake_at, decision.events);
                let (is_backdated, policy) = (command.occurred_at.is_some(), policies.current().version);
                Verdict::Append(Decided { at, is_backdated, policy, wake_at, events }, Box::new(decision.case))
            }
        }
    }

    /// The policies. Refuses what the one in force does not grant.
    fn authorise<'k>(&self, known: &'k KnownPolicies) -> Result<&'k Policies, Rejection> {
        let request = self.command.authority(EntryKind::Case);
        match &self.command.command {
            // Nobody can send one.
            CaseAction::Step(_) => known.policies(),
            CaseAction::Command(CaseCommand::Claim(Claim { force: Some(true), .. })) => {
                known.check(&request)?;
                known.check(&authority::Request { kind: "claim", verb: "force", ..request })
            }
            CaseAction::Command(_) => known.check(&request),
        }
    }

    /// A refusal by the rules. Of a message of a customer that only meets what is over in a moment (a follow-up is just
    /// being opened), nobody is told: it is sent again.
    fn refuse<L: EventLog>(&self, rejected: Rejection, attempt: u32) -> Verdict<L, Self> {
        let is_passing = matches!(self.command.command, CaseAction::Command(CaseCommand::Receive(_)))
            && matches!(rejected.code, RejectionCode::LinkPending | RejectionCode::MergePending);
        match attempt {
            _ if !is_passing => Verdict::Confirm(rejected.into()),
            0 => Verdict::Again,
            _ => Verdict::End(End::OverAgain(self.command.way.from.map_or(self.id, |(first, _)| first))),
        }
    }
}

fn not_of_this_case(other: CaseId) -> Rejection {
    let message = format!("the case was merged and goes on in {other}; read that one, and send the command to it");
    Rejection::new(RejectionCode::VersionConflict, message).at("Docket-Expect-Version")
}

fn is_tick(action: &CaseAction) -> bool {
    matches!(action, CaseAction::Command(CaseCommand::Tick(_)))
}
