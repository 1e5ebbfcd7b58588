//! The tables of a generation, made from the descriptions of the read models.

use docket_messages::Digest;
use sqlx::PgConnection;

use crate::ProjectionError;
use crate::bulk::{Index, Table};
use crate::column::Column;
use crate::models::TABLES;
use crate::row::oid;
use crate::schema::run;

/// Counts up when entries come to mean other rows of the same columns: tables that were filled before are then filled
/// anew, as if they had other columns.
const FOLD: u32 = 1;

/// How far the tables are, and of which log.
const CHECKPOINT: &str = "CREATE TABLE checkpoint (
        is_only       boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        position      bigint NOT NULL DEFAULT 0,
        recorded_at   timestamptz,
        reported_at   timestamptz,
        pending_since timestamptz,
        halted_at     bigint,
        halt_cause    text,
        log           text,
        digest        text,
        days_zone     text,
        days_release  text,
        is_retired    boolean NOT NULL DEFAULT false
    ) WITH (fillfactor = 50);
    INSERT INTO checkpoint DEFAULT VALUES;";

/// Creates the tables in the first schema of the search path, empty. Those whose rows change have their keys, by which
/// the rows are found; the others get them when they are filled, which is cheaper.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub(super) async fn create(connection: &mut PgConnection) -> Result<(), ProjectionError> {
    run(connection, creation()).await
}

/// Makes the keys and indexes that are missing.
///
/// # Errors
/// [`ProjectionError::Postgres`] when two rows have the same key, among others.
pub(crate) async fn make_keys(connection: &mut PgConnection) -> Result<(), ProjectionError> {
    run(connection, keys()).await
}

/// Lets the server look at what is in them, so that the first queries are planned well.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub(crate) async fn analyze(connection: &mut PgConnection) -> Result<(), ProjectionError> {
    let tables: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    run(connection, format!("ANALYZE {}", tables.join(", "))).await
}

/// What tells these tables from those that another version of the code makes.
pub(crate) fn digest() -> String {
    Digest::of(&[creation().as_bytes(), keys().as_bytes(), &FOLD.to_be_bytes()]).to_string()
}

fn creation() -> String {
    let tables: String = TABLES.iter().map(|table| creation_of(*table)).collect();
    let keys: String = TABLES.iter().filter(|table| table.changes()).map(|table| keys_of(*table)).collect();
    format!("{CHECKPOINT}\n{tables}{keys}")
}

/// What is only added to is looked through after so many rows, while they are still in memory and in the server's log
/// since its last checkpoint. By default it would be looked through when it has grown by a fifth: a whole page would go
/// into the log for each of its pages.
const SETTLES: &str = "autovacuum_vacuum_insert_threshold = 200000, autovacuum_vacuum_insert_scale_factor = 0";

fn creation_of(table: Table) -> String {
    let Table { name, columns, fill, .. } = table;
    let column = |Column { name, oid, is_nullable }: Column| {
        let not_null = if is_nullable { "" } else { " NOT NULL" };
        format!("{name} {}{not_null}", oid::name(oid))
    };
    let columns: Vec<String> = columns().into_iter().map(column).collect();
    let settings = if table.changes() { format!("fillfactor = {fill}") } else { SETTLES.to_owned() };
    format!("CREATE TABLE {name} ({}) WITH ({settings});\n", columns.join(", "))
}

fn keys() -> String {
    TABLES.iter().map(|table| keys_of(*table)).collect()
}

fn keys_of(Table { name, key, beside_key, indexes, .. }: Table) -> String {
    let key = key.join(", ");
    let beside = if beside_key.is_empty() { String::new() } else { format!(" INCLUDE ({})", beside_key.join(", ")) };
    let mut statements = format!(
        "DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_index WHERE indrelid = '{name}'::regclass AND indisprimary) THEN
                ALTER TABLE {name} ADD PRIMARY KEY ({key}){beside};
            END IF;
        END $$;"
    );
    // Looked up first: creating locks the table even where the index is there.
    for Index { name: index, on, is_unique } in indexes {
        let kind = if *is_unique { "UNIQUE INDEX" } else { "INDEX" };
        statements.push_str(&format!(
            "DO $$ BEGIN
                IF to_regclass('{index}') IS NULL THEN CREATE {kind} {index} ON {name} {on}; END IF;
            END $$;"
        ));
    }
    statements
}
