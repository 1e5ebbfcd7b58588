//! Bulk writing: the rows of a batch go into a table as arrays of the table's own row type, in `PostgreSQL`'s
//! binary form, a statement for each array.
//!
//! The rows are encoded once, into memory that is used again for the next batch. A statement is one round trip, for
//! which both sides wait in turn, so an array takes many rows; yet it stays far below the memory that the server has
//! for one operation by default (`work_mem`, 4 MB), beyond which it would go through a file. COPY would need two
//! flushes for each table, and a client that leaves Nagle's algorithm on waits for a delayed acknowledgement between
//! them (40 ms on Linux). An array per column costs the server a tuplestore per column.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{Encode, PgConnection, Postgres, Type};

use crate::ProjectionError;
use crate::column::Column;
use crate::row::{Row, array_header, length};

/// A table that rows are written into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    /// Its name, found through `search_path`.
    pub name: &'static str,
    /// All its columns, in their order.
    pub columns: fn() -> Vec<Column>,
    /// The columns of its key.
    pub key: &'static [&'static str],
    /// Columns that are kept in the index of the key as well, so that who needs no more does not read the rows.
    pub beside_key: &'static [&'static str],
    /// How full its pages are made, in hundredths. A row that is updated goes on its own page if there is room, and
    /// then, if no indexed column has changed, writes no index ("heap-only").
    pub fill: u32,
    /// Its other indexes.
    pub indexes: &'static [Index],
    /// Whether the relations find its rows by key or index only. The server then needs to know little of what is in it,
    /// and samples a tenth of the usual rows for its statistics.
    pub is_looked_up: bool,
}

/// An index beside the key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Index {
    /// Its name.
    pub name: &'static str,
    /// What follows the name of the table in `CREATE INDEX`.
    pub on: &'static str,
    /// Whether each value stands there once.
    pub is_unique: bool,
}

impl Index {
    /// An index for finding rows.
    pub(crate) const fn new(name: &'static str, on: &'static str) -> Self {
        Self { name, on, is_unique: false }
    }

    /// An index that holds each value once.
    pub(crate) const fn unique(name: &'static str, on: &'static str) -> Self {
        Self { name, on, is_unique: true }
    }
}

/// What becomes of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// They are added; the table has no rows of their keys.
    Insert,
    /// They replace the table's rows of their keys.
    Update,
}

impl Table {
    /// Whether its rows change.
    pub(crate) fn changes(self) -> bool {
        self.fill < 100
    }

    /// Which of the two it is, is known from the log: asking the server to find out (`ON CONFLICT`) costs it a
    /// look into the index, and a record in its own log, for every row.
    fn statement(self, change: Change) -> String {
        let Self { name, columns, key, .. } = self;
        let columns: Vec<&str> = columns().iter().map(|column| column.name).collect();
        match change {
            Change::Insert => format!("INSERT INTO {name} SELECT * FROM unnest($1)"),
            Change::Update => {
                let set = columns.iter().filter(|column| !key.contains(column));
                let set: Vec<String> = set.map(|column| format!("{column} = new.{column}")).collect();
                let same: Vec<String> = key.iter().map(|column| format!("{name}.{column} = new.{column}")).collect();
                format!("UPDATE {name} SET {} FROM unnest($1) AS new WHERE {}", set.join(", "), same.join(" AND "))
            }
        }
    }

    /// Adds what rows count to what the table's rows of their keys count. One that counts nothing then is taken out, as
    /// if nothing had ever been counted.
    fn addition(self) -> String {
        let Self { name, columns, key, .. } = self;
        let columns: Vec<&str> = columns().iter().map(|column| column.name).collect();
        let each = |of: &[&str], write: &dyn Fn(&str) -> String, between: &str| {
            of.iter().map(|column| write(column)).collect::<Vec<_>>().join(between)
        };
        let counts: Vec<&str> = columns.iter().copied().filter(|column| !key.contains(column)).collect();
        let same = each(key, &|column| format!("{name}.{column} = new.{column}"), " AND ");
        let nothing = each(&counts, &|count| format!("{name}.{count} + new.{count} = 0"), " AND ");
        let sums = each(&counts, &|count| format!("{count} = {name}.{count} + new.{count}"), ", ");
        let all = each(&columns, &|column| format!("new.{column}"), ", ");
        format!(
            "MERGE INTO {name} USING unnest($1) AS new ON {same} WHEN MATCHED AND {nothing} THEN DELETE
             WHEN MATCHED THEN UPDATE SET {sums} WHEN NOT MATCHED THEN INSERT VALUES ({all})"
        )
    }

    /// Asks the server for the type of the table's rows.
    async fn row_type(self, connection: &mut PgConnection) -> Result<RowType, ProjectionError> {
        let of_table = "SELECT t.oid, t.typarray, array_agg(a.attname::text ORDER BY a.attnum)
             FROM pg_class c JOIN pg_type t ON t.oid = c.reltype JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.oid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped GROUP BY t.oid, t.typarray";
        let (row, array, columns): (Oid, Oid, Vec<String>) = sqlx::query_as(of_table)
            .bind(self.name)
            .fetch_one(connection)
            .await
            .map_err(ProjectionError::postgres("look at the columns of a table"))?;
        if !columns.iter().eq((self.columns)().iter().map(|column| column.name)) {
            let cause = format!("the table {} has the columns {}", self.name, columns.join(", "));
            return Err(ProjectionError::postgres("write into it")(sqlx::Error::Configuration(cause.into())));
        }
        Ok(RowType { row, array })
    }
}

/// The types that the server made for a table.
#[derive(Debug, Clone, Copy)]
struct RowType {
    row: Oid,
    array: Oid,
}

/// The bytes before the rows of an array.
const HEADER: usize = 20;
/// An array that has so many bytes takes no more rows.
const FULL: usize = 512 * 1024;

/// Rows on their way into one table.
#[derive(Debug)]
pub(crate) struct Rows {
    table: Table,
    statement: String,
    /// How many columns it has.
    columns: usize,
    row_type: Option<RowType>,
    arrays: Vec<Array>,
    /// The array that takes rows; those after it are empty, and kept for their memory.
    current: usize,
}

impl Rows {
    pub(crate) fn new(table: Table, change: Change) -> Self {
        Self::with(table, table.statement(change))
    }

    /// Rows that are added up with those of their keys.
    pub(crate) fn sums(table: Table) -> Self {
        Self::with(table, table.addition())
    }

    fn with(table: Table, statement: String) -> Self {
        let columns = (table.columns)().len();
        Self { table, statement, columns, row_type: None, arrays: Vec::new(), current: 0 }
    }

    /// Begins a row; as many values must follow as the table has columns.
    pub(crate) fn row(&mut self) -> Row<'_> {
        if self.arrays.get(self.current).is_some_and(|array| array.bytes.len() >= FULL) {
            self.current += 1;
        }
        if self.arrays.len() == self.current {
            self.arrays.push(Array::new());
        }
        #[expect(clippy::indexing_slicing, reason = "it was pushed just now, if it was missing")]
        self.arrays[self.current].row(self.columns)
    }

    /// Writes the rows and forgets them, keeping the memory.
    pub(crate) async fn write(&mut self, connection: &mut PgConnection) -> Result<(), ProjectionError> {
        for array in self.arrays.iter_mut().take_while(|array| array.rows > 0) {
            let row_type = match self.row_type {
                Some(row_type) => row_type,
                None => *self.row_type.insert(self.table.row_type(connection).await?),
            };
            let failed = ProjectionError::postgres;
            let written = sqlx::query(sqlx::AssertSqlSafe(self.statement.as_str()))
                .bind(array.finish(row_type))
                .execute(&mut *connection)
                .await
                .map_err(failed("write the rows of a batch"))?;
            if written.rows_affected() != u64::try_from(array.rows).unwrap_or(u64::MAX) {
                // Somebody else wrote into the table, or took from it.
                let cause = format!("{} rows of {} met {}", array.rows, self.table.name, written.rows_affected());
                return Err(failed("write the rows of a batch")(sqlx::Error::Configuration(cause.into())));
            }
            array.clear();
        }
        self.current = 0;
        Ok(())
    }
}

/// Rows on their way into a table whose rows change.
#[derive(Debug)]
pub(crate) struct Changes {
    inserts: Rows,
    updates: Rows,
}

impl Changes {
    pub(crate) fn new(table: Table) -> Self {
        Self { inserts: Rows::new(table, Change::Insert), updates: Rows::new(table, Change::Update) }
    }

    /// Where a row goes.
    pub(crate) fn of(&mut self, change: Change) -> &mut Rows {
        match change {
            Change::Insert => &mut self.inserts,
            Change::Update => &mut self.updates,
        }
    }

    /// Writes the rows and forgets them, keeping the memory.
    pub(crate) async fn write(&mut self, connection: &mut PgConnection) -> Result<(), ProjectionError> {
        self.inserts.write(connection).await?;
        self.updates.write(connection).await
    }
}

/// Rows as one array in binary form.
#[derive(Debug)]
struct Array {
    bytes: Vec<u8>,
    rows: usize,
}

impl Array {
    fn new() -> Self {
        Self { bytes: vec![0; HEADER], rows: 0 }
    }

    fn row(&mut self, columns: usize) -> Row<'_> {
        self.rows += 1;
        let start = self.bytes.len();
        self.bytes.extend(length(0));
        self.bytes.extend(length(columns));
        Row { array: &mut self.bytes, start, missing: columns }
    }

    fn finish(&mut self, of: RowType) -> Finished<'_> {
        for (to, from) in self.bytes.iter_mut().zip(array_header(of.row.0, self.rows).as_flattened()) {
            *to = *from;
        }
        Finished { of, bytes: &self.bytes }
    }

    fn clear(&mut self) {
        self.bytes.truncate(HEADER);
        self.rows = 0;
    }
}

/// An array on its way to the server.
struct Finished<'r> {
    of: RowType,
    bytes: &'r [u8],
}

impl Type<Postgres> for Finished<'_> {
    fn type_info() -> PgTypeInfo {
        // Never asked for: each value says what it is.
        PgTypeInfo::with_name("record[]")
    }
}

impl Encode<'_, Postgres> for Finished<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(self.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(self.of.array))
    }
}
