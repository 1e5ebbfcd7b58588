//! An append on its way into the log.

use docket_eventlog::AppendError;
use docket_messages::{Position, PrincipalName};
use tokio::sync::oneshot;

use crate::publish::Message;

/// The most entries of a batch; the server takes 1,000.
pub(super) const BATCH_ENTRIES: usize = 1_000;

pub(super) type Outcome = Result<Position, AppendError>;

#[derive(Debug)]
pub(super) struct Append {
    pub message: Message,
    /// Who asked for it.
    pub by: Option<PrincipalName>,
    pub done: oneshot::Sender<Outcome>,
}

/// The caller may have gone away; the entry is in the log all the same.
pub(super) fn tell(done: oneshot::Sender<Outcome>, outcome: Outcome) {
    let _ = done.send(outcome);
}
