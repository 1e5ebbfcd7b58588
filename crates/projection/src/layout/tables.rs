//! The tables of a generation, made from the descriptions of the read models.

use std::slice::Iter;
use std::sync::{Mutex, PoisonError};

use docket_messages::Digest;
use futures::future::try_join_all;
use sqlx::{PgConnection, PgPool};

use crate::ProjectionError;
use crate::bulk::{Index, Table};
use crate::column::Column;
use crate::models::TABLES;
use crate::row::oid;
use crate::schema::run;

/// Counts up when entries come to mean other rows of the same columns: tables that were filled before are then filled
/// anew, as if they had other columns.
const FOLD: u32 = 2;

/// So many tables are completed at once.
pub(crate) const SIDE_BY_SIDE: u32 = 2;

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

/// Creates the tables in the first schema of the search path, empty. Those whose rows change have what the rows are
/// found by; all other keys and indexes are made once they are filled, which is cheaper. Nor are they vacuumed until
/// then: they would be looked through again and again, and an index would have to wait for it.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub(super) async fn create(connection: &mut PgConnection) -> Result<(), ProjectionError> {
    run(connection, creation()).await
}

/// Makes the keys and indexes that are missing, and leaves the tables to the server's vacuum from then on.
///
/// # Errors
/// [`ProjectionError::Postgres`] when two rows have the same key, among others.
pub(crate) async fn complete(connection: &mut PgConnection) -> Result<(), ProjectionError> {
    run(connection, completion()).await
}

/// The same for tables that were filled, side by side on some connections of a pool. Then lets the server look at what
/// is in them, so that the first queries are planned well.
///
/// # Errors
/// As [`complete`].
pub(crate) async fn complete_filled(pool: &PgPool) -> Result<(), ProjectionError> {
    let waiting = Mutex::new(TABLES.iter());
    try_join_all((0..SIDE_BY_SIDE).map(|_| complete_waiting(pool, &waiting))).await.map(drop)
}

/// Completes one table after the other until none waits.
async fn complete_waiting(pool: &PgPool, waiting: &Mutex<Iter<'static, Table>>) -> Result<(), ProjectionError> {
    let mut connection = pool.acquire().await.map_err(ProjectionError::postgres("make the keys"))?;
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some(table) = next() {
        run(&mut connection, completion_of(*table)).await?;
        run(&mut connection, format!("ANALYZE {}", table.name)).await?;
    }
    Ok(())
}

/// What tells these tables from those that another version of the code makes.
pub(crate) fn digest() -> String {
    Digest::of(&[creation().as_bytes(), completion().as_bytes(), &FOLD.to_be_bytes()]).to_string()
}

fn creation() -> String {
    let tables: String = TABLES.iter().map(|table| creation_of(*table)).collect();
    let found_by: String = TABLES.iter().filter(|table| table.changes()).map(|table| found_by(*table)).collect();
    format!("{CHECKPOINT}\n{tables}{found_by}")
}

/// What is only added to is looked through after so many rows, while they are still in memory and in the server's log
/// since its last checkpoint. By default it would be looked through when it has grown by a fifth: a whole page would go
/// into the log for each of its pages.
const SETTLES: &str = "autovacuum_vacuum_insert_threshold = 200000, autovacuum_vacuum_insert_scale_factor = 0";

/// A row that changes is changed some seven times, and each counts. By default a table would be sampled again when a
/// tenth of its rows were, which on a busy desk is every minute.
const CHANGES: &str = "autovacuum_analyze_scale_factor = 0.5";

/// How much the server keeps of what it finds in a column: 300 rows are read for each of it. The default of 100 makes it
/// read 30,000 rows again and again, three seconds for the fifty wide columns of the cases.
const SOME: u32 = 30;

/// The same where rows are only looked up.
const FEW: u32 = 10;

fn creation_of(table: Table) -> String {
    let Table { name, columns, fill, is_looked_up, .. } = table;
    let column = |Column { name, oid, is_nullable }: &Column| {
        let not_null = if *is_nullable { "" } else { " NOT NULL" };
        format!("{name} {}{not_null}", oid::name(*oid))
    };
    let all = columns();
    let columns: Vec<String> = all.iter().map(column).collect();
    let kept = if is_looked_up { FEW } else { SOME };
    let sampled = |column: &Column| format!("ALTER COLUMN {} SET STATISTICS {kept}", column.name);
    let sampled = all.iter().map(sampled).collect::<Vec<_>>().join(", ");
    let settings = if table.changes() { format!("fillfactor = {fill}, {CHANGES}") } else { SETTLES.to_owned() };
    let columns = columns.join(", ");
    format!(
        "CREATE TABLE {name} ({columns}) WITH ({settings}, autovacuum_enabled = off);\nALTER TABLE {name} {sampled};\n"
    )
}

/// What rows are found by while the table is filled: its key, and what else stands in one row only.
fn found_by(table: Table) -> String {
    let unique = table.indexes.iter().filter(|index| index.is_unique);
    unique.fold(key_of(table), |statements, index| statements + &index_of(table, index))
}

fn completion() -> String {
    TABLES.iter().map(|table| completion_of(*table)).collect()
}

fn completion_of(table: Table) -> String {
    let keys = table.indexes.iter().fold(key_of(table), |statements, index| statements + &index_of(table, index));
    format!("{keys}ALTER TABLE {} RESET (autovacuum_enabled);", table.name)
}

fn key_of(Table { name, key, beside_key, .. }: Table) -> String {
    let key = key.join(", ");
    let beside = if beside_key.is_empty() { String::new() } else { format!(" INCLUDE ({})", beside_key.join(", ")) };
    format!(
        "DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_index WHERE indrelid = '{name}'::regclass AND indisprimary) THEN
                ALTER TABLE {name} ADD PRIMARY KEY ({key}){beside};
            END IF;
        END $$;"
    )
}

fn index_of(Table { name, .. }: Table, Index { name: index, on, is_unique }: &Index) -> String {
    let kind = if *is_unique { "UNIQUE INDEX" } else { "INDEX" };
    // Looked up first: creating locks the table even where the index is there.
    format!(
        "DO $$ BEGIN
            IF to_regclass('{index}') IS NULL THEN CREATE {kind} {index} ON {name} {on}; END IF;
        END $$;"
    )
}
