//! Making the read models anew.

use crate::schema::{self, Schema, connect, run};
use crate::{ProjectionError, migrate, places};

/// Removes the read models and makes them anew, empty: the worker, which loses what it wrote to, begins again with the
/// first entry. Either everything is removed or nothing.
///
/// # Errors
/// [`ProjectionError::Taken`] when somebody reads the tables and does not let go of them; then nothing was changed.
pub async fn rebuild(url: &str, schema: &Schema) -> Result<(), ProjectionError> {
    let mut connection = connect(&schema::options(url)?).await?;
    run(&mut connection, format!("SET lock_timeout = '{}s'", schema::WAIT.as_secs())).await?;
    let drop = format!("DROP SCHEMA IF EXISTS {}, {} CASCADE", schema.public, schema.private);
    if let Err(error) = run(&mut connection, drop).await {
        return Err(places::in_the_way(error, &mut connection, schema).await);
    }
    migrate(url, schema).await
}
