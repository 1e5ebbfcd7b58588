//! The log replayed into schemas of its own: the read models as of then, and whether the live ones are what the log says.
//!
//! The schemas are those of a desk (`NAME`, `NAME_private`, `NAME_access`, `NAME_g1`), filled up to a position, and nobody
//! keeps them up to date. Nothing of the live desk is touched.

use docket_eventlog::EventLog;
use docket_messages::Position;
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;

use crate::filling::Filling;
use crate::layout::generations::{self, Generation, State};
use crate::layout::{access, relations, tables};
use crate::parity::{self, Difference};
use crate::places::{self, Place};
use crate::schema::{self, Schema, WAIT, connect, run};
use crate::settings::Settings;
use crate::stage::{Stage, Tell};
use crate::store::{Store, checkpoint_of};
use crate::{ProjectionError, identity};

/// So many entries are a batch; nobody waits for one.
const BATCH: usize = 20_000;
/// The schemas of a comparison. They are dropped when it ends, and before the next begins.
const COMPARED: &str = "docket_compared";

/// Replays the log up to a position into new schemas, `settings.schema`.
///
/// # Errors
/// [`ProjectionError::Exists`] when there is such a schema; [`ProjectionError`].
pub async fn replay<L: EventLog>(
    log: L,
    settings: &Settings,
    until: Position,
    tell: Tell<'_>,
) -> Result<(), ProjectionError> {
    let postgres = schema::options(&settings.url)?;
    let mut connection = connect(&postgres).await?;
    if let Some(found) = existing(&mut connection, &settings.schema).await? {
        return Err(ProjectionError::Exists { schema: found });
    }
    let mut beside = Beside::create(settings, postgres, connection).await?;
    beside.fill(log, until, None, tell).await?;
    beside.show().await
}

/// Replays the log into schemas of its own, and compares the live tables and relations with them, as of one position. Says
/// which that was, and how they differ.
///
/// # Errors
/// [`ProjectionError::NotComparable`] when the live tables are of another log or another version of the code.
pub async fn compare<L: EventLog>(
    log: L,
    settings: &Settings,
    tell: Tell<'_>,
) -> Result<(Position, Vec<Difference>), ProjectionError> {
    let postgres = schema::options(&settings.url)?;
    let mut connection = connect(&postgres).await?;
    generations::prepare(&mut connection, &settings.schema).await?;
    let live = generations::live(&mut connection, &settings.schema).await?;
    let live = live.filter(Generation::is_of_this_layout).ok_or(ProjectionError::NotComparable)?;
    let (position, identity) = checkpoint_of(&mut connection, &live.tables_of).await?;
    if let Err(error) = identity::verify(&log, position, &identity).await {
        let is_other = matches!(error, ProjectionError::OtherLog { .. });
        return Err(if is_other { ProjectionError::NotComparable } else { error });
    }
    let _place = places::take_within(std::time::Duration::ZERO, &postgres, &settings.schema, Place::Rebuild).await?;
    let beside = Settings { schema: Schema::new(COMPARED), ..settings.clone() };
    drop_all(&mut connection, &beside.schema).await?;
    let compared = Box::pin(compare_beside(log, settings, &beside, &postgres, (&live, position), tell)).await;
    drop_all(&mut connection, &beside.schema).await?;
    compared
}

async fn compare_beside<L: EventLog>(
    log: L,
    live_settings: &Settings,
    settings: &Settings,
    postgres: &PgConnectOptions,
    (live, position): (&Generation, Position),
    tell: Tell<'_>,
) -> Result<(Position, Vec<Difference>), ProjectionError> {
    let mut beside = Beside::create(settings, postgres.clone(), connect(postgres).await?).await?;
    beside.fill(log.clone(), position, None, tell).await?;
    // The live worker waits for as long as it takes to apply the rest.
    let (mut holding, mut looking) = (connect(postgres).await?, connect(postgres).await?);
    run(&mut holding, format!("BEGIN; SET LOCAL lock_timeout = '{}s'", WAIT.as_secs())).await?;
    let position = beside.fill(log, position, Some((&mut holding, &live.tables_of)), tell).await?;
    beside.show().await?;
    let (live_tables, tables_of) = (&live.tables_of, &beside.generation.tables_of);
    // It sees both as they are now, for as long as it looks.
    let snapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    run(&mut looking, format!("{snapshot}; SELECT FROM {live_tables}.checkpoint, {tables_of}.checkpoint")).await?;
    run(&mut holding, "ROLLBACK").await?;
    tell(Stage::Comparing { position });
    let mut differences = parity::differences(&mut looking, live_tables, tables_of).await?;
    let schemas = (&live_settings.schema, &settings.schema);
    differences.extend(parity::definitions(&mut looking, schemas, (live_tables, tables_of)).await?);
    Ok((position, differences))
}

/// A desk of its own, whose tables are filled.
struct Beside<'s> {
    settings: Settings,
    schema: &'s Schema,
    postgres: PgConnectOptions,
    connection: PgConnection,
    generation: Generation,
}

impl<'s> Beside<'s> {
    async fn create(
        settings: &'s Settings,
        postgres: PgConnectOptions,
        connection: PgConnection,
    ) -> Result<Self, ProjectionError> {
        let (schema, mut connection) = (&settings.schema, connection);
        places::prepare(&mut connection, schema).await?;
        generations::prepare(&mut connection, schema).await?;
        access::prepare(&mut connection, schema).await?;
        let generation = generations::create(&mut connection, schema, None).await?;
        let settings = Settings { batch: BATCH.max(settings.batch), ..settings.clone() };
        Ok(Self { settings, schema, postgres, connection, generation })
    }

    /// Applies the entries up to a position, and then up to where the live worker is, if there is one to hold. Says where
    /// that is.
    async fn fill<L: EventLog>(
        &mut self,
        log: L,
        until: Position,
        live: Option<(&mut PgConnection, &str)>,
        tell: Tell<'_>,
    ) -> Result<Position, ProjectionError> {
        let pool = schema::pool(&self.settings.url, &self.generation.tables_of, 1 + tables::SIDE_BY_SIDE).await?;
        let place = places::take_within(WAIT, &self.postgres, self.schema, Place::Rebuild).await?;
        let mut store = Store::open(&pool, place).await?;
        let mut filling = Filling { log, settings: &self.settings, pool: pool.clone(), store: &mut store };
        let Some((holding, live_tables)) = live else {
            filling.fill_to(until, tell).await?;
            tell(Stage::Indexing);
            tables::complete_filled(&pool).await?;
            return Ok(until);
        };
        filling.fill_to_live(holding, live_tables, tell).await
    }

    /// Lets relations show what was filled.
    async fn show(&mut self) -> Result<(), ProjectionError> {
        let (connection, number) = (&mut self.connection, self.generation.number);
        run(connection, "BEGIN").await?;
        relations::show(connection, self.schema, &self.generation.tables_of).await?;
        generations::change(connection, self.schema, number, &[State::Building], State::Live).await?;
        run(connection, "COMMIT").await
    }
}

/// The schemas of a desk.
fn schemas(schema: &Schema) -> [String; 4] {
    [schema.public.clone(), schema.private.clone(), schema.access.clone(), schema.tables(1)]
}

/// One of the schemas that is there.
async fn existing(connection: &mut PgConnection, schema: &Schema) -> Result<Option<String>, ProjectionError> {
    sqlx::query_scalar("SELECT nspname::text FROM pg_namespace WHERE nspname = ANY($1) ORDER BY nspname LIMIT 1")
        .bind(schemas(schema).to_vec())
        .fetch_optional(connection)
        .await
        .map_err(ProjectionError::postgres("look for a schema"))
}

async fn drop_all(connection: &mut PgConnection, schema: &Schema) -> Result<(), ProjectionError> {
    run(connection, format!("DROP SCHEMA IF EXISTS {} CASCADE", schemas(schema).join(", "))).await
}
