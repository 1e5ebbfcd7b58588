//! A case with what people said of it, read from the log: what decides does not hold that.

use std::collections::BTreeSet;

use docket_domain::case::CaseHistory;
use docket_eventlog::{EventLog, Recorded, Tail, follow};
use docket_keyring::Brought;
use docket_messages::{CaseEntry, CaseId, Failure, FailureCode, KeyId};

use super::aggregate::{Unreadable, entries_to_end};
use crate::answers::{failure, without_keys};
use crate::context::Context;

/// Reads a case whole, with everything that the log's leader had of it when this began.
///
/// # Errors
/// That the log cannot be read, or one of its entries cannot.
pub(super) async fn read_history<L: EventLog>(context: &Context<L>, id: CaseId) -> Result<CaseHistory, Failure> {
    let entries = entries_to_end(context, id).await?;
    let keys = keys_of(context, &entries).await?;
    let folded = fold_history(id, &entries, &keys);
    folded.map(|(history, _)| history).map_err(|error| failure(FailureCode::LogUnreadable, &error, false))
}

/// The ids of the keys of what is personal in the entries of a case.
#[must_use]
pub fn key_ids(entries: &[Recorded]) -> BTreeSet<KeyId> {
    // What cannot be read is left to the fold, which says so.
    entries.iter().filter_map(|recorded| CaseEntry::decode(&recorded.payload).ok()?.key).collect()
}

/// The keys of what is personal in the entries of a case.
///
/// # Errors
/// That they cannot be had.
pub(crate) async fn keys_of<L: EventLog>(context: &Context<L>, entries: &[Recorded]) -> Result<Brought, Failure> {
    context.keys.bring(key_ids(entries)).await.map_err(|error| without_keys(&error))
}

/// Folds the entries of a case's subject; with the end of its chain. What is sealed with none of the keys stays so.
///
/// # Errors
/// [`Unreadable`] when one of them cannot follow the ones before it.
pub(super) fn fold_history(
    id: CaseId,
    entries: &[Recorded],
    keys: &Brought,
) -> Result<(CaseHistory, Option<Tail>), Unreadable> {
    let (mut history, mut tail) = (CaseHistory::default(), None);
    for recorded in entries {
        let (mut entry, next) = follow(recorded, tail)?;
        docket_keyring::open(&mut entry, keys).map_err(|error| Unreadable::at(recorded, error.to_string()))?;
        history.fold(id, &entry).map_err(|error| Unreadable::at(recorded, error.message))?;
        tail = Some(next);
    }
    Ok((history, tail))
}
