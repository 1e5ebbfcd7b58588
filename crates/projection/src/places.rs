//! Places that only one may have: that of the worker, of who brings the schemas up to date, and of who fills another
//! generation.
//!
//! A place is a table that nothing is ever in, and having it is having it locked. That needs a right to the table,
//! which nobody has but the owner of the read models; an advisory lock is anybody's who may connect. The tables stand
//! in a schema of their own, so that the read models can be dropped and made anew while a place is held.

use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::ProjectionError;
use crate::error::is_locked;
use crate::schema::{Schema, WAIT, connect, exists, run};

/// How often who waits asks again.
const ASK_AGAIN: Duration = Duration::from_millis(200);
/// How long a place is held before the lock is taken anew. Postgres must be able to vacuum every table now and then,
/// also an empty one, or it stops after two thousand million transactions.
const RENEW: Duration = Duration::from_secs(24 * 60 * 60);

/// What only one may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Following the log.
    Worker,
    /// Bringing the schemas up to date.
    Migrations,
    /// Filling another generation.
    Rebuild,
}

impl Place {
    fn table(self, schema: &Schema) -> String {
        let name = match self {
            Self::Worker => "worker_place",
            Self::Migrations => "migrations_place",
            Self::Rebuild => "rebuild_place",
        };
        format!("{}.{name}", schema.access)
    }
}

/// A place that is ours for as long as this lives: the lock is of this session.
#[derive(Debug)]
pub(crate) struct HeldPlace {
    connection: PgConnection,
    lock: String,
    since: Instant,
}

/// Makes the tables that are absent. Several may do so at once.
pub(crate) async fn prepare(connection: &mut PgConnection, schema: &Schema) -> Result<(), ProjectionError> {
    /// How often others may be faster.
    const TRIES: u32 = 5;
    for (place, what) in [
        (Place::Worker, "Locked by the worker that follows the log; nothing is ever in it."),
        (Place::Migrations, "Locked by who brings the schemas up to date; nothing is ever in it."),
        (Place::Rebuild, "Locked by who fills another generation of the tables; nothing is ever in it."),
    ] {
        let table = place.table(schema);
        let make = format!(
            "CREATE SCHEMA IF NOT EXISTS {}; CREATE TABLE {table} (); COMMENT ON TABLE {table} IS '{what}'",
            schema.access
        );
        let mut attempt = 0;
        // A comment would wait for who has the place.
        while !exists(connection, &table).await? {
            attempt += 1;
            match run(connection, make.clone()).await {
                Err(ProjectionError::Postgres { source, .. }) if attempt < TRIES && is_by_another(&source) => {}
                done => done?,
            }
        }
    }
    Ok(())
}

/// Whether somebody else has just made the same.
fn is_by_another(error: &sqlx::Error) -> bool {
    /// A name that exists: in the catalogue, as a schema, as a table.
    const CODES: [&str; 3] = ["23505", "42P06", "42P07"];
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| CODES.contains(&&*code))
}

/// Takes a place if nobody has it.
pub(crate) async fn try_take(
    options: &PgConnectOptions,
    schema: &Schema,
    place: Place,
) -> Result<Option<HeldPlace>, ProjectionError> {
    let mut connection = connect(options).await?;
    // Idle in its transaction is what this session is for.
    run(&mut connection, "SET idle_in_transaction_session_timeout = 0").await?;
    let lock = format!("BEGIN; LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE NOWAIT", place.table(schema));
    Ok(lock_now(&mut connection, &lock).await?.then(|| HeldPlace { connection, lock, since: Instant::now() }))
}

/// Takes a place, and waits for it no longer than so.
pub(crate) async fn take_within(
    patience: Duration,
    options: &PgConnectOptions,
    schema: &Schema,
    place: Place,
) -> Result<HeldPlace, ProjectionError> {
    let began = Instant::now();
    loop {
        if let Some(held) = try_take(options, schema, place).await? {
            return Ok(held);
        }
        if began.elapsed() > patience {
            let table = place.table(schema);
            let holders = holders(&mut connect(options).await?, &[&table]).await?;
            return Err(ProjectionError::Taken { table, holders, waited: patience });
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

/// Whether the lock could be had at once.
async fn lock_now(connection: &mut PgConnection, lock: &str) -> Result<bool, ProjectionError> {
    match run(connection, lock).await {
        Ok(()) => Ok(true),
        Err(ProjectionError::Postgres { source, .. }) if is_locked(&source) => {
            run(connection, "ROLLBACK").await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Who holds a lock on tables, or on any table of a schema: user, program and process.
async fn holders(connection: &mut PgConnection, tables_or_schemas: &[&str]) -> Result<String, ProjectionError> {
    let statement = "SELECT string_agg(DISTINCT format('%s (%s, process %s)', a.usename,
            coalesce(nullif(a.application_name, ''), 'a program without a name'), a.pid), ', ')
        FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
        WHERE l.granted AND l.pid <> pg_backend_pid() AND l.relation IN (
            SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname || '.' || c.relname = ANY($1) OR n.nspname = ANY($1))";
    let names: Vec<String> = tables_or_schemas.iter().map(|name| (*name).to_owned()).collect();
    let holders: Option<String> = sqlx::query_scalar(AssertSqlSafe(statement))
        .bind(names)
        .fetch_one(connection)
        .await
        .map_err(ProjectionError::postgres("ask who is in the way"))?;
    Ok(holders.unwrap_or_else(|| "nobody any more".to_owned()))
}

/// Says who is in the way, when a lock on tables of the read models was waited for in vain.
pub(crate) async fn in_the_way(error: ProjectionError, options: &PgConnectOptions, schema: &Schema) -> ProjectionError {
    if !error.is_lock_timeout() {
        return error;
    }
    match readers(options, schema).await {
        Ok(holders) => ProjectionError::Taken { table: schema.public.clone(), holders, waited: WAIT },
        Err(error) => error,
    }
}

/// Who reads the relations, asked by a connection of its own: one whose transaction has failed answers nothing.
pub(crate) async fn readers(options: &PgConnectOptions, schema: &Schema) -> Result<String, ProjectionError> {
    holders(&mut connect(options).await?, &[&schema.public, &schema.private]).await
}

impl HeldPlace {
    /// Fails when it is ours no more, and lets Postgres vacuum the table if it has been held for long.
    pub(crate) async fn renew(&mut self) -> Result<(), ProjectionError> {
        if self.since.elapsed() < RENEW {
            return run(&mut self.connection, "SELECT").await;
        }
        run(&mut self.connection, "COMMIT").await?;
        if !lock_now(&mut self.connection, &self.lock).await? {
            return Err(ProjectionError::Replaced);
        }
        self.since = Instant::now();
        Ok(())
    }
}
