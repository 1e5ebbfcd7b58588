//! The worker: follows the log from the checkpoint on, in three stages that run side by side. [`read`] decodes
//! entries, [`fold`] makes batches of rows of them, [`write`] writes one batch while the next is folded.

mod fold;
mod read;
mod write;

use std::fmt;
use std::time::{Duration, Instant};

use bytes::Bytes;
use docket_eventlog::EventLog;
use docket_messages::{Position, Timestamp};
use sqlx::PgPool;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinSet, block_in_place};

use crate::batch::{Batch, ReadEntry};
use crate::layout::Layout;
use crate::layout::generations::Generation;
use crate::progress::{Place, Progress};
use crate::rebuild::{Options, rebuild};
use crate::settings::{Applied, BATCHES, Settings};
use crate::stage::Stage;
use crate::store::Store;
use crate::{ProjectionError, identity, limits, migrate, schema};

/// The most stretches that wait between reading and folding.
const STRETCHES: usize = 32;

/// A batch takes no more when the payloads of its entries have so many bytes: entries are small as a rule, and memory is
/// bounded where they are not.
const BATCH_BYTES: usize = 64 << 20;

/// How often it is said how far tables that are filled anew are.
const TELL: Duration = Duration::from_secs(5);

/// How often a worker that stands looks whether it is to go on.
const HALTED: Duration = Duration::from_secs(1);

/// Entries that follow each other, or why nothing follows any more.
type ReadChunk = Result<Vec<ReadEntry>, ProjectionError>;

/// A batch on its way into the tables.
struct Folded {
    /// The position that it follows.
    from: Position,
    /// The position of its last entry.
    last: Position,
    /// How many it has.
    entries: usize,
    /// How many bytes their payloads have.
    bytes: usize,
    /// When the log took in its last entry.
    recorded_at: Timestamp,
    /// The digest of its first entry, if that is the first of the log: which log it is.
    log: Option<String>,
    /// What its last entry was read from.
    payload: Bytes,
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
    let postgres = schema::options(&settings.url)?;
    // Whatever becomes of the worker meanwhile; several instances that hold them do no harm.
    tokio::select! {
        ended = Box::pin(work(log, settings, progress)) => ended,
        never = limits::hold(&postgres, &settings.schema) => match never {},
    }
}

async fn work<L: EventLog>(
    log: L,
    settings: &Settings,
    progress: &watch::Sender<Progress>,
) -> Result<(), ProjectionError> {
    let live = match migrate(&settings.url, &settings.schema).await? {
        Layout::Live(live) => live,
        Layout::Newer => return Err(ProjectionError::Newer),
        Layout::Older => fill_anew(log.clone(), settings).await?,
    };
    // One connection for writing, one for loading; the worker's place has one of its own.
    let pool = schema::pool(&settings.url, &live.tables_of, 2).await?;
    let stands_by = |other_reports| {
        let place = if other_reports { Place::StandsBy } else { Place::Unknown };
        progress.send_if_modified(|p| std::mem::replace(&mut p.place, place) != place);
    };
    let mut store = Store::take_over(&pool, settings, &live, stands_by).await?;
    progress.send_modify(|p| p.place = Place::AtWork);
    let ended = Following { log, settings, pool: &pool, store: &mut store, progress }.follow(None).await;
    match ended {
        Err(error @ (ProjectionError::Poison { .. } | ProjectionError::OtherLog { .. })) => {
            stand(&mut store, &error, progress).await
        }
        ended => ended,
    }
}

/// Fills the tables anew, since those that are live are of another version of the code. They are shown until then, as
/// they are.
async fn fill_anew<L: EventLog>(log: L, settings: &Settings) -> Result<Generation, ProjectionError> {
    tracing::warn!(
        "this version of Docket keeps other tables; they are filled beside those that are shown, which stand still"
    );
    let mut told = Instant::now();
    let mut tell = |stage: Stage| {
        if !matches!(stage, Stage::Filling { .. }) || told.elapsed() >= TELL {
            told = Instant::now();
            tracing::info!("{stage}");
        }
    };
    let options = Options { waits: true, ..Options::default() };
    loop {
        match migrate(&settings.url, &settings.schema).await? {
            Layout::Live(live) => return Ok(live),
            Layout::Newer => return Err(ProjectionError::Newer),
            Layout::Older => {}
        }
        rebuild(log.clone(), settings, options.clone(), &mut tell).await?;
    }
}

/// Tables that follow the log from their checkpoint on.
pub(crate) struct Following<'f, L> {
    pub log: L,
    pub settings: &'f Settings,
    pub pool: &'f PgPool,
    pub store: &'f mut Store,
    pub progress: &'f watch::Sender<Progress>,
}

impl<L: EventLog> Following<'_, L> {
    /// Applies what follows the checkpoint: up to a position, or for ever. What comes before an entry that cannot be
    /// applied is applied.
    pub(crate) async fn follow(&mut self, until: Option<Position>) -> Result<(), ProjectionError> {
        let ended = self.follow_once(until).await;
        if let Err(ProjectionError::Poison { position, .. }) = &ended {
            let pending_since = self.progress.borrow().pending_since;
            // If it could be read and not folded, its batch was given up.
            self.follow_once(Some(position.previous())).await?;
            self.progress.send_modify(|p| p.pending_since = pending_since);
        }
        ended
    }

    async fn follow_once(&mut self, until: Option<Position>) -> Result<(), ProjectionError> {
        let Self { log, settings, pool, store, progress } = self;
        let (position, mut identity) = store.position().await?;
        progress.send_modify(|p| (p.position, p.read) = (position, position));
        if until.is_some_and(|until| position >= until) {
            return Ok(());
        }
        identity.log = identity::verify(log, position, &identity).await?;
        progress.send_modify(|p| p.identity = identity);
        tracing::info!(%position, "the projection follows the log from position {position}");

        let (written, free) = mpsc::channel(BATCHES);
        let folder = fold::Folder::new((*pool).clone(), settings, position, free).await?;
        store.keep_days_of(folder.reporting()).await?;
        // What waits between the stages is bounded, and so is memory.
        let (stretches, read) = mpsc::channel(STRETCHES);
        let (folded, to_write) = mpsc::channel(1);
        for _ in 0..BATCHES {
            let _ = written.try_send(Batch::new());
        }
        // They are ended with this function, if they have not ended before.
        let mut stages = JoinSet::new();
        let span = read::Span { after: position, until, most: settings.stretch() };
        stages.spawn(read::read(log.clone(), span, settings.keys.clone(), stretches, (*progress).clone()));
        stages.spawn(folder.run(read, folded));
        let written = write::write(store, to_write, written, progress, settings.traced.as_ref());
        tokio::select! {
            ended = written => ended?,
            other = identity::watch(log, progress) => return Err(other),
        }
        // When nothing more comes to be written, the other stages have ended, or are about to.
        let unfinished = |cause: &dyn fmt::Display| {
            let applied = progress.borrow().position;
            ProjectionError::Unfinished { applied, cause: cause.to_string() }
        };
        while let Some(ended) = stages.join_next().await {
            ended.map_err(|failed| unfinished(&failed))?;
        }
        // Where an entry is missing there is less than was asked for.
        if until.is_none() { Err(unfinished(&"the log was closed")) } else { Ok(()) }
    }
}

/// Work on so many entries keeps a processor busy for milliseconds.
const LONG: usize = 500;

/// Works on entries. Many of them would hold up what waits for the network on the same thread, answers of Postgres among
/// it; so that moves to another thread.
fn compute<T>(entries: usize, work: impl FnOnce() -> T) -> T {
    let is_long = entries >= LONG && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread;
    if is_long { block_in_place(work) } else { work() }
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
        | ProjectionError::Keys { .. }
        | ProjectionError::Dependents { .. }
        | ProjectionError::Standing { .. }
        | ProjectionError::HalfFilled { .. }
        | ProjectionError::Unfinished { .. }
        | ProjectionError::Switched
        | ProjectionError::Cancelled
        | ProjectionError::Newer
        | ProjectionError::Exists { .. }
        | ProjectionError::NothingKept
        | ProjectionError::NotComparable
        | ProjectionError::Differs { .. }
        | ProjectionError::Taken { .. }
        | ProjectionError::Log { .. }
        | ProjectionError::Replaced
        | ProjectionError::Overtaken { .. } => (progress.borrow().position, why.to_string()),
    };
    tracing::error!(%position, cause, "the projection stops at position {position}: {cause}");
    let pending_since = progress.borrow().pending_since;
    store.halt(position, &cause, pending_since).await?;
    progress.send_modify(|p| (p.halted, p.place) = (Some((position, cause)), Place::AtWork));
    // Until the read models are made anew.
    while store.is_halted().await? {
        tokio::time::sleep(HALTED).await;
    }
    Ok(())
}
