//! How far the log is sealed, as whoever reads the read models sees it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use docket_messages::Position;
use sqlx::FromRow;

use super::ReadModels;
use crate::ProjectionError;

/// A row of `docket.seals`.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.seals of the same name")]
pub struct SealRow {
    pub position: i64,
    pub root: String,
    pub sealed_at: DateTime<Utc>,
    pub checkpoint: String,
}

/// How often is looked for a newer seal.
const PAUSE: Duration = Duration::from_millis(100);

impl ReadModels {
    /// The newest seal. If it is of fewer entries than these, one that is of as many is waited for, but no longer than so long.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`].
    pub async fn sealed(&self, position: Position, at_most: Duration) -> Result<Option<SealRow>, ProjectionError> {
        let until = tokio::time::Instant::now() + at_most;
        let newest =
            "SELECT position, root, sealed_at, checkpoint FROM seals ORDER BY sealed_at DESC, position DESC LIMIT 1";
        loop {
            let row: Option<SealRow> = sqlx::query_as(newest)
                .fetch_optional(&self.pool)
                .await
                .map_err(ProjectionError::postgres("look for the newest seal"))?;
            let is_behind = |row: &SealRow| u64::try_from(row.position).unwrap_or(0) < position.get();
            if !row.as_ref().is_some_and(is_behind) || tokio::time::Instant::now() >= until {
                return Ok(row);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
