//! The worker: reads the log from the checkpoint on, and applies it batch by batch.

use std::time::Duration;

use docket_eventlog::{EventLog, Recorded, Subject};
use docket_messages::{Entry, Position};
use futures::StreamExt;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout_at};

use crate::batch::{Batch, ReadEntry};
use crate::cache::Cache;
use crate::schema::{self, Schema};
use crate::store::Store;
use crate::{ProjectionError, migrate};

/// The most stretches that wait between reading and writing.
const STRETCHES: usize = 32;

/// How long entries gather between two batches. A transaction for each entry would cost the log's disk more
/// than the entry itself.
const PACE: Duration = Duration::from_millis(100);

/// How the worker works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where Postgres is.
    pub url: String,
    /// The schemas.
    pub schema: Schema,
    /// The most entries of a batch.
    pub batch: usize,
    /// The most cases whose rows stay at hand.
    pub cases: usize,
}

impl Settings {
    /// The usual settings for a Postgres.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), schema: Schema::default(), batch: 4_000, cases: 50_000 }
    }
}

/// How far the worker is, for whoever watches it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The position of the last applied entry.
    pub position: Position,
    /// The entry that it stands at, and why.
    pub halted: Option<(Position, String)>,
}

/// A stretch of the log, as it was read.
struct Stretch {
    entries: Vec<ReadEntry>,
    /// The position of its last entry; of the one before it, when it has none.
    last: Position,
    /// Why reading ended after it.
    end: Option<ProjectionError>,
}

impl Stretch {
    /// Goes on with the stretch that follows.
    fn join(&mut self, more: Self) {
        self.entries.extend(more.entries);
        self.last = more.last;
        self.end = more.end;
    }
}

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
    let pool = schema::pool(&settings.url, &settings.schema, 1).await?;
    let mut store = Store::take_over(&pool).await?;
    let position = store.position().await?;
    progress.send_modify(|p| p.position = position);
    tracing::info!(%position, "the projection follows the log from position {position}");
    // Reading goes on while Postgres writes; what waits is bounded, and so is memory.
    let (stretches, read) = mpsc::channel(STRETCHES);
    let reader = Box::pin(read_log(log, position, settings.batch, stretches));
    let writer = Box::pin(write(&mut store, position, settings, read, progress));
    // The writer ends with what the reader ended with; a writer that fails leaves nothing to read for.
    let written = tokio::select! {
        written = writer => written,
        () = async { reader.await; std::future::pending().await } => Ok(()),
    };
    let Err(ProjectionError::Poison { position, cause }) = written else { return written };
    stand(&mut store, position, &cause, progress).await
}

/// Reads the log and decodes it. Ends with the first thing that is wrong.
async fn read_log<L: EventLog>(log: L, after: Position, batch: usize, stretches: mpsc::Sender<Stretch>) {
    let followed = log.follow(after).await;
    let mut chunks = match followed {
        Ok(entries) => entries.ready_chunks(batch / 8),
        Err(source) => {
            let end = Some(ProjectionError::Log { source });
            let stretch = Stretch { entries: Vec::new(), last: after, end };
            let _ = stretches.send(stretch).await;
            return;
        }
    };
    let mut last = after;
    while let Some(chunk) = chunks.next().await {
        let stretch = decode(chunk, last);
        last = stretch.last;
        let is_end = stretch.end.is_some();
        if stretches.send(stretch).await.is_err() || is_end {
            return;
        }
    }
}

fn decode(chunk: Vec<Result<Recorded, docket_eventlog::ReadError>>, after: Position) -> Stretch {
    let mut stretch = Stretch { entries: Vec::with_capacity(chunk.len()), last: after, end: None };
    for recorded in chunk {
        let recorded = recorded.map_err(|source| ProjectionError::Log { source });
        match recorded.and_then(|recorded| read_entry(&recorded, stretch.last)) {
            Ok(read) => {
                stretch.last = read.position;
                stretch.entries.push(read);
            }
            Err(end) => {
                stretch.end = Some(end);
                break;
            }
        }
    }
    stretch
}

fn read_entry(recorded: &Recorded, last: Position) -> Result<ReadEntry, ProjectionError> {
    let position = recorded.position;
    let poison = |cause: String| ProjectionError::Poison { position, cause };
    if position != last.next() {
        return Err(poison(format!("it follows position {last}: entries between them are missing")));
    }
    let entry = Entry::decode(&recorded.payload).map_err(|error| poison(error.to_string()))?;
    let subject = Subject::parse(&recorded.subject);
    let case = match subject {
        Some(Subject::Case(case)) => Some(case),
        Some(Subject::Policy) => None,
        None => return Err(poison(format!("the subject {} is not one of the log's", recorded.subject))),
    };
    let is_own = subject.is_some_and(|subject| subject.kind() == entry.kind && subject.id() == entry.of);
    if !is_own {
        return Err(poison(format!(
            "it is an entry of {} {} on the subject {}",
            entry.kind.as_str(),
            entry.of,
            recorded.subject
        )));
    }
    Ok(ReadEntry { position, recorded_at: recorded.recorded_at, case, entry, payload: recorded.payload.clone() })
}

/// Applies stretch after stretch, and reports once a second.
async fn write(
    store: &mut Store,
    from: Position,
    settings: &Settings,
    mut stretches: mpsc::Receiver<Stretch>,
    progress: &watch::Sender<Progress>,
) -> Result<(), ProjectionError> {
    let cases = settings.cases;
    let mut cache = Cache::new(cases);
    let mut batch = Batch::new();
    let mut position = from;
    // Kept from batch to batch, so that its memory is.
    let mut gathered = Stretch { entries: Vec::new(), last: from, end: None };
    let mut next_batch = Instant::now();
    let mut reports = tokio::time::interval(Duration::from_secs(1));
    loop {
        let stretch = tokio::select! {
            biased;
            stretch = stretches.recv() => stretch,
            _ = reports.tick() => {
                store.report(None).await?;
                continue;
            }
        };
        let Some(stretch) = stretch else { return Ok(()) };
        gathered.join(stretch);
        // The first entry after a quiet time is applied at once; under load, entries gather between batches.
        while gathered.end.is_none() && gathered.entries.len() < settings.batch {
            let Ok(Some(more)) = timeout_at(next_batch, stretches.recv()).await else { break };
            gathered.join(more);
        }
        next_batch = Instant::now() + PACE;
        if let Some(last) = gathered.entries.last() {
            // What waits behind these is younger than what is in them.
            let pending_since = (!stretches.is_empty()).then_some(last.recorded_at);
            match store.apply(position, &gathered.entries, pending_since, &mut batch, &mut cache).await {
                Ok(()) => {}
                Err(ProjectionError::Poison { position: at, cause }) => {
                    gathered.entries.retain(|entry| entry.position < at);
                    apply_alone(store, position, &gathered.entries, cases).await?;
                    return Err(ProjectionError::Poison { position: at, cause });
                }
                Err(error) => return Err(error),
            }
            position = gathered.last;
            progress.send_modify(|p| p.position = position);
            gathered.entries.clear();
            cache.trim();
        }
        if let Some(end) = gathered.end.take() {
            return Err(end);
        }
    }
}

/// Applies what comes before an entry that cannot be applied, after a fold that was given up half-way.
async fn apply_alone(
    store: &mut Store,
    from: Position,
    entries: &[ReadEntry],
    cases: usize,
) -> Result<(), ProjectionError> {
    if entries.is_empty() {
        return Ok(());
    }
    store.apply(from, entries, None, &mut Batch::new(), &mut Cache::new(cases)).await
}

/// Stands at an entry that cannot be applied, and says so. It no longer reports, so its lag is unknown.
async fn stand(
    store: &mut Store,
    position: Position,
    cause: &str,
    progress: &watch::Sender<Progress>,
) -> Result<(), ProjectionError> {
    tracing::error!(%position, cause, "the projection stops at position {position}: {cause}");
    store.halt(position, cause).await?;
    progress.send_modify(|p| p.halted = Some((position, cause.to_owned())));
    std::future::pending().await
}
