//! A login for analysts, on engines of our own.

use sqlx::{Connection as _, PgConnection};

use crate::ProjectionError;
use crate::layout::access::ANALYST;
use crate::schema::run;

/// Connections that analysts may hold at once, so that they leave some to the projection.
const CONNECTIONS: u32 = 50;

/// Gives a role a login with this password, and what analysts may: to read, and nothing else. The read models must be
/// migrated. The password is of hexadecimal digits; its role is not changed otherwise when it is there already.
///
/// # Errors
/// [`ProjectionError::Postgres`] when the owner of the read models may not make it.
pub async fn provide_reader(url: &str, role: &str, password: &str) -> Result<(), ProjectionError> {
    let failed = ProjectionError::postgres;
    let mut connection = PgConnection::connect(url).await.map_err(failed("connect to Postgres"))?;
    let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(role)
        .fetch_one(&mut connection)
        .await
        .map_err(failed("look for the analysts' login"))?;
    let verb = if exists { "ALTER" } else { "CREATE" };
    let statement = format!("{verb} ROLE {role} LOGIN PASSWORD '{password}' CONNECTION LIMIT {CONNECTIONS}");
    run(&mut connection, statement).await?;
    run(&mut connection, format!("GRANT {ANALYST} TO {role}")).await?;
    // Who only reads makes nothing that takes room.
    let database: String = sqlx::query_scalar("SELECT quote_ident(current_database())")
        .fetch_one(&mut connection)
        .await
        .map_err(failed("look for the name of the database"))?;
    run(&mut connection, format!("REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")).await?;
    connection.close().await.map_err(failed("close the connection to Postgres"))
}
