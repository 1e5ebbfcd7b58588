//! The relations and functions that analysts use: they show the generation that is live, and stay the same objects when
//! another one becomes it, so that what analysts have built on them stays.

use docket_messages::Digest;
use sqlx::PgConnection;

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
            let objects = dependents(&mut *connection, schema).await?;
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
    let Schema { public, private, .. } = schema;
    let mut statements = format!(
        "CREATE SCHEMA IF NOT EXISTS {private}; CREATE SCHEMA IF NOT EXISTS {public};
         SET LOCAL search_path TO {public};\n"
    );
    let (of_tables, of_private) = (format!("{tables_of}."), format!("{private}."));
    let mut add = |file: &str| {
        statements.push_str(&file.replace("tables.", &of_tables).replace("private.", &of_private));
    };
    BASIC.iter().for_each(|file| add(file));
    add(&format!("SET LOCAL search_path TO {private}, {public};\n"));
    PRIVATE.iter().for_each(|file| add(file));
    add(&format!("SET LOCAL search_path TO {public};\n"));
    PUBLIC.iter().for_each(|file| add(file));
    run(connection, statements).await?;
    access::grant(connection, schema, tables_of).await
}

/// Objects outside the schemas that stand on what is in them: views and functions that somebody has made.
async fn dependents(connection: &mut PgConnection, schema: &Schema) -> Result<Vec<String>, ProjectionError> {
    let statement = "WITH ours AS (
            SELECT oid FROM pg_namespace WHERE nspname = ANY($1)
        ), objects AS (
            SELECT 'pg_class'::regclass::oid AS class, c.oid FROM pg_class AS c JOIN ours ON ours.oid = c.relnamespace
            UNION ALL
            SELECT 'pg_proc'::regclass::oid, p.oid FROM pg_proc AS p JOIN ours ON ours.oid = p.pronamespace
            UNION ALL
            SELECT 'pg_type'::regclass::oid, t.oid FROM pg_type AS t JOIN ours ON ours.oid = t.typnamespace
        ), standing AS (
            SELECT d.classid, d.objid FROM pg_depend AS d
            JOIN objects ON objects.class = d.refclassid AND objects.oid = d.refobjid
        )
        SELECT c.oid::regclass::text FROM standing JOIN pg_rewrite AS r ON r.oid = objid AND classid = 'pg_rewrite'::regclass
            JOIN pg_class AS c ON c.oid = r.ev_class WHERE c.relnamespace NOT IN (SELECT oid FROM ours)
        UNION
        SELECT c.oid::regclass::text FROM standing JOIN pg_class AS c ON c.oid = objid AND classid = 'pg_class'::regclass
            WHERE c.relkind <> 'i' AND c.relnamespace NOT IN (SELECT oid FROM ours)
                AND c.relnamespace <> 'pg_toast'::regnamespace
        UNION
        SELECT p.oid::regprocedure::text FROM standing JOIN pg_proc AS p ON p.oid = objid AND classid = 'pg_proc'::regclass
            WHERE p.pronamespace NOT IN (SELECT oid FROM ours)
        ORDER BY 1";
    sqlx::query_scalar(statement)
        .bind(vec![schema.public.clone(), schema.private.clone()])
        .fetch_all(connection)
        .await
        .map_err(ProjectionError::postgres("look for objects that stand on the read models"))
}
