//! What a parent passes on, child by child.
//!
//! Nothing is remembered here. The parent's log says what is being passed on and to how many children, and the ids of
//! the commands follow from it; so the command itself, a repeat of it, or a tick tells all of
//! them, and those that were told answer as before.

use docket_domain::case::{Case, PassOn};
use docket_eventlog::{EventLog, Subject};
use docket_messages::{CaseEntry, CaseEvent, CaseId, OnBehalfOf, PrincipalName, Reply};
use futures::{StreamExt, stream};

use super::aggregate::Aggregate;
use super::history::keys_of;
use crate::ask::{ask, ask_for};
use crate::context::Context;
use crate::shards::{RetryPolicy, ShardRouter};

/// Children that are told at once: enough to fill a batch of the log, and few beside what others have in flight.
const AT_ONCE: usize = 128;

/// Passes on what a parent has to pass on, oldest first, until nothing is left. When the service stops meanwhile, a
/// tick takes it up again.
pub(crate) async fn pass_on<L: EventLog>(context: &Context<L>, shards: &ShardRouter, parent: CaseId) {
    if !context.parents_at_work.begin(parent) {
        return;
    }
    loop {
        let passed = pass_on_next(context, shards, parent).await;
        let is_more = passed.unwrap_or_else(|cause| {
            tracing::error!(case.id = %parent, "could not forward an event of case {parent} to its children; trying again: {cause}");
            false
        });
        if !is_more && context.parents_at_work.end(parent) {
            return;
        }
    }
}

/// Passes on one thing; false when there is none, or the service stops.
async fn pass_on_next<L: EventLog>(context: &Context<L>, shards: &ShardRouter, parent: CaseId) -> Result<bool, String> {
    let entries = context.log.read_subject(&Subject::Case(parent), None).await.map_err(|error| error.to_string())?;
    let aggregate = Aggregate::fold(parent, &entries).map_err(|error| error.to_string())?;
    let Some(case) = aggregate.case() else { return Ok(false) };
    let Some(passing) = case.next_passing() else { return Ok(false) };
    let keys = keys_of(context, &entries).await.map_err(|failed| failed.to_string())?;
    let payloads = entries.iter().map(|recorded| CaseEntry::decode(&recorded.payload));
    let opened = payloads.filter_map(Result::ok).filter_map(|mut entry| {
        docket_keyring::open(&mut entry, &keys).ok()?;
        Some(entry)
    });
    let happened = { opened }.find_map(|entry| Happened::of(entry, passing));
    let happened = happened.ok_or_else(|| format!("there is no event of version {}", passing.of))?;
    let Some((taken, refused)) = tell_all(shards, case, passing, &happened).await else { return Ok(false) };
    let (settle, id) = case.settle_passing(passing.of, taken, refused);
    match ask(shards, settle, &id, RetryPolicy::UntilDecided).await {
        Some(Reply::Accepted { .. }) => Ok(true),
        Some(Reply::Rejected { rejected }) => Err(rejected.to_string()),
        Some(Reply::Failed { failed }) => Err(failed.to_string()),
        None => Ok(false),
    }
}

/// Tells the children, and counts those that took it over and those that did not; none when the service stops.
async fn tell_all(shards: &ShardRouter, case: &Case, passing: PassOn, happened: &Happened) -> Option<(u32, u32)> {
    let count = usize::try_from(passing.children).unwrap_or(usize::MAX);
    let told = stream::iter(case.children.iter().take(count).copied()).map(|child| {
        let (command, id) = case.pass_to(child, passing.of, happened.event.clone());
        let by = happened.by.clone();
        async move { ask_for(shards, command, &id, by).await }
    });
    let mut told = told.buffer_unordered(AT_ONCE);
    let (mut taken, mut refused) = (0_u32, 0_u32);
    while let Some(reply) = told.next().await {
        match reply {
            Some(Reply::Accepted { .. }) => taken += 1,
            // It is over, or a rule of its own forbids it: the parent has no say in that.
            Some(Reply::Rejected { .. }) => refused += 1,
            // One that cannot be read must not keep the others from being told.
            Some(Reply::Failed { failed }) if !failed.retryable => {
                tracing::error!(case.id = %case.id, "could not notify a child of case {}, which now counts as refused: {failed}", case.id);
                refused += 1;
            }
            // The service is stopping.
            Some(Reply::Failed { .. }) | None => return None,
        }
    }
    Some((taken, refused))
}

/// What happened to the parent.
struct Happened {
    event: CaseEvent,
    /// Who did it, unless Docket did by itself: an answer that the children's customers get is theirs.
    by: Option<OnBehalfOf>,
}

impl Happened {
    /// The event that is passed on, if the entry has it.
    fn of(entry: CaseEntry, passing: PassOn) -> Option<Self> {
        let count = u32::try_from(entry.events.len()).ok()?;
        let first = entry.version.get().checked_sub(count)?.checked_add(1)?;
        let index = usize::try_from(passing.of.get().checked_sub(first)?).ok()?;
        let sender = Some(&entry.by).filter(|by| **by != PrincipalName::system());
        let by = entry.on_behalf_of.or_else(|| OnBehalfOf::parse(sender?.as_str()).ok());
        Some(Self { event: entry.events.into_iter().nth(index)?, by })
    }
}
