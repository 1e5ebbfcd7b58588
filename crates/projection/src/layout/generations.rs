//! Generations: each is a set of tables of its own, filled from the log. One of them is live: the relations show it.
//! Another may be filled beside it, and one that was live may be kept.
//!
//! The book of generations stands where the places do ([`crate::places`]): it outlives all of them.

use sqlx::{FromRow, PgConnection};

use super::dependents::dependents;
use super::{VERSION, relations, tables};
use crate::ProjectionError;
use crate::schema::{Schema, exists, run};

/// What a generation is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is being filled.
    Building,
    /// The relations show it.
    Live,
    /// It was live, and is kept.
    Kept,
    /// Nothing needs it any more; it is dropped when nobody reads it.
    Retired,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Building, Self::Live, Self::Kept, Self::Retired];

    /// As the book has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Live => "live",
            Self::Kept => "kept",
            Self::Retired => "retired",
        }
    }
}

/// A set of tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Its number.
    pub number: i32,
    /// The schema of its tables.
    pub tables_of: String,
    /// What it is there for.
    pub state: State,
    /// The version of the layout that made it, or last showed it.
    pub(crate) version: i32,
    /// Which tables they are: [`tables::digest`] of the code that made them.
    pub(crate) layout: String,
    /// By which relations it is shown, if it is live.
    pub(crate) shown_by: Option<String>,
}

impl Generation {
    /// Whether this code can fill it.
    pub(crate) fn is_of_this_layout(&self) -> bool {
        self.layout == tables::digest()
    }
}

#[derive(FromRow)]
struct Row {
    generation: i32,
    tables_of: String,
    state: String,
    version: i32,
    layout: String,
    shown_by: Option<String>,
}

impl Row {
    fn read(self) -> Option<Generation> {
        let state = State::ALL.into_iter().find(|state| state.as_str() == self.state)?;
        let Self { generation: number, tables_of, version, layout, shown_by, .. } = self;
        Some(Generation { number, tables_of, state, version, layout, shown_by })
    }
}

/// Creates the book, if it is missing.
pub(crate) async fn prepare(connection: &mut PgConnection, schema: &Schema) -> Result<(), ProjectionError> {
    let book = book(schema);
    if exists(&mut *connection, &book).await? {
        return Ok(());
    }
    let create = format!(
        "CREATE TABLE {book} (
            generation integer PRIMARY KEY,
            tables_of  text NOT NULL UNIQUE,
            state      text NOT NULL CHECK (state IN ('building', 'live', 'kept', 'retired')),
            version    integer NOT NULL,
            layout     text NOT NULL,
            shown_by   text,
            began_at   timestamptz NOT NULL DEFAULT now(),
            live_at    timestamptz
        );
        CREATE UNIQUE INDEX generations_live ON {book} (state) WHERE state = 'live';
        COMMENT ON TABLE {book} IS 'Sets of tables, each filled from the log; the relations show the one that is live.';
        COMMENT ON COLUMN {book}.generation IS 'Its number.';
        COMMENT ON COLUMN {book}.tables_of IS 'The schema of its tables.';
        COMMENT ON COLUMN {book}.state IS 'building, live, kept, or retired (to be dropped).';
        COMMENT ON COLUMN {book}.version IS 'The version of the layout that made it, or last showed it; an older one leaves it alone.';
        COMMENT ON COLUMN {book}.layout IS 'Which tables they are, by digest.';
        COMMENT ON COLUMN {book}.shown_by IS 'Which relations show it, by digest; null unless it is live.';
        COMMENT ON COLUMN {book}.began_at IS 'When it was created.';
        COMMENT ON COLUMN {book}.live_at IS 'When it was last made live.'"
    );
    run(connection, create).await
}

/// Every generation, the newest first.
pub(crate) async fn all(connection: &mut PgConnection, schema: &Schema) -> Result<Vec<Generation>, ProjectionError> {
    let statement = format!(
        "SELECT generation, tables_of, state, version, layout, shown_by FROM {} ORDER BY generation DESC",
        book(schema)
    );
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .fetch_all(connection)
        .await
        .map_err(ProjectionError::postgres("read the generations"))?;
    Ok(rows.into_iter().filter_map(Row::read).collect())
}

/// The one that is live.
pub(crate) async fn live(
    connection: &mut PgConnection,
    schema: &Schema,
) -> Result<Option<Generation>, ProjectionError> {
    Ok(all(connection, schema).await?.into_iter().find(|generation| generation.state == State::Live))
}

/// Whether one is live, as a condition.
pub(crate) fn is_live(schema: &Schema, number: i32) -> String {
    format!("EXISTS (SELECT FROM {} WHERE generation = {number} AND state = 'live')", book(schema))
}

/// Creates the tables of a new one, empty; in a schema of that name, if one is given.
pub(crate) async fn create(
    connection: &mut PgConnection,
    schema: &Schema,
    tables_of: Option<&str>,
) -> Result<Generation, ProjectionError> {
    let number = all(connection, schema).await?.first().map_or(1, |newest| newest.number + 1);
    let tables_of = tables_of.map_or_else(|| schema.tables(number), str::to_owned);
    let book = book(schema);
    run(connection, format!("BEGIN; CREATE SCHEMA {tables_of}; SET LOCAL search_path TO {tables_of}")).await?;
    tables::create(&mut *connection).await?;
    let layout = tables::digest();
    let note = format!(
        "INSERT INTO {book} (generation, tables_of, state, version, layout)
         VALUES ({number}, '{tables_of}', '{}', {VERSION}, '{layout}'); COMMIT",
        State::Building.as_str()
    );
    run(connection, note).await?;
    Ok(Generation { number, tables_of, state: State::Building, version: VERSION, layout, shown_by: None })
}

/// Notes what one is there for from now on, if it is there for one of these until now; says whether it was. Of two that
/// decide at once about one generation, the second finds what the first has decided. The relations of this code show the
/// one that is live.
pub(crate) async fn change(
    connection: &mut PgConnection,
    schema: &Schema,
    number: i32,
    from: &[State],
    state: State,
) -> Result<bool, ProjectionError> {
    let from: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
    let shown_by = (state == State::Live).then(relations::digest);
    let statement = format!(
        "UPDATE {} SET state = $2, shown_by = $3, version = CASE WHEN $2 = 'live' THEN {VERSION} ELSE version END,
             live_at = CASE WHEN $2 = 'live' THEN now() ELSE live_at END
         WHERE generation = $1 AND state = ANY($4)",
        book(schema)
    );
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .bind(number)
        .bind(state.as_str())
        .bind(shown_by)
        .bind(from)
        .execute(connection)
        .await
        .map(|done| done.rows_affected() == 1)
        .map_err(ProjectionError::postgres("note what a generation is there for"))
}

/// Drops one for good. Waits for those who read it as long as the session's `lock_timeout` says.
///
/// # Errors
/// [`ProjectionError::Standing`] when somebody else's objects stand on its tables; then it stays.
pub(crate) async fn remove(
    connection: &mut PgConnection,
    schema: &Schema,
    Generation { number, tables_of, .. }: &Generation,
) -> Result<(), ProjectionError> {
    let objects = dependents(&mut *connection, &[tables_of]).await?;
    if !objects.is_empty() {
        return Err(ProjectionError::Standing { schema: tables_of.clone(), objects: objects.join(", ") });
    }
    let book = book(schema);
    run(
        connection,
        format!(
            "BEGIN; DROP SCHEMA IF EXISTS {tables_of} CASCADE; DELETE FROM {book} WHERE generation = {number}; COMMIT"
        ),
    )
    .await
}

fn book(schema: &Schema) -> String {
    format!("{}.generations", schema.access)
}
