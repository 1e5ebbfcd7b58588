//! The schemas of the read models, and their migrations.

use std::sync::LazyLock;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool};

use crate::models::{self, Access};
use crate::places::{self, Place};
use crate::{ProjectionError, keys};

static PRIVATE: LazyLock<Migrator> = LazyLock::new(|| unlocked(sqlx::migrate!("../../migrations/private")));
static PUBLIC: LazyLock<Migrator> = LazyLock::new(|| unlocked(sqlx::migrate!("../../migrations/public")));

/// Without the lock of sqlx, which anybody who may connect could hold; see [`places`].
fn unlocked(mut migrator: Migrator) -> Migrator {
    migrator.set_locking(false);
    migrator
}

/// The names of the two schemas of the read models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// What analysts see.
    pub public: String,
    /// What they do not.
    pub private: String,
    /// What outlives a rebuild: who may do what, and who is doing it.
    pub access: String,
}

impl Default for Schema {
    fn default() -> Self {
        Self::new("docket")
    }
}

impl Schema {
    /// The schemas `<name>`, `<name>_private` and `<name>_access`. The name is lower-case letters, digits and
    /// underscores.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { public: name.to_owned(), private: format!("{name}_private"), access: format!("{name}_access") }
    }

    /// Where names are looked up: in the public schema, then in the private one.
    fn search_path(&self) -> String {
        format!("{}, {}", self.public, self.private)
    }
}

/// The views that analysts may read, beside the tables that [`models::TABLES`] says.
const VIEWS: [&str; 8] =
    ["agents", "position", "clocks", "queues", "backlog_aging", "sla_attainment", "csat_daily", "resolutions_daily"];

/// The table in which sqlx keeps what it has applied stands among the read models, and says so.
const BOOK_KEEPING: &str = "
    COMMENT ON TABLE _sqlx_migrations IS 'Which migrations were applied to this schema; not a read model.';
    COMMENT ON COLUMN _sqlx_migrations.version IS 'The number of the migration.';
    COMMENT ON COLUMN _sqlx_migrations.description IS 'Its name.';
    COMMENT ON COLUMN _sqlx_migrations.installed_on IS 'When it was applied.';
    COMMENT ON COLUMN _sqlx_migrations.success IS 'Whether it was applied whole.';
    COMMENT ON COLUMN _sqlx_migrations.checksum IS 'The checksum of its file, which must not change.';
    COMMENT ON COLUMN _sqlx_migrations.execution_time IS 'How long it took, in nanoseconds.'";

/// How long Postgres may take to let us in.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// How long somebody else may be in the way.
pub(crate) const WAIT: std::time::Duration = std::time::Duration::from_secs(60);

/// Who analysts are.
pub(crate) const ANALYST: &str = "docket_analyst";

/// How to connect, as a program that says who it is.
pub(crate) fn options(url: &str) -> Result<PgConnectOptions, ProjectionError> {
    let options: PgConnectOptions = url.parse().map_err(ProjectionError::postgres("read the address of Postgres"))?;
    Ok(options.application_name("docket"))
}

/// Connections whose names are looked up in the schemas.
pub(crate) async fn pool(url: &str, schema: &Schema, connections: u32) -> Result<PgPool, ProjectionError> {
    let failed = ProjectionError::postgres;
    let options = options(url)?.options([("search_path", schema.search_path())]);
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE);
    match pool.connect_with(options.clone()).await {
        // A pool only says that it waited in vain; one connection says why.
        Err(sqlx::Error::PoolTimedOut) => match connect(&options).await {
            Err(cause) => Err(cause),
            Ok(_) => Err(failed("connect to Postgres")(sqlx::Error::PoolTimedOut)),
        },
        other => other.map_err(failed("connect to Postgres")),
    }
}

/// Connects. A Postgres that is suspended takes connections on and never answers.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, ProjectionError> {
    let connected = tokio::time::timeout(PATIENCE, PgConnection::connect_with(options)).await;
    let connected = connected.map_err(|late| sqlx::Error::Io(late.into())).flatten();
    connected.map_err(ProjectionError::postgres("connect to Postgres"))
}

/// Creates the schemas and brings them up to date.
///
/// # Errors
/// [`ProjectionError::Postgres`] or [`ProjectionError::Migrate`].
pub async fn migrate(url: &str, schema: &Schema) -> Result<(), ProjectionError> {
    let options = options(url)?;
    let mut connection = connect(&options).await?;
    places::prepare(&mut connection, schema).await?;
    // Instances that start together migrate one after the other.
    let place = places::take_within(WAIT, &options, schema, Place::Migrations).await?;
    run(&mut connection, format!("SET lock_timeout = '{}s'", WAIT.as_secs())).await?;
    let migrated = apply(&mut connection, schema).await;
    drop(place);
    match migrated {
        // Somebody reads a table that must change, and does not let go of it.
        Err(error) => Err(places::in_the_way(error, &mut connection, schema).await),
        Ok(()) => connection.close().await.map_err(ProjectionError::postgres("close the connection to Postgres")),
    }
}

async fn apply(connection: &mut PgConnection, schema: &Schema) -> Result<(), ProjectionError> {
    run(connection, format!("CREATE SCHEMA IF NOT EXISTS {}", schema.private)).await?;
    run(connection, format!("CREATE SCHEMA IF NOT EXISTS {}", schema.public)).await?;
    for (migrator, path) in [(&PRIVATE, schema.private.clone()), (&PUBLIC, schema.search_path())] {
        run(connection, format!("SET search_path TO {path}")).await?;
        migrator
            .run_direct(None, &mut *connection, false)
            .await
            .map_err(|source| ProjectionError::Migrate { schema: path, source })?;
    }
    keys::make(&mut *connection).await?;
    run(connection, BOOK_KEEPING).await?;
    grant(connection, schema).await
}

/// Lets analysts read. The role is the cluster's; where Docket may not create it, the operator does.
async fn grant(connection: &mut PgConnection, schema: &Schema) -> Result<(), ProjectionError> {
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(ANALYST)
        .fetch_one(&mut *connection)
        .await
        .map_err(ProjectionError::postgres("look for the role of analysts"))?;
    if !exists && let Err(error) = run(connection, format!("CREATE ROLE {ANALYST} NOLOGIN")).await {
        tracing::warn!(%error, "could not create the role {ANALYST}; create it, and start again to grant it the read models");
        return Ok(());
    }
    if !exists {
        // So that the owner of the read models can look at them as an analyst does.
        run(connection, format!("GRANT {ANALYST} TO CURRENT_USER")).await?;
    }
    let tables = models::TABLES.iter().filter(|(_, access)| *access == Access::Analysts).map(|(table, _)| table.name);
    let relations: Vec<String> = tables.chain(VIEWS).map(|name| format!("{}.{name}", schema.public)).collect();
    run(connection, format!("GRANT USAGE ON SCHEMA {} TO {ANALYST}", schema.public)).await?;
    run(connection, format!("GRANT SELECT ON {} TO {ANALYST}", relations.join(", "))).await
}

pub(crate) async fn run(connection: &mut PgConnection, statement: impl Into<String>) -> Result<(), ProjectionError> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement.into()))
        .execute(connection)
        .await
        .map(drop)
        .map_err(ProjectionError::postgres("prepare the schema"))
}
