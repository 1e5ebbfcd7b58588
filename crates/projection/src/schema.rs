//! The schemas of the read models, and how they are reached.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool};

use crate::ProjectionError;
use crate::layout;
use crate::layout::Layout;
use crate::layout::generations::{self, State};
use crate::places::{self, Place};

/// The names of the schemas of the read models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// What analysts see.
    pub public: String,
    /// What they do not.
    pub private: String,
    /// What outlives a rebuild: which generations there are, who may do what, and who is doing it.
    pub access: String,
}

impl Default for Schema {
    fn default() -> Self {
        Self::new("docket")
    }
}

impl Schema {
    /// The schemas `<name>`, `<name>_private`, `<name>_access`, and `<name>_g1` and so on for tables. The name is
    /// lower-case letters, digits and underscores.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { public: name.to_owned(), private: format!("{name}_private"), access: format!("{name}_access") }
    }

    /// Where the names of relations are looked up: in the public schema, then in the private one.
    pub(crate) fn search_path(&self) -> String {
        format!("{}, {}", self.public, self.private)
    }

    /// The schema of the tables of a generation.
    pub(crate) fn tables(&self, generation: i32) -> String {
        format!("{}_g{generation}", self.public)
    }
}

/// How long Postgres may take to let us in.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// How long somebody else may be in the way.
pub(crate) const WAIT: std::time::Duration = std::time::Duration::from_secs(60);

/// How to connect, as a program that says who it is.
pub(crate) fn options(url: &str) -> Result<PgConnectOptions, ProjectionError> {
    let options: PgConnectOptions = url.parse().map_err(ProjectionError::postgres("read the address of Postgres"))?;
    Ok(options.application_name("docket"))
}

/// Connections whose names are looked up along a path.
pub(crate) async fn pool(url: &str, search_path: &str, connections: u32) -> Result<PgPool, ProjectionError> {
    let failed = ProjectionError::postgres;
    let options = options(url)?.options([("search_path", search_path)]);
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

/// Creates what is missing and brings the relations up to date, unless a newer version of the code has made them.
/// Tables that an older one has made are left to [`rebuild`](crate::rebuild).
///
/// # Errors
/// [`ProjectionError::Postgres`]; [`ProjectionError::Taken`] when somebody reads a relation that must change, and does not
/// let go of it; [`ProjectionError::Dependents`].
pub async fn migrate(url: &str, schema: &Schema) -> Result<Layout, ProjectionError> {
    let options = options(url)?;
    let mut connection = connect(&options).await?;
    places::prepare(&mut connection, schema).await?;
    // Instances that start together do it one after the other.
    let place = places::take_within(WAIT, &options, schema, Place::Migrations).await?;
    run(&mut connection, format!("SET lock_timeout = '{}s'", WAIT.as_secs())).await?;
    let live = match layout::prepare(&mut connection, schema).await {
        Ok(live) => live,
        Err(error) => return Err(places::in_the_way(error, &options, schema).await),
    };
    remove_retired(&mut connection, schema).await?;
    drop(place);
    connection.close().await.map_err(ProjectionError::postgres("close the connection to Postgres"))?;
    Ok(live)
}

/// Drops the generations that nothing needs, but for those that somebody still reads, or has made something on: they are
/// left to the next start.
pub(crate) async fn remove_retired(connection: &mut PgConnection, schema: &Schema) -> Result<(), ProjectionError> {
    run(connection, "SET lock_timeout = '1s'").await?;
    for generation in generations::all(&mut *connection, schema).await? {
        if generation.state != State::Retired {
            continue;
        }
        match generations::remove(&mut *connection, schema, &generation).await {
            Err(error) if error.is_lock_timeout() => run(connection, "ROLLBACK").await?,
            Err(error @ ProjectionError::Standing { .. }) => tracing::warn!("{error}"),
            removed => removed?,
        }
    }
    Ok(())
}

/// Whether there is a table or view of a name.
pub(crate) async fn exists(connection: &mut PgConnection, relation: &str) -> Result<bool, ProjectionError> {
    let exists = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(relation).fetch_one(connection).await;
    exists.map_err(ProjectionError::postgres("look for a table"))
}

pub(crate) async fn run(connection: &mut PgConnection, statement: impl Into<String>) -> Result<(), ProjectionError> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement.into()))
        .execute(connection)
        .await
        .map(drop)
        .map_err(ProjectionError::postgres("prepare the schema"))
}
