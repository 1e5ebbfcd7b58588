//! The keys and the other indexes of the read models: apart from the tables, so that tables can be filled first.

use sqlx::PgConnection;

use crate::ProjectionError;
use crate::bulk::Table;
use crate::models::TABLES;
use crate::schema::run;

/// An index beside the key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Index {
    /// Its name.
    pub name: &'static str,
    /// What follows the name of the table in `CREATE INDEX`.
    pub on: &'static str,
}

/// Makes the keys and indexes that are missing.
///
/// # Errors
/// [`ProjectionError::Postgres`] when two rows have the same key, among others.
pub(crate) async fn make(connection: &mut PgConnection) -> Result<(), ProjectionError> {
    run(connection, TABLES.iter().map(|(table, _)| statements(*table)).collect::<String>()).await
}

fn statements(Table { name, key, indexes, .. }: Table) -> String {
    let key = key.join(", ");
    let mut statements = format!(
        "DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_index WHERE indrelid = '{name}'::regclass AND indisprimary) THEN
                ALTER TABLE {name} ADD PRIMARY KEY ({key});
            END IF;
        END $$;"
    );
    // Looked up first: creating locks the table even where the index is there.
    for Index { name: index, on } in indexes {
        statements.push_str(&format!(
            "DO $$ BEGIN
                IF to_regclass('{index}') IS NULL THEN CREATE INDEX {index} ON {name} {on}; END IF;
            END $$;"
        ));
    }
    statements
}
