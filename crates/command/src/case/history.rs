//! A case with what people said of it, read from the log: what decides does not hold that.

use docket_domain::case::CaseHistory;
use docket_eventlog::{EventLog, Recorded, Subject, Tail, follow};
use docket_messages::{CaseId, Failure, FailureCode};

use super::aggregate::Unreadable;
use crate::answers::failure;
use crate::context::Context;

/// How often the log is read until it shows what its leader has.
const READS: u32 = 20;

/// Reads a case whole, up to what the leader of the log has for its last entry.
///
/// # Errors
/// That the log cannot be read, or one of its entries cannot.
pub(super) async fn read_history<L: EventLog>(context: &Context<L>, id: CaseId) -> Result<CaseHistory, Failure> {
    let subject = Subject::Case(id);
    let unavailable = |error: &dyn std::error::Error| failure(FailureCode::LogUnavailable, error, true);
    let last = context.log.last_of(&subject).await.map_err(|error| unavailable(&error))?;
    for attempt in 0..READS {
        let entries = context.log.read_subject(&subject, None).await.map_err(|error| unavailable(&error))?;
        if entries.last().map(|entry| entry.position) >= last {
            let folded = fold_history(id, &entries);
            return folded.map(|(history, _)| history).map_err(|e| failure(FailureCode::LogUnreadable, &e, false));
        }
        context.back_off(attempt).await;
    }
    let message = format!("the case {id} could not be read up to its end; send the command again");
    Err(Failure { code: FailureCode::LogUnavailable, message, retryable: true })
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
