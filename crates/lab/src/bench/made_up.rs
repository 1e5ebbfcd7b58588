//! A log that is made up while it is read: the desk of the demo, for years. It is decided by the rules, timers and all,
//! and stands nowhere.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::vec::IntoIter;

use bytes::Bytes;
use docket_domain::case::{Case, Decision, Request, decide};
use docket_domain::policy::{Policies, Policy};
use docket_eventlog::{AppendError, Draft, EventLog, Expect, MessageHeaders, ReadError, Recorded, Subject};
use docket_import::{Step, Story};
use docket_messages::{
    CaseAction, CaseCommand, CommandId, CustomerId, Digest, Entry, FORMAT_VERSION, PolicyEvent, PolicyPublished,
    PolicyVersion, Position, PrincipalName, Salt, Tick, Timestamp, Version,
};
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use tokio::sync::{mpsc, watch};

use crate::Error;
use crate::demo::{self, Plan};

/// Entries that are handed over at once.
const STRETCH: usize = 256;
/// Stretches that wait to be read.
const STRETCHES: usize = 64;
/// Entries that follow each other, or why there are no more.
type Stretch = Result<Vec<Recorded>, ReadError>;

/// So many cases have one customer, on average.
const CASES_A_CUSTOMER: u64 = 4;

/// The log. Clones share it. It can be followed once, from its beginning.
#[derive(Clone)]
pub struct MadeUpLog(Arc<Inner>);

struct Inner {
    policies: Policies,
    plans: Vec<Plan>,
    policy: Recorded,
    written: watch::Sender<Written>,
}

/// How far the log is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Written {
    /// The position of its last entry.
    pub position: Position,
    /// Cases that have begun.
    pub cases: usize,
    /// Whether nothing follows.
    pub is_whole: bool,
}

impl MadeUpLog {
    /// A log of so many cases, which began in so many days before `until`, under a policy.
    ///
    /// # Errors
    /// What is wrong with the policy.
    pub fn new(document: &str, cases: usize, days: i64, until: Timestamp) -> Result<Self, Error> {
        let since = until.plus_millis(-(days + 1) * 86_400_000);
        let zones = docket_calendar::zones::Zones::bundled();
        let policy = Policy::compile_published(document, PolicyVersion(1), since, zones)
            .map_err(|_| "the policy cannot be read")?;
        let policies = Policies::new(Arc::new(policy));
        let policy = published(document, since)?;
        let plans = demo::plans(1, cases, days, until);
        Ok(Self(Arc::new(Inner { policies, plans, policy, written: watch::Sender::default() })))
    }

    /// How far it is, and when that changes.
    #[must_use]
    pub fn written(&self) -> watch::Receiver<Written> {
        self.0.written.subscribe()
    }
}

impl EventLog for MadeUpLog {
    async fn append(&self, _: &Subject, _: Expect, _: Draft) -> Result<Position, AppendError> {
        Err(AppendError::Unavailable { source: nowhere().into() })
    }

    async fn read_subject(&self, _: &Subject, _: Option<Position>) -> Result<Vec<Recorded>, ReadError> {
        Err(ReadError::new("read a subject", nowhere()))
    }

    async fn last_of(&self, _: &Subject) -> Result<Option<Position>, ReadError> {
        Err(ReadError::new("find the last entry of a subject", nowhere()))
    }

    async fn head(&self) -> Result<Position, ReadError> {
        Ok(self.0.written.borrow().position)
    }

    async fn entry_at(&self, position: Position) -> Result<Option<Recorded>, ReadError> {
        // The others are gone when they are read.
        Ok((position == self.0.policy.position).then(|| self.0.policy.clone()))
    }

    async fn follow(&self, after: Position) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        if after != Position(0) {
            return Err(ReadError::new("follow the log", nowhere()));
        }
        let (stretches, read) = mpsc::channel(STRETCHES);
        let inner = Arc::clone(&self.0);
        std::thread::spawn(move || Writer::new(&inner, stretches).write());
        let stretches =
            stream::unfold(read, async |mut read: mpsc::Receiver<Stretch>| Some((read.recv().await?, read)));
        let entries = stretches.map_ok(|stretch| stream::iter(stretch).map(Ok)).try_flatten();
        // Like any log it could go on.
        Ok(entries.chain(stream::pending()).boxed())
    }

    async fn follow_subject(
        &self,
        _: &Subject,
        _: Position,
    ) -> Result<BoxStream<'static, Result<Recorded, ReadError>>, ReadError> {
        Err(ReadError::new("follow a subject", nowhere()))
    }
}

fn nowhere() -> &'static str {
    "a log that is made up can only be followed from its beginning"
}

/// The entry that publishes the policy.
fn published(document: &str, at: Timestamp) -> Result<Recorded, Error> {
    let (document, position) = (document.to_owned(), Position(1));
    let event = PolicyEvent::PolicyPublished(PolicyPublished { document, zone_version: None });
    let entry = entry(&Subject::Policy, position, "publish", at, Version(1), vec![event])?;
    Ok(recorded(position, at, Subject::Policy, serde_json::to_vec(&entry)?))
}

/// An entry, the first of its subject.
fn entry<E>(
    subject: &Subject,
    position: Position,
    verb: &str,
    at: Timestamp,
    version: Version,
    events: Vec<E>,
) -> Result<Entry<E>, Error> {
    let salt = Salt::new([0; 16]);
    Ok(Entry {
        v: FORMAT_VERSION,
        id: CommandId::parse(&format!("made-up-{position}"))?,
        verb: verb.to_owned(),
        kind: subject.kind(),
        of: subject.id(),
        at,
        backdated: Some(false),
        by: PrincipalName::parse("desk")?,
        on_behalf_of: None,
        via: None,
        policy: PolicyVersion(1),
        version,
        request: Digest::of_request(&salt, verb, &[]),
        message: None,
        sent_to: None,
        prev: None,
        wake_at: None,
        salt,
        key: None,
        events,
    })
}

fn recorded(position: Position, at: Timestamp, subject: Subject, payload: Vec<u8>) -> Recorded {
    Recorded {
        position,
        recorded_at: at,
        subject: Ok(subject),
        headers: MessageHeaders::default(),
        payload: Bytes::from(payload),
    }
}

/// A case that is not over.
struct Open {
    story: Story,
    customer: CustomerId,
    case: Option<Case>,
    /// The digest of its last entry.
    last: Option<Digest>,
    next: Option<Step>,
    rest: IntoIter<Step>,
    wake_at: Option<Timestamp>,
}

impl Open {
    fn begin(plan: &Plan, number: usize, cases: usize) -> Option<Self> {
        let mut story = demo::tell(plan, number)?;
        let mut rest = std::mem::take(&mut story.steps).into_iter();
        let customers = (u64::try_from(cases).ok()? / CASES_A_CUSTOMER).max(1);
        let customer = CustomerId::parse(&format!("customer-{}", plan.seed % customers)).ok()?;
        let next = rest.next();
        Some(Self { story, customer, case: None, last: None, next, rest, wake_at: None })
    }

    /// When something happens to it next.
    fn due_at(&self) -> Option<Timestamp> {
        let step = self.next.as_ref().map(|step| step.at);
        step.into_iter().chain(self.wake_at).min()
    }

    /// What happens then: the next step, or the tick of a timer.
    fn take(&mut self, at: Timestamp) -> Option<CaseAction> {
        if self.next.as_ref().is_none_or(|step| step.at > at) {
            self.wake_at = None;
            return Some(CaseCommand::Tick(Tick { case_id: self.story.case_id }).into());
        }
        let mut step = self.next.take()?;
        self.next = self.rest.next();
        if let CaseCommand::Intake(intake) = &mut step.command {
            // Those of the demo are few, for any number of cases.
            intake.customer_id = Some(self.customer.clone());
        }
        Some(step.command.into())
    }
}

/// Writes the log, entry by entry, as they happen.
struct Writer<'l> {
    log: &'l Inner,
    stretches: mpsc::Sender<Stretch>,
    stretch: Vec<Recorded>,
    written: Written,
}

impl<'l> Writer<'l> {
    fn new(log: &'l Inner, stretches: mpsc::Sender<Stretch>) -> Self {
        Self { log, stretches, stretch: vec![log.policy.clone()], written: Written::default() }
    }

    /// Ends when all is written, or nobody reads any more.
    fn write(mut self) {
        self.written.position = Position(1);
        let mut open: Vec<Option<Box<Open>>> = Vec::new();
        let mut due = BinaryHeap::new();
        let mut plans = self.log.plans.iter().peekable();
        let until = self.log.plans.first().map_or(Timestamp::EPOCH, |plan| plan.until);
        loop {
            let next_due = due.peek().map(|Reverse((at, _))| *at);
            if let Some(plan) = plans.next_if(|plan| next_due.is_none_or(|at| plan.opened_at <= at)) {
                self.written.cases += 1;
                let begun = Open::begin(plan, self.written.cases, self.log.plans.len());
                if let Some(at) = begun.as_ref().and_then(Open::due_at) {
                    due.push(Reverse((at, open.len())));
                }
                open.push(begun.map(Box::new));
                continue;
            }
            let Some(Reverse((at, index))) = due.pop() else { break };
            let Some(slot) = open.get_mut(index) else { break };
            let Some(case) = slot.as_mut() else { continue };
            if at >= until {
                *slot = None;
                continue;
            }
            if let Err(error) = self.happen(case, at) {
                let _ = self.stretches.blocking_send(Err(ReadError::new("make up an entry", error)));
                return;
            }
            match case.due_at() {
                Some(at) => due.push(Reverse((at, index))),
                None => *slot = None,
            }
            if self.stretch.len() >= STRETCH && !self.hand_over() {
                return;
            }
        }
        self.written.is_whole = true;
        let _ = self.hand_over();
    }

    /// Decides what happens to a case now. What the rules refuse does not happen.
    fn happen(&mut self, open: &mut Open, at: Timestamp) -> Result<(), Error> {
        let Some(action) = open.take(at) else { return Ok(()) };
        let request = Request { now: at, occurred_at: None, expected: None, texts: None, policies: &self.log.policies };
        let decided = decide(open.story.case_id, open.case.as_ref(), &action, &request);
        let Ok(Decision { at: moment, events, case, wake_at }) = decided else { return Ok(()) };
        let (position, subject) = (self.written.position.next(), Subject::Case(open.story.case_id));
        let entry = entry(&subject, position, action.verb(), moment, case.version, events)?;
        let payload = serde_json::to_vec(&Entry { prev: open.last, wake_at, ..entry })?;
        open.last = Some(Digest::of(&[&payload]));
        (open.case, open.wake_at) = (Some(case), wake_at);
        self.stretch.push(recorded(position, at, subject, payload));
        self.written.position = position;
        Ok(())
    }

    /// Hands over what is written. Says whether somebody reads it.
    fn hand_over(&mut self) -> bool {
        let stretch = std::mem::take(&mut self.stretch);
        self.log.written.send_replace(self.written);
        self.stretches.blocking_send(Ok(stretch)).is_ok()
    }
}
