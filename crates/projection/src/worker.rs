//! The worker: follows the log from the checkpoint on, in three stages that run side by side. [`read`] decodes
//! entries, [`fold`] makes batches of rows of them, [`write`] writes one batch while the next is folded.

mod fold;
mod read;
mod write;

use std::time::Duration;

use docket_eventlog::{EventLog, TraceParent};
use docket_messages::{Position, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::batch::{Batch, ReadEntry};
use crate::identity::{self, Identity};
use crate::schema::{self, Schema};
use crate::store::Store;
use crate::{ProjectionError, migrate};

/// The most stretches that wait between reading and folding.
const STRETCHES: usize = 32;

/// The batches that there are: one is folded while the other is written. A case that neither of them holds is in
/// the tables as the log left it, which is what loading relies on.
const BATCHES: usize = 2;

/// How often a worker that stands looks whether it is to go on.
const HALTED: Duration = Duration::from_secs(1);

/// How the worker works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where Postgres is.
    pub url: String,
    /// The schemas.
    pub schema: Schema,
    /// A batch takes no more when it has so many entries.
    pub batch: usize,
    /// The most cases whose rows stay at hand; at least those of two batches do.
    pub cases: usize,
    /// Is told of applied entries that are part of a trace. When it is too slow, the newest are dropped.
    pub traced: Option<mpsc::Sender<Applied>>,
}

/// An entry of a trace that the read models show now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The trace of its command.
    pub trace: TraceParent,
    /// Its position.
    pub position: Position,
    /// When the log took it in.
    pub recorded_at: Timestamp,
}

impl Settings {
    /// The usual settings for a Postgres.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), schema: Schema::default(), batch: 4_000, cases: 50_000, traced: None }
    }
}

impl Settings {
    /// The most entries that are read at once.
    fn stretch(&self) -> usize {
        (self.batch / 8).max(1)
    }

    /// The most entries of all batches together: each may be overrun by a stretch.
    fn unwritten(&self) -> usize {
        BATCHES * (self.batch.max(1) + self.stretch())
    }
}

/// How far the worker is, for those who watch it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The position of the last applied entry.
    pub position: Position,
    /// The position of the last entry that was read.
    pub read: Position,
    /// When the log took in the oldest entry that was read and is not applied, or one shortly before it.
    pub pending_since: Option<Timestamp>,
    /// The entry that it stands at, and why.
    pub halted: Option<(Position, String)>,
    /// Whether it is its turn to work.
    pub place: Place,
    /// Which log it is of, and the digest of the last applied entry.
    pub identity: Identity,
}

/// Of several workers one is at work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Place {
    /// It has not asked yet, or the place is held by a worker that does not report.
    #[default]
    Unknown,
    /// Another worker is at work and reports.
    StandsBy,
    /// This one is at work.
    AtWork,
}

/// Entries that follow each other, or why nothing follows any more.
type ReadChunk = Result<Vec<ReadEntry>, ProjectionError>;

/// A batch on its way into the tables.
struct Folded {
    /// The position that it follows.
    from: Position,
    /// The position of its last entry.
    last: Position,
    /// When the log took in its last entry.
    recorded_at: Timestamp,
    /// The digest of its first entry, if that is the first of the log: which log it is.
    log: Option<String>,
    /// The digest of its last entry.
    digest: String,
    rows: Batch,
    /// Those of its entries that are part of a trace.
    traced: Vec<Applied>,
}

/// Where batches go, or why no more of them come.
type Batches = mpsc::Sender<Result<Folded, ProjectionError>>;

/// Brings the schemas up to date, waits for the worker's place, and then follows the log until it fails. An
/// entry that cannot be applied is reported, and the worker stands there until it is started again.
///
/// # Errors
/// [`ProjectionError`]: when Postgres or the log is gone, or another worker has taken over. Starting again is
/// safe at any time: the checkpoint is in the same transaction as the rows.
pub async fn run<L: EventLog>(
    log: L,
    settings: &Settings,
    progress: &watch::Sender<Progress>,
) -> Result<(), ProjectionError> {
    migrate(&settings.url, &settings.schema).await?;
    // One connection for writing, one for loading; the worker's place has one of its own.
    let pool = schema::pool(&settings.url, &settings.schema, 2).await?;
    let stands_by = |other_reports| {
        let place = if other_reports { Place::StandsBy } else { Place::Unknown };
        progress.send_if_modified(|p| std::mem::replace(&mut p.place, place) != place);
    };
    let mut store = Store::take_over(&pool, settings, stands_by).await?;
    let (position, mut identity) = store.position().await?;
    progress.send_modify(|p| (p.position, p.read, p.place) = (position, position, Place::AtWork));
    match identity::verify(&log, position, &identity).await {
        Ok(which) => identity.log = which,
        Err(other @ ProjectionError::OtherLog { .. }) => return stand(&mut store, &other, progress).await,
        Err(error) => return Err(error),
    }
    progress.send_modify(|p| p.identity = identity);
    tracing::info!(%position, "the projection follows the log from position {position}");

    // What waits between the stages is bounded, and so is memory.
    let (stretches, read) = mpsc::channel(STRETCHES);
    let (folded, to_write) = mpsc::channel(1);
    let (written, free) = mpsc::channel(BATCHES);
    for _ in 0..BATCHES {
        let _ = written.try_send(Batch::new());
    }
    // They end with this function, however it ends.
    let (mut stages, watched) = (JoinSet::new(), log.clone());
    stages.spawn(read::read(log, position, settings.stretch(), stretches, progress.clone()));
    stages.spawn(fold::Folder::new(pool, settings, position, free).run(read, folded));
    let written = write::write(&mut store, to_write, written, progress, settings.traced.as_ref());
    let ended = tokio::select! {
        ended = written => ended,
        other = identity::watch(&watched, progress) => Err(other),
    };
    match ended {
        Err(error @ (ProjectionError::Poison { .. } | ProjectionError::OtherLog { .. })) => {
            stand(&mut store, &error, progress).await
        }
        ended => ended,
    }
}

/// Stands where nothing can be applied, and says why. It no longer reports, so its lag is unknown.
async fn stand(
    store: &mut Store,
    why: &ProjectionError,
    progress: &watch::Sender<Progress>,
) -> Result<(), ProjectionError> {
    let (position, cause) = match why {
        ProjectionError::Poison { position, cause } => (*position, cause.clone()),
        ProjectionError::OtherLog { position, .. } => (*position, why.to_string()),
        ProjectionError::Postgres { .. }
        | ProjectionError::Migrate { .. }
        | ProjectionError::Taken { .. }
        | ProjectionError::Log { .. }
        | ProjectionError::Replaced
        | ProjectionError::Overtaken { .. } => (progress.borrow().position, why.to_string()),
    };
    tracing::error!(%position, cause, "the projection stops at position {position}: {cause}");
    store.halt(position, &cause).await?;
    progress.send_modify(|p| p.halted = Some((position, cause)));
    // Until the read models are made anew.
    while store.is_halted().await? {
        tokio::time::sleep(HALTED).await;
    }
    Ok(())
}
