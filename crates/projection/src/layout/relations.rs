//! The relations and functions that analysts use: they show the generation that is live, and stay the same objects when
//! another one becomes it, so that what analysts have built on them stays.

use docket_messages::Digest;
use sqlx::PgConnection;

use super::dependents::dependents;
use super::{BASIC, PRIVATE, PUBLIC, access};
use crate::ProjectionError;
use crate::schema::{Schema, run};

/// What tells these relations from those of another version of the code.
pub(crate) fn digest() -> String {
    let grants = access::described();
    let mut parts: Vec<&[u8]> = BASIC.iter().chain(&PRIVATE).chain(&PUBLIC).map(|file| file.as_bytes()).collect();
    parts.push(grants.as_bytes());
    Digest::of(&parts).to_string()
}

/// Lets the relations show the tables of a schema, in the transaction that is open. Relations whose columns have
/// changed otherwise than by new ones at the end are made anew, unless somebody else's objects stand on them.
///
/// # Errors
/// [`ProjectionError::Dependents`] when they do.
pub(crate) async fn show(
    connection: &mut PgConnection,
    schema: &Schema,
    tables_of: &str,
) -> Result<(), ProjectionError> {
    run(connection, "SAVEPOINT relations").await?;
    match replace(&mut *connection, schema, tables_of).await {
        Err(error) if error.is_other_shape() => {
            run(connection, "ROLLBACK TO SAVEPOINT relations").await?;
            let objects = dependents(&mut *connection, &[&schema.public, &schema.private]).await?;
            if !objects.is_empty() {
                return Err(ProjectionError::Dependents { objects: objects.join(", ") });
            }
            run(connection, format!("DROP SCHEMA {}, {} CASCADE", schema.public, schema.private)).await?;
            replace(connection, schema, tables_of).await
        }
        shown => shown,
    }
}

async fn replace(connection: &mut PgConnection, schema: &Schema, tables_of: &str) -> Result<(), ProjectionError> {
    let Schema { public, private, access } = schema;
    let mut statements = format!(
        "CREATE SCHEMA IF NOT EXISTS {private}; CREATE SCHEMA IF NOT EXISTS {public};
         SET LOCAL search_path TO {public};\n"
    );
    let (of_tables, of_private, lasting) = (format!("{tables_of}."), format!("{private}."), format!("{access}."));
    let mut add = |file: &str| {
        // In this order: a schema of tables may be called something with `private` at its end.
        let file = file.replace("lasting.", &lasting).replace("private.", &of_private);
        statements.push_str(&file.replace("tables.", &of_tables));
    };
    BASIC.iter().for_each(|file| add(file));
    add(&format!("SET LOCAL search_path TO {private}, {public};\n"));
    PRIVATE.iter().for_each(|file| add(file));
    add(&format!("SET LOCAL search_path TO {public};\n"));
    PUBLIC.iter().for_each(|file| add(file));
    run(connection, statements).await?;
    access::grant(connection, schema, tables_of).await
}
