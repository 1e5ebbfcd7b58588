//! The second stage: gathers entries and folds them into batches of rows.

use bytes::Bytes;
use docket_messages::{Position, Timestamp};
use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::{BATCH_BYTES, Batches, Folded, ReadChunk, compute};
use crate::batch::{Batch, ReadEntry};
use crate::cache::Cache;
use crate::calendars::Calendars;
use crate::load::load;
use crate::models::days::DayZone;
use crate::settings::{Applied, PIECE, Settings};
use crate::{ProjectionError, identity};

/// Folds entries into batches. What a case's rows are is known from the cache, or loaded.
pub(super) struct Folder {
    pool: PgPool,
    cache: Cache,
    calendars: Calendars,
    settings: Settings,
    /// The position of the last entry that was folded.
    position: Position,
    /// Entries that are folded next. Kept, so that its memory is.
    gathered: Vec<ReadEntry>,
    /// What reading has ended with, if with an error.
    failed: Option<ProjectionError>,
    next_batch: Instant,
    /// Batches that are written and may be filled again.
    free: mpsc::Receiver<Batch>,
}

impl Folder {
    pub(super) async fn new(
        pool: PgPool,
        settings: &Settings,
        position: Position,
        free: mpsc::Receiver<Batch>,
    ) -> Result<Self, ProjectionError> {
        // The cases of a batch that is not written yet must not be loaded. They are the last ones used, so a cache
        // of this size holds them.
        let cache = Cache::new(settings.cases.max(settings.unwritten()));
        let calendars = Calendars::load(&pool, settings.zones.clone()).await?;
        Ok(Self {
            pool,
            cache,
            calendars,
            settings: settings.clone(),
            position,
            gathered: Vec::new(),
            failed: None,
            next_batch: Instant::now(),
            free,
        })
    }

    /// How days are told apart.
    pub(super) fn reporting(&self) -> &DayZone {
        self.calendars.reporting()
    }

    /// Folds what is read until something is wrong. What reading ended with follows behind what was folded before it.
    /// When an entry cannot be folded, the batch that it is in is given up.
    pub(super) async fn run(mut self, mut read: mpsc::Receiver<ReadChunk>, folded: Batches) {
        if let Err(end) = Box::pin(self.fold_all(&mut read, &folded)).await {
            let _ = folded.send(Err(end)).await;
        }
    }

    /// Ends well when the stages beside this one are gone; they say why.
    async fn fold_all(
        &mut self,
        read: &mut mpsc::Receiver<ReadChunk>,
        folded: &Batches,
    ) -> Result<(), ProjectionError> {
        while let Some(rows) = self.free.recv().await {
            let mut batch = Folded::begin(self.position, rows);
            self.fill(&mut batch, read).await?;
            let is_over = batch.is_empty();
            if !is_over {
                compute(batch.entries, || batch.rows.finish(&mut self.cache));
                self.position = batch.last;
                self.cache.trim();
                if folded.send(Ok(batch)).await.is_err() {
                    return Ok(());
                }
            }
            if let Some(failed) = self.failed.take() {
                return Err(failed);
            }
            if is_over {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Fills a batch; the first entries after a quiet time go at once. It stays empty when reading has ended.
    async fn fill(&mut self, batch: &mut Folded, read: &mut mpsc::Receiver<ReadChunk>) -> Result<(), ProjectionError> {
        while batch.entries < self.settings.batch.max(1) && batch.bytes < BATCH_BYTES && self.failed.is_none() {
            let next = if batch.is_empty() {
                read.recv().await
            } else {
                let Ok(next) = timeout_at(self.next_batch, read.recv()).await else { break };
                next
            };
            let Some(next) = next else { break };
            self.gather(next);
            while self.gathered.len() < PIECE
                && let Ok(more) = read.try_recv()
            {
                self.gather(more);
            }
            load(&self.pool, &Batch::missing(&self.gathered, &self.cache), &mut self.cache).await?;
            let entries = self.gathered.len();
            compute(entries, || batch.fold(&mut self.gathered, &mut self.cache, &mut self.calendars))?;
        }
        self.next_batch = Instant::now() + self.settings.pace_behind(batch.entries);
        Ok(())
    }

    fn gather(&mut self, read: ReadChunk) {
        match read {
            Ok(entries) => self.gathered.extend(entries),
            Err(failed) => self.failed = Some(failed),
        }
    }
}

impl Folded {
    /// A batch that is empty.
    fn begin(after: Position, rows: Batch) -> Self {
        let (recorded_at, payload) = (Timestamp::EPOCH, Bytes::new());
        Self {
            from: after,
            last: after,
            entries: 0,
            recorded_at,
            bytes: 0,
            log: None,
            payload,
            rows,
            traced: Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Folds entries, and forgets them.
    fn fold(
        &mut self,
        entries: &mut Vec<ReadEntry>,
        cache: &mut Cache,
        calendars: &mut Calendars,
    ) -> Result<(), ProjectionError> {
        self.rows.fold(entries, cache, calendars)?;
        if let Some(first) = entries.first().filter(|first| first.position == Position(1)) {
            self.log = Some(identity::digest(&first.payload));
        }
        if let Some(last) = entries.last() {
            (self.last, self.recorded_at) = (last.position, last.recorded_at);
            self.payload = last.payload.clone();
        }
        self.entries += entries.len();
        self.bytes += entries.iter().map(|entry| entry.payload.len()).sum::<usize>();
        self.traced.extend(entries.drain(..).filter_map(|entry| {
            Some(Applied { trace: entry.trace?, position: entry.position, recorded_at: entry.recorded_at })
        }));
        Ok(())
    }
}
