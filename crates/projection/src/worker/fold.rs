//! The second stage: gathers entries and folds them into batches of rows.

use std::time::Duration;

use docket_messages::{Position, Timestamp};
use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::{Batches, Folded, ReadChunk};
use crate::batch::{Batch, ReadEntry};
use crate::cache::Cache;
use crate::calendars::Calendars;
use crate::load::load;
use crate::models::days::DayZone;
use crate::settings::{Applied, Settings};
use crate::{ProjectionError, identity};

/// Folds entries into batches. What a case's rows are is known from the cache, or loaded.
pub(super) struct Folder {
    pool: PgPool,
    cache: Cache,
    calendars: Calendars,
    /// A batch takes no more when it has so many entries.
    most: usize,
    /// How long entries gather between two batches.
    pace: Duration,
    /// The position of the last entry that was folded.
    position: Position,
    /// Entries of the next batch. Kept from batch to batch, so that its memory is.
    gathered: Vec<ReadEntry>,
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
        let most = settings.batch.max(1);
        // The cases of a batch that is not written yet must not be loaded. They are the last ones used, so a cache
        // of this size holds them.
        let cache = Cache::new(settings.cases.max(settings.unwritten()));
        let calendars = Calendars::load(&pool, settings.zones.clone()).await?;
        let pace = settings.pace;
        Ok(Self {
            pool,
            cache,
            calendars,
            most,
            pace,
            position,
            gathered: Vec::new(),
            next_batch: Instant::now(),
            free,
        })
    }

    /// How days are told apart.
    pub(super) fn reporting(&self) -> &DayZone {
        self.calendars.reporting()
    }

    /// Folds what is read until something is wrong. The error follows behind what was folded before it.
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
            let end = self.gather(read).await;
            if self.gathered.is_empty() {
                return end;
            }
            let (batch, end) = match self.fold(rows).await {
                Ok(batch) => (Some(batch), end),
                Err(ProjectionError::Poison { position, cause }) => {
                    (self.fold_before(position).await?, Err(ProjectionError::Poison { position, cause }))
                }
                Err(error) => return Err(error),
            };
            if let Some(batch) = batch
                && folded.send(Ok(batch)).await.is_err()
            {
                return Ok(());
            }
            end?;
        }
        Ok(())
    }

    /// Gathers the entries of a batch; the first after a quiet time goes at once. Gathers nothing when reading has
    /// ended, and tells the error that it ended with behind what came before it.
    async fn gather(&mut self, read: &mut mpsc::Receiver<ReadChunk>) -> Result<(), ProjectionError> {
        let Some(first) = read.recv().await else { return Ok(()) };
        self.gathered.extend(first?);
        while self.gathered.len() < self.most {
            let Ok(Some(more)) = timeout_at(self.next_batch, read.recv()).await else { break };
            self.gathered.extend(more?);
        }
        self.next_batch = Instant::now() + self.pace;
        Ok(())
    }

    async fn fold(&mut self, mut rows: Batch) -> Result<Folded, ProjectionError> {
        load(&self.pool, &Batch::missing(&self.gathered, &self.cache), &mut self.cache).await?;
        rows.fold(&self.gathered, &mut self.cache, &mut self.calendars)?;
        let from = self.position;
        let traced = self.gathered.iter_mut().filter_map(|entry| {
            let trace = entry.trace.take()?;
            Some(Applied { trace, position: entry.position, recorded_at: entry.recorded_at })
        });
        let traced = traced.collect();
        let first = self.gathered.first().filter(|first| first.position == Position(1));
        let (log, digest) = (first.map(|first| identity::digest(&first.payload)), String::new());
        let mut batch = Folded { from, last: from, recorded_at: Timestamp::EPOCH, log, digest, rows, traced };
        if let Some(last) = self.gathered.last() {
            (batch.last, batch.recorded_at) = (last.position, last.recorded_at);
            batch.digest = identity::digest(&last.payload);
        }
        self.position = batch.last;
        self.gathered.clear();
        self.cache.trim();
        Ok(batch)
    }

    /// Folds the gathered entries before one that cannot be applied, after a fold that was given up half-way and
    /// left its traces in rows and cache.
    async fn fold_before(&mut self, poison: Position) -> Result<Option<Folded>, ProjectionError> {
        self.gathered.retain(|entry| entry.position < poison);
        // When this batch is free everything before is written, and may be loaded.
        let Some(rows) = self.free.recv().await else { return Ok(None) };
        if self.gathered.is_empty() {
            return Ok(None);
        }
        self.cache.clear();
        self.fold(rows).await.map(Some)
    }
}
