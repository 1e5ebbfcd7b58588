//! A case with what people said of it, read from the log: what decides does not hold that.

use docket_domain::case::CaseHistory;
use docket_eventlog::{EventLog, Recorded, Tail, follow};
use docket_messages::{CaseId, Failure, FailureCode};

use super::aggregate::{Unreadable, entries_to_end};
use crate::answers::failure;
use crate::context::Context;

/// Reads a case whole, with everything that the log's leader had of it when this began.
///
/// # Errors
/// That the log cannot be read, or one of its entries cannot.
pub(super) async fn read_history<L: EventLog>(context: &Context<L>, id: CaseId) -> Result<CaseHistory, Failure> {
    let folded = fold_history(id, &entries_to_end(context, id).await?);
    folded.map(|(history, _)| history).map_err(|error| failure(FailureCode::LogUnreadable, &error, false))
}

/// Folds the entries of a case's subject; with the end of its chain.
///
/// # Errors
/// [`Unreadable`] when one of them cannot follow the ones before it.
pub(super) fn fold_history(id: CaseId, entries: &[Recorded]) -> Result<(CaseHistory, Option<Tail>), Unreadable> {
    let (mut history, mut tail) = (CaseHistory::default(), None);
    for recorded in entries {
        let (entry, next) = follow(recorded, tail)?;
        history.fold(id, &entry).map_err(|error| Unreadable::at(recorded, error.message))?;
        tail = Some(next);
    }
    Ok((history, tail))
}
