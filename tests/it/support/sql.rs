//! SQL as an analyst writes it.

use serde_json::Value;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};

use super::PATIENCE;

/// The desk's database, by one connection, so that a transaction may take several statements.
pub(crate) struct Sql {
    pub(crate) pool: PgPool,
}

impl Sql {
    pub(crate) async fn connect(url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect(url).await;
        Self { pool: pool.expect("Postgres") }
    }

    /// The same, of a server that may be away just now.
    pub(crate) async fn try_connect(url: &str) -> Option<Self> {
        let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE).connect(url).await;
        Some(Self { pool: pool.ok()? })
    }

    /// The rows of a query, each as an object by column. Times are in UTC.
    pub(crate) async fn rows(&self, query: &str) -> Vec<Value> {
        let statement = format!("SELECT to_jsonb(row) FROM ({query}) AS row");
        let mut transaction = self.pool.begin().await.expect("a transaction");
        sqlx::query("SET LOCAL TimeZone TO 'UTC'").execute(&mut *transaction).await.expect("a setting");
        let rows = sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(&mut *transaction).await;
        rows.unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// The only value of a query.
    pub(crate) async fn value(&self, query: &str) -> Value {
        let rows = self.rows(&format!("SELECT ({query}) AS it")).await;
        rows[0]["it"].clone()
    }

    /// Runs a statement; hands back the error's message.
    pub(crate) async fn run(&self, statement: &str) -> Result<(), String> {
        let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&self.pool).await;
        done.map(drop).map_err(|error| error.to_string())
    }

    /// Waits for the read models.
    pub(crate) async fn await_position(&self, position: u64) {
        let waited = self.run(&format!("SELECT docket.await_position({position}, interval '60 seconds')")).await;
        waited.unwrap_or_else(|error| panic!("{error}"));
    }
}
