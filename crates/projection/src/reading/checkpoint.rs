//! How far the read models are, and how Postgres is.

use sqlx::FromRow;

use super::ReadModels;
use crate::ProjectionError;

/// How far the read models are, and how the worker is.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.position or of the checkpoint of the same name")]
pub struct Checkpoint {
    pub position: i64,
    pub lag_seconds: Option<f64>,
    pub halted_at: Option<i64>,
    pub halt_cause: Option<String>,
}

/// What Postgres says of itself.
#[derive(Debug, Clone)]
pub struct StoredHealth {
    /// Its version.
    pub version: String,
    /// Whether acknowledged transactions are on disk.
    pub is_durable: bool,
}

impl ReadModels {
    /// How far the read models are.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`], here and below, when they cannot be read.
    pub async fn checkpoint(&self) -> Result<Checkpoint, ProjectionError> {
        // An analyst sees the position and nothing else of it.
        let sees_all = sqlx::query_scalar("SELECT to_regclass('checkpoint') IS NOT NULL").fetch_one(&self.pool).await;
        let statement = if sees_all.map_err(ProjectionError::postgres("look for the checkpoint"))? {
            "SELECT p.position, p.lag_seconds, c.halted_at, c.halt_cause FROM position AS p, checkpoint AS c"
        } else {
            "SELECT position, lag_seconds, NULL::bigint AS halted_at, NULL::text AS halt_cause FROM position"
        };
        let row = sqlx::query_as(statement).fetch_one(&self.pool).await;
        row.map_err(ProjectionError::postgres("read the checkpoint"))
    }

    /// What Postgres says of itself.
    pub async fn health(&self) -> Result<StoredHealth, ProjectionError> {
        let statement = "SELECT current_setting('server_version'),
            current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'";
        let row: Result<(String, bool), _> = sqlx::query_as(statement).fetch_one(&self.pool).await;
        let (version, is_durable) = row.map_err(ProjectionError::postgres("read the settings of Postgres"))?;
        Ok(StoredHealth { version, is_durable })
    }
}
