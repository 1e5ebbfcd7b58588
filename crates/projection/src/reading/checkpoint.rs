//! How far the read models are, and how Postgres is.

use sqlx::FromRow;

use super::ReadModels;
use crate::ProjectionError;
use crate::layout::tables;

/// How far the read models are, and how the worker is.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.position or of the checkpoint of the same name")]
pub struct Checkpoint {
    pub position: i64,
    pub lag_seconds: Option<f64>,
    pub halted_at: Option<i64>,
    pub halt_cause: Option<String>,
}

/// Tables that are filled beside those that are shown.
#[derive(Debug, Clone)]
pub struct Filling {
    /// Their schema.
    pub tables_of: String,
    /// How far they are.
    pub position: i64,
    /// Whether somebody is at it.
    pub is_under_way: bool,
    /// Whether those that are shown are of another version of the code, and so stand still.
    pub is_upgrade: bool,
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
        let sees_all = "SELECT coalesce(has_table_privilege(to_regclass('checkpoint'), 'SELECT'), false)";
        let sees_all = sqlx::query_scalar(sees_all).fetch_one(&self.pool).await;
        let statement = if sees_all.map_err(ProjectionError::postgres("look for the checkpoint"))? {
            "SELECT p.position, p.lag_seconds, c.halted_at, c.halt_cause FROM position AS p, checkpoint AS c"
        } else {
            "SELECT position, lag_seconds, NULL::bigint AS halted_at, NULL::text AS halt_cause FROM position"
        };
        let row = sqlx::query_as(statement).fetch_one(&self.pool).await;
        row.map_err(ProjectionError::postgres("read the checkpoint"))
    }

    /// The tables that are filled beside those that are shown, if there are such. Only the owner sees them.
    pub async fn filling(&self) -> Result<Option<Filling>, ProjectionError> {
        let failed = ProjectionError::postgres;
        let access = "SELECT n.nspname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() || '_access' AND c.relname = 'generations'
                AND pg_has_role(c.relowner, 'MEMBER')";
        let access: Option<String> =
            sqlx::query_scalar(access).fetch_optional(&self.pool).await.map_err(failed("look for other tables"))?;
        let Some(access) = access else { return Ok(None) };
        let building = format!(
            "SELECT tables_of, EXISTS (
                SELECT FROM pg_locks WHERE relation = to_regclass('{access}.rebuild_place') AND granted
                    AND mode = 'ShareUpdateExclusiveLock'
            ), NOT EXISTS (SELECT FROM {access}.generations WHERE state = 'live' AND layout = $1)
            FROM {access}.generations
            WHERE state = 'building' AND to_regclass(tables_of || '.checkpoint') IS NOT NULL"
        );
        let building: Option<(String, bool, bool)> = sqlx::query_as(sqlx::AssertSqlSafe(building))
            .bind(tables::digest())
            .fetch_optional(&self.pool)
            .await
            .map_err(failed("look for other tables"))?;
        let Some((tables_of, is_under_way, is_upgrade)) = building else { return Ok(None) };
        let position = sqlx::AssertSqlSafe(format!("SELECT position FROM {tables_of}.checkpoint"));
        let position =
            sqlx::query_scalar(position).fetch_optional(&self.pool).await.map_err(failed("look how far they are"))?;
        Ok(Some(Filling { tables_of, position: position.unwrap_or_default(), is_under_way, is_upgrade }))
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
