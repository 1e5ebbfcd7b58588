//! The third stage: writes batches into the tables, and reports once a second.

use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::Folded;
use crate::ProjectionError;
use crate::batch::Batch;
use crate::identity::{self, Identity};
use crate::progress::Progress;
use crate::settings::Applied;
use crate::store::{Move, Store};

/// Writes batch after batch, until what comes is why none comes any more.
pub(super) async fn write(
    store: &mut Store,
    mut folded: mpsc::Receiver<Result<Folded, ProjectionError>>,
    written: mpsc::Sender<Batch>,
    progress: &watch::Sender<Progress>,
    hears: Option<&mpsc::Sender<Applied>>,
) -> Result<(), ProjectionError> {
    let mut reports = tokio::time::interval(Duration::from_secs(1));
    loop {
        let batch = tokio::select! {
            biased;
            batch = folded.recv() => batch,
            _ = reports.tick() => {
                let (position, pending_since) = {
                    let progress = progress.borrow();
                    (progress.position, progress.pending_since)
                };
                store.report(position, pending_since).await?;
                continue;
            }
        };
        let Some(batch) = batch else { return Ok(()) };
        let Folded { from, last, recorded_at, log, payload, mut rows, traced, .. } = batch?;
        // What was read behind these is younger than what is in them.
        let pending = |read| (read > last).then_some(recorded_at);
        let pending_since = pending(progress.borrow().read);
        let log = log.or_else(|| progress.borrow().identity.log.clone());
        let identity = Identity { log, digest: Some(identity::digest(&payload)) };
        let to = Move { from, last, recorded_at, pending_since, identity: identity.clone() };
        store.apply(&mut rows, to).await?;
        progress.send_modify(|p| (p.position, p.pending_since, p.identity) = (last, pending(p.read), identity));
        if let Some(hears) = hears {
            // Traces are not worth waiting for.
            traced.into_iter().for_each(|applied| drop(hears.try_send(applied)));
        }
        // The stage before may have ended; what it passed on last is why.
        let _ = written.send(rows).await;
    }
}
