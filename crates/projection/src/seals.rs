//! The seals of the log beside the read models: `docket_access.seals`, which outlives a rebuild. So whoever puts an old log
//! back, seals included, meets what was said of the later one.

use docket_messages::{Position, Timestamp};
use sqlx::PgPool;

use crate::ProjectionError;
use crate::schema::{self, Schema};

/// A seal of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Its place among the seals.
    pub number: u64,
    /// The position up to which the log was sealed.
    pub position: Position,
    /// The root, base64.
    pub root: String,
    /// When the server took it in.
    pub sealed_at: Timestamp,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// Where seals are kept.
#[derive(Debug)]
pub struct SealTable {
    pool: PgPool,
    table: String,
}

impl SealTable {
    /// Opens it. The table is there once the schemas were brought up to date.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`], here and below.
    pub async fn open(url: &str, schema: &Schema) -> Result<Self, ProjectionError> {
        let pool = schema::pool(url, &schema.search_path(), 1).await?;
        Ok(Self { pool, table: format!("{}.seals", schema.access) })
    }

    /// The number of the last one of a log; 0 if there is none.
    ///
    /// # Errors
    /// See above.
    pub async fn last_of(&self, origin: &str) -> Result<u64, ProjectionError> {
        let last = format!("SELECT coalesce(max(number), 0) FROM {} WHERE origin = $1", self.table);
        let last: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(last))
            .bind(origin)
            .fetch_one(&self.pool)
            .await
            .map_err(ProjectionError::postgres("look for the last seal"))?;
        Ok(u64::try_from(last).unwrap_or_default())
    }

    /// The signed checkpoints of the largest ones of a log, the largest first. Nobody has verified them when they were kept.
    ///
    /// # Errors
    /// See above.
    pub async fn largest_of(&self, origin: &str) -> Result<Vec<String>, ProjectionError> {
        const MOST: u32 = 1_000;
        let largest =
            format!("SELECT checkpoint FROM {} WHERE origin = $1 ORDER BY position DESC LIMIT {MOST}", self.table);
        sqlx::query_scalar(sqlx::AssertSqlSafe(largest))
            .bind(origin)
            .fetch_all(&self.pool)
            .await
            .map_err(ProjectionError::postgres("look for the largest seals"))
    }

    /// Keeps one, unless it is kept already. What is kept is never changed.
    ///
    /// # Errors
    /// See above.
    pub async fn keep(&self, seal: &Seal) -> Result<(), ProjectionError> {
        let insert = format!(
            "INSERT INTO {} (number, position, root, sealed_at, checkpoint) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            self.table
        );
        let bigint = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        sqlx::query(sqlx::AssertSqlSafe(insert))
            .bind(bigint(seal.number))
            .bind(bigint(seal.position.get()))
            .bind(&seal.root)
            .bind(seal.sealed_at.to_chrono())
            .bind(&seal.checkpoint)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(ProjectionError::postgres("keep a seal"))
    }
}
