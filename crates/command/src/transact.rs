//! One command to one aggregate, from top to bottom: load, judge, append; again when another writer appended first.
//!
//! This is the only place that appends to the log. What differs between the kinds of aggregate is in their
//! [`Transaction`]; what they share stands here:
//!
//! - An append says which entry it expects to be the last of its subject. After a conflict the aggregate is read on,
//!   and the command is judged again.
//! - When an acknowledgement is lost, nobody knows whether the entry is in the log. It is read on, and the command
//!   finds its own entry, or is judged again.
//! - What depends on the state of the aggregate or on the policy is refused only after the log's leader has confirmed
//!   both.

use bytes::Bytes;
use docket_eventlog::{AppendError, Draft, EventLog, Expect, Subject, Tail};
use docket_keyring::DataKey;
use docket_messages::{
    Accepted, AggregateEvent, Entry, FORMAT_VERSION, Failure, FailureCode, KeyId, PolicyVersion, Reply, Salt,
    Timestamp, Version,
};
use fail::fail_point;
use tracing::Instrument as _;

use crate::answers::{failed, failure, without_keys};
use crate::context::Context;
use crate::metrics;
use crate::policy::book::KnownPolicies;
use crate::receipts::Request;

/// How often a command is judged: again because another writer appended first, or because an acknowledgement was lost.
const ATTEMPTS: u32 = 20;

/// How many acknowledgements of one command may be lost in a row. A log that is silent for that long takes nothing: the
/// server says no more of a stream whose disk failed it.
const LOST: u32 = 2;

/// An aggregate as it is known here: a baseline, which the log may be ahead of.
pub(crate) trait State: Send {
    /// The end of its chain.
    fn tail(&self) -> Option<Tail>;

    /// The key of what is personal in it, if it has one.
    fn key(&self) -> Option<&KeyId>;

    /// The newest version of the policy that its entries name.
    fn newest_policy(&self) -> PolicyVersion;
}

/// What is decided, and becomes an entry.
#[derive(Debug)]
pub(crate) struct Decided<E> {
    /// The command's moment.
    pub at: Timestamp,
    /// Whether that moment is the sender's, and not of now.
    pub is_backdated: bool,
    pub policy: PolicyVersion,
    pub wake_at: Option<Timestamp>,
    pub events: Vec<E>,
}

/// What judging a command came to.
pub(crate) enum Verdict<L, T: Transaction<L> + ?Sized> {
    /// It was accepted before.
    Repeated(Accepted),
    /// That is the end of it, whatever else the log has.
    End(T::End),
    /// That is the end of it, if what is known is all there is.
    Confirm(T::End),
    /// What is known may be stale: the aggregate is to be read on.
    Again,
    /// This is to be in the log.
    Append(Decided<T::Event>, T::Pending),
}

/// One command to one aggregate.
pub(crate) trait Transaction<L>: Send {
    /// The events of its kind of aggregate.
    type Event: AggregateEvent + Send + Sync;
    /// The aggregate.
    type State: State;
    /// What is kept of a decision until the log has it.
    type Pending: Send;
    /// How it ends.
    type End: From<Reply> + Send;

    /// The aggregate.
    fn subject(&self) -> Subject;

    /// The command, as its entry names it.
    fn request(&self) -> Request<'_>;

    /// Whether commands to such an aggregate may say something personal.
    fn is_sealed(&self) -> bool {
        false
    }

    /// Reads the aggregate, or what the log has beyond what is known of it.
    fn load(
        &self,
        context: &Context<L>,
        subject: &Subject,
        known: Option<Self::State>,
    ) -> impl Future<Output = Result<Self::State, Failure>> + Send;

    /// Judges the command on what is known. `attempt` counts from 0; from 1 on the aggregate has just been read.
    fn judge(
        &mut self,
        context: &Context<L>,
        state: &mut Self::State,
        known: &KnownPolicies,
        attempt: u32,
    ) -> impl Future<Output = Verdict<L, Self>> + Send;

    /// The log has the entry.
    fn appended(
        &mut self,
        state: &mut Self::State,
        pending: Self::Pending,
        entry: &Entry<Self::Event>,
        tail: Tail,
    ) -> Self::End;

    /// What the command is told when another writer always appended first.
    fn too_busy(&self) -> String;
}

/// Carries a command out. `at_hand` is the aggregate as this instance last saw it. Returns how it ended, and the
/// aggregate as it is now, unless nobody knows.
///
/// What few commands need is boxed: a thousand of these may be under way, and what they take together should fit into
/// the processor's cache.
pub(crate) async fn transact<L: EventLog, T: Transaction<L>>(
    context: &Context<L>,
    transaction: &mut T,
    mut at_hand: Option<T::State>,
) -> (T::End, Option<T::State>) {
    let subject = transaction.subject();
    // Acknowledgements of this command that were lost: the log may have an entry of it.
    let mut lost = 0;
    for attempt in 0..ATTEMPTS {
        let mut state = match at_hand.take() {
            Some(state) if attempt == 0 => state,
            // It was judged on this before, so the log may have more.
            stale => match Box::pin(transaction.load(context, &subject, stale)).await {
                Ok(state) => state,
                Err(failed) => return (Reply::Failed { failed }.into(), None),
            },
        };
        fail_point!("command::after-load");
        let known = match context.policies.at_least(state.newest_policy()).await {
            Ok(known) => known,
            Err(error) => return (Reply::Failed { failed: error.failure() }.into(), Some(state)),
        };
        match transaction.judge(context, &mut state, &known, attempt).await {
            // The entry may be the one whose acknowledgement was lost.
            Verdict::Repeated(accepted) => {
                return (Reply::Accepted { accepted, repeated: lost == 0 }.into(), Some(state));
            }
            Verdict::End(end) => return (end, Some(state)),
            Verdict::Confirm(end) => match Box::pin(confirm(context, &subject, state.tail(), &known)).await {
                Ok(true) => return (end, Some(state)),
                Ok(false) => {}
                Err(failed) => return (Reply::Failed { failed }.into(), Some(state)),
            },
            Verdict::Again => {}
            // It is not in the log, and the log says nothing.
            Verdict::Append(..) if lost == LOST => return (silent().into(), Some(state)),
            Verdict::Append(decided, pending) => {
                let (entry, payload) = match written(context, transaction, &subject, &state, decided).await {
                    Ok(written) => written,
                    Err(failed) => return (Reply::Failed { failed }.into(), Some(state)),
                };
                let request = transaction.request();
                fail_point!("command::before-append");
                let expect = Expect::after(state.tail().map(|tail| tail.position));
                let (trace, by) = (request.trace.cloned(), Some(request.by.clone()));
                let append = context.log.append(&subject, expect, Draft { payload: payload.clone(), trace, by });
                match append.instrument(tracing::info_span!("append")).await {
                    Ok(position) => {
                        fail_point!("command::after-append");
                        let tail = Tail::of(position, &payload, entry.version);
                        return (transaction.appended(&mut state, pending, &entry, tail), Some(state));
                    }
                    Err(AppendError::Conflict) => metrics::conflicted(),
                    Err(AppendError::Unknown { source }) => {
                        // The id of an agent or a customer is not for a log of operations.
                        let of = if let Subject::Case(id) = subject { id.to_string() } else { String::new() };
                        let kind = subject.kind().as_str();
                        tracing::warn!(kind, of, %source, "an acknowledgement was lost; looking at {kind} {of}: {source}");
                        lost += 1;
                    }
                    Err(error @ AppendError::Unavailable { .. }) => {
                        return (failed(FailureCode::LogUnavailable, &error, true).into(), Some(state));
                    }
                }
                context.back_off(attempt).await;
            }
        }
        at_hand = Some(state);
    }
    let message = transaction.too_busy();
    (Reply::Failed { failed: Failure { code: FailureCode::Overloaded, message, retryable: true } }.into(), None)
}

/// Whether an aggregate and the policy are still as they are known, as the log's leader says. If not, what is known is
/// stale; a newer policy is known then.
pub(crate) async fn confirm<L: EventLog>(
    context: &Context<L>,
    subject: &Subject,
    tail: Option<Tail>,
    known: &KnownPolicies,
) -> Result<bool, Failure> {
    let unavailable = |error: &docket_eventlog::ReadError| failure(FailureCode::LogUnavailable, error, true);
    let (last, is_policy_current) = futures::join!(context.log.last_of(subject), context.policies.is_current(known));
    let is_policy_current = is_policy_current.map_err(|error| unavailable(&error))?;
    if !is_policy_current {
        context.policies.refresh().await.map_err(|error| error.failure())?;
    }
    Ok(is_policy_current && last.map_err(|error| unavailable(&error))? == tail.map(|tail| tail.position))
}

/// The key of an aggregate, on disk before anything is sealed with it. An aggregate gets one with the first entry that is
/// sealed, and another one once that was destroyed.
async fn key_of<L: EventLog>(context: &Context<L>, state: &impl State) -> Result<DataKey, Failure> {
    let known = match state.key() {
        Some(id) => context.keys.get(id).await.map_err(|error| without_keys(&error))?,
        None => None,
    };
    match known {
        Some(key) => Ok(key),
        None => context.keys.fresh().await.map_err(|error| without_keys(&error)),
    }
}

/// Writes a decision down as an entry, with what is personal sealed.
async fn written<L: EventLog, T: Transaction<L>>(
    context: &Context<L>,
    transaction: &T,
    subject: &Subject,
    state: &T::State,
    decided: Decided<T::Event>,
) -> Result<(Entry<T::Event>, Bytes), Failure> {
    let key = if transaction.is_sealed() { Some(key_of(context, state).await?) } else { None };
    let (request, random) = (transaction.request(), (context.environment.random)());
    let mut entry = entry(subject, &request, state.tail(), decided, random, key.as_ref());
    let unwritten = |error: &dyn std::error::Error| failure(FailureCode::LogUnavailable, error, false);
    if let Some(key) = &key {
        docket_keyring::seal(&mut entry, key, context.keys.random()).map_err(|error| unwritten(&*error))?;
    }
    let payload = entry.encode().map_err(|error| unwritten(&error))?;
    Ok((entry, Bytes::from(payload)))
}

/// The entry of a decision. Its moment is not before that of the entry before it: the decision has seen to that.
fn entry<E>(
    subject: &Subject,
    request: &Request<'_>,
    tail: Option<Tail>,
    decided: Decided<E>,
    random: [u8; 16],
    key: Option<&DataKey>,
) -> Entry<E> {
    let salt = Salt::new(random);
    let (digest, message) = match key {
        Some(key) => request.digests(&key.keyed(&salt)),
        None => request.digests(&salt),
    };
    let Decided { at, is_backdated, policy, wake_at, events } = decided;
    let before = tail.map_or(Version(0), |tail| tail.version);
    Entry {
        v: FORMAT_VERSION,
        id: request.id.clone(),
        verb: request.verb.to_owned(),
        kind: subject.kind(),
        of: subject.id(),
        at,
        backdated: Some(is_backdated),
        by: request.by.clone(),
        on_behalf_of: request.on_behalf_of.cloned(),
        via: request.via,
        policy,
        version: Version(before.get().saturating_add(u32::try_from(events.len()).unwrap_or(u32::MAX))),
        request: digest,
        message: Some(message),
        sent_to: request.sent_to,
        prev: tail.map(|tail| tail.digest),
        wake_at,
        salt,
        key: key.map(|key| key.id().clone()),
        events,
    }
}

/// What was sent may still get into the log; a sender who sends the command again is told.
fn silent() -> Reply {
    let message = "the log does not acknowledge what it is sent; send the command again, with the same id".to_owned();
    Reply::Failed { failed: Failure { code: FailureCode::LogUnavailable, message, retryable: true } }
}
