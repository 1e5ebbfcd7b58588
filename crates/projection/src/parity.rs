//! Whether two generations hold the same.

use sqlx::PgConnection;

use crate::ProjectionError;
use crate::models::TABLES;

/// How the tables of two schemas differ, table by table: counts and digests over all rows, in no order.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub(crate) async fn differences(
    connection: &mut PgConnection,
    live: &str,
    new: &str,
) -> Result<Vec<String>, ProjectionError> {
    let mut differences = Vec::new();
    for table in TABLES {
        let (had, has) = (content(connection, live, table.name).await?, content(connection, new, table.name).await?);
        if had != has {
            let rows = |(count, _): &(i64, String)| format!("{count} rows");
            let what = if had.0 == has.0 {
                "other content".to_owned()
            } else {
                format!("{} instead of {}", rows(&has), rows(&had))
            };
            differences.push(format!("{} has {what}", table.name));
        }
    }
    Ok(differences)
}

async fn content(connection: &mut PgConnection, schema: &str, table: &str) -> Result<(i64, String), ProjectionError> {
    let statement = format!(
        "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text || '/'
            || coalesce(sum(hashtextextended(t::text, 1)::numeric), 0)::text FROM {schema}.{table} AS t"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .fetch_one(connection)
        .await
        .map_err(ProjectionError::postgres("compare the tables"))
}
