//! What others have made on top of what Docket is about to drop.

use sqlx::PgConnection;

use crate::ProjectionError;

/// Objects outside some schemas that stand on what is in them, by name: views and functions that somebody has made, and
/// whatever else the server would drop with them: defaults, constraints, indexes, triggers.
pub(crate) async fn dependents(
    connection: &mut PgConnection,
    schemas: &[&str],
) -> Result<Vec<String>, ProjectionError> {
    let statement = "WITH ours AS (
            SELECT oid, nspname FROM pg_namespace WHERE nspname = ANY($1)
        ), objects AS (
            SELECT 'pg_class'::regclass::oid AS class, c.oid FROM pg_class AS c JOIN ours ON ours.oid = c.relnamespace
            UNION ALL
            SELECT 'pg_proc'::regclass::oid, p.oid FROM pg_proc AS p JOIN ours ON ours.oid = p.pronamespace
            UNION ALL
            SELECT 'pg_type'::regclass::oid, t.oid FROM pg_type AS t JOIN ours ON ours.oid = t.typnamespace
        ), standing AS (
            SELECT DISTINCT d.classid, d.objid, d.objsubid FROM pg_depend AS d
            JOIN objects ON objects.class = d.refclassid AND objects.oid = d.refobjid
        ), named AS (
            SELECT
                coalesce(
                    (SELECT r.ev_class::regclass::text FROM pg_rewrite AS r
                        WHERE classid = 'pg_rewrite'::regclass AND r.oid = objid),
                    pg_describe_object(classid, objid, objsubid)
                ) AS name,
                -- Of a type it is its name as a text, with that of its schema.
                split_part((pg_identify_object_as_address(classid, objid, objsubid)).object_names[1], '.', 1) AS schema
            FROM standing
        )
        SELECT DISTINCT name FROM named
        WHERE schema <> 'pg_toast' AND schema NOT IN (SELECT nspname FROM ours)
        ORDER BY 1";
    sqlx::query_scalar(statement)
        .bind(schemas)
        .fetch_all(connection)
        .await
        .map_err(ProjectionError::postgres("look for objects that stand on the read models"))
}
