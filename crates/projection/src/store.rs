//! The worker's connection: one transaction per batch, with the checkpoint in it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use docket_messages::{Position, Timestamp};
use fail::fail_point;
use sqlx::pool::PoolConnection;
use sqlx::{Acquire as _, AssertSqlSafe, PgConnection, PgPool, Postgres};
use tokio::time::{sleep, timeout};

use crate::batch::Batch;
use crate::identity::Identity;
use crate::layout::generations::{self, Generation};
use crate::models::days::{self, DayZone};
use crate::places::{self, HeldPlace, Place};
use crate::settings::Settings;
use crate::{ProjectionError, schema};

/// What is particular to this connection.
///
/// The log is what is durable. Rows and checkpoint go in one transaction, so a crash of Postgres may take the last
/// batches, but only whole, and they are applied again from the log. And rows are only ever found by their keys;
/// left to choose, the planner scans tables that it takes for small, and keeps to it while they grow.
const SETTINGS: &str = "SET synchronous_commit TO off;
    SET enable_seqscan TO off;
    SET enable_hashjoin TO off;
    SET enable_mergejoin TO off";

/// How often a worker that stands by asks whether the place is free.
const ASK_AGAIN: Duration = Duration::from_millis(200);
/// A worker that has not reported for so long is not at work. One that is reports once a second.
const SILENCE: Duration = Duration::from_secs(30);
/// How long it waits for the answer.
const ANSWER: Duration = Duration::from_secs(10);

/// A step of the checkpoint.
pub(crate) struct Move {
    /// The position that it must be at.
    pub from: Position,
    /// The position of the last entry of the batch.
    pub last: Position,
    /// When the log took that entry in.
    pub recorded_at: Timestamp,
    /// When the log took in what waits behind it, or shortly before; none when nothing does.
    pub pending_since: Option<Timestamp>,
    /// Which log it is, and the digest of that entry.
    pub identity: Identity,
}

/// A connection that is the only worker's, and the place that makes it so.
pub(crate) struct Store {
    connection: PoolConnection<Postgres>,
    place: HeldPlace,
}

impl Store {
    /// Waits until no other worker is at work on these schemas, and takes their place. Tells each time that it asks
    /// whether there is one that reports; the place may also be held by one that hangs, or is gone without a word.
    ///
    /// # Errors
    /// [`ProjectionError::Switched`] when other tables are live by then.
    pub(crate) async fn take_over(
        pool: &PgPool,
        settings: &Settings,
        live: &Generation,
        stands_by: impl Fn(bool),
    ) -> Result<Self, ProjectionError> {
        let failed = ProjectionError::postgres;
        let options = schema::options(&settings.url)?;
        let mut connection = pool.acquire().await.map_err(failed("connect to Postgres"))?;
        let is_live = generations::is_live(&settings.schema, live.number);
        let ask = format!("SELECT COALESCE(reported_at > clock_timestamp() - $1, false), {is_live} FROM checkpoint");
        let place = loop {
            // A place that is taken is this session's, so it goes with the worker, however it ends.
            let place = places::try_take(&options, &settings.schema, Place::Worker).await?;
            let asked = sqlx::query_as(AssertSqlSafe(&*ask)).bind(SILENCE).fetch_one(&mut *connection);
            let answer = timeout(ANSWER, asked).await.map_err(|late| sqlx::Error::Io(late.into())).flatten();
            let (reports, is_live): (bool, bool) =
                answer.map_err(failed("wait for the lock of the projection worker"))?;
            if !is_live {
                return Err(ProjectionError::Switched);
            }
            if let Some(place) = place {
                break place;
            }
            stands_by(reports);
            sleep(ASK_AGAIN).await;
        };
        drop(connection);
        Self::open(pool, place).await
    }

    /// For tables that only the holder of a place fills.
    pub(crate) async fn open(pool: &PgPool, place: HeldPlace) -> Result<Self, ProjectionError> {
        let failed = ProjectionError::postgres;
        let mut connection = pool.acquire().await.map_err(failed("connect to Postgres"))?;
        sqlx::raw_sql(SETTINGS).execute(&mut *connection).await.map_err(failed("set up the connection"))?;
        Ok(Self { connection, place })
    }

    /// Where the tables are, and of which log.
    pub(crate) async fn position(&mut self) -> Result<(Position, Identity), ProjectionError> {
        read_checkpoint(&mut self.connection, "checkpoint").await
    }

    /// Writes the rows of a batch and moves the checkpoint behind it, both or neither.
    pub(crate) async fn apply(&mut self, rows: &mut Batch, to: Move) -> Result<(), ProjectionError> {
        let failed = ProjectionError::postgres;
        let mut transaction = self.connection.begin().await.map_err(failed("begin a transaction"))?;
        rows.write(&mut transaction).await?;
        let moved = sqlx::query(
            "UPDATE checkpoint SET position = $1, recorded_at = $2, pending_since = $3, reported_at = clock_timestamp(),
             halted_at = NULL, halt_cause = NULL, log = $5, digest = $6 WHERE position = $4 AND NOT is_retired",
        )
        .bind(to_bigint(to.last))
        .bind(to.recorded_at.to_chrono())
        .bind(to_time(to.pending_since))
        .bind(to_bigint(to.from))
        .bind(to.identity.log)
        .bind(to.identity.digest)
        .execute(&mut *transaction)
        .await
        .map_err(failed("move the checkpoint"))?;
        if moved.rows_affected() != 1 {
            return Err(ProjectionError::Overtaken { expected: to.from });
        }
        fail_point!("projection::before-commit");
        transaction.commit().await.map_err(failed("commit a batch"))?;
        fail_point!("projection::after-commit");
        Ok(())
    }

    /// Counts the days anew if they are told apart otherwise than when they were counted.
    pub(crate) async fn keep_days_of(&mut self, reporting: &DayZone) -> Result<(), ProjectionError> {
        let failed = ProjectionError::postgres;
        let mut transaction = self.connection.begin().await.map_err(failed("begin a transaction"))?;
        days::bring_up_to_date(&mut transaction, reporting).await?;
        transaction.commit().await.map_err(failed("commit the days"))
    }

    /// Says that a worker follows the log, where it is, and what it has not applied yet.
    ///
    /// # Errors
    /// [`ProjectionError::Overtaken`] when the read models are elsewhere: they were made anew.
    pub(crate) async fn report(
        &mut self,
        position: Position,
        pending_since: Option<Timestamp>,
    ) -> Result<(), ProjectionError> {
        self.place.renew().await?;
        let reported = sqlx::query(
            "UPDATE checkpoint SET reported_at = clock_timestamp(), pending_since = $1
             WHERE position = $2 AND NOT is_retired",
        )
        .bind(to_time(pending_since))
        .bind(to_bigint(position))
        .execute(&mut *self.connection)
        .await
        .map_err(ProjectionError::postgres("report on the projection"))?;
        if reported.rows_affected() == 1 { Ok(()) } else { Err(ProjectionError::Overtaken { expected: position }) }
    }

    /// Whether it is still said that the worker stands; not when the read models were made anew.
    pub(crate) async fn is_halted(&mut self) -> Result<bool, ProjectionError> {
        sqlx::query_scalar("SELECT halted_at IS NOT NULL AND NOT is_retired FROM checkpoint")
            .fetch_one(&mut *self.connection)
            .await
            .map_err(ProjectionError::postgres("see whether the projection still stands"))
    }

    /// Says that the worker stands at an entry, why, and since when something waits there.
    pub(crate) async fn halt(
        &mut self,
        position: Position,
        cause: &str,
        pending_since: Option<Timestamp>,
    ) -> Result<(), ProjectionError> {
        sqlx::query("UPDATE checkpoint SET halted_at = $1, halt_cause = $2, pending_since = $3")
            .bind(to_bigint(position))
            .bind(cause)
            .bind(to_time(pending_since))
            .execute(&mut *self.connection)
            .await
            .map(drop)
            .map_err(ProjectionError::postgres("say where the projection stands"))
    }
}

/// Where the tables of a schema are, and of which log.
pub(crate) async fn checkpoint_of(
    connection: &mut PgConnection,
    tables_of: &str,
) -> Result<(Position, Identity), ProjectionError> {
    read_checkpoint(connection, &format!("{tables_of}.checkpoint")).await
}

async fn read_checkpoint(connection: &mut PgConnection, table: &str) -> Result<(Position, Identity), ProjectionError> {
    let statement = format!("SELECT position, log, digest FROM {table}");
    let (position, log, digest): (i64, Option<String>, Option<String>) = sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .fetch_one(connection)
        .await
        .map_err(ProjectionError::postgres("read the checkpoint"))?;
    Ok((Position(u64::try_from(position).unwrap_or_default()), Identity { log, digest }))
}

fn to_bigint(position: Position) -> i64 {
    i64::try_from(position.get()).unwrap_or(i64::MAX)
}

fn to_time(at: Option<Timestamp>) -> Option<DateTime<Utc>> {
    at.map(Timestamp::to_chrono)
}
