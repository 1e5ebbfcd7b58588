//! Bulk writing: the rows of a batch go into a table with one statement, as one array per column.
//!
//! One statement is one round trip. PostgreSQL's COPY would need two flushes for each table, and a client that
//! leaves Nagle's algorithm on waits for a delayed acknowledgement between them (40 ms on Linux).

use chrono::{DateTime, Utc};
use docket_messages::{CaseId, Timestamp};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::ProjectionError;

/// A table that rows are written into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    /// Its name, found through `search_path`.
    pub name: &'static str,
    /// Its columns, in the order in which rows are written.
    pub columns: &'static [&'static str],
    /// The columns of its key, when rows replace those that exist.
    pub key: &'static [&'static str],
}

/// The values of one column.
#[derive(Debug)]
enum Column {
    Uuid(Vec<Option<Uuid>>),
    Text(Vec<Option<String>>),
    Int(Vec<Option<i32>>),
    BigInt(Vec<Option<i64>>),
    Time(Vec<Option<DateTime<Utc>>>),
    Json(Vec<Option<String>>),
}

impl Column {
    fn sql_type(&self) -> &'static str {
        match self {
            Self::Uuid(_) => "uuid",
            // JSON travels as text and is read by the server.
            Self::Text(_) | Self::Json(_) => "text",
            Self::Int(_) => "integer",
            Self::BigInt(_) => "bigint",
            Self::Time(_) => "timestamptz",
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Uuid(values) => values.clear(),
            Self::Text(values) | Self::Json(values) => values.clear(),
            Self::Int(values) => values.clear(),
            Self::BigInt(values) => values.clear(),
            Self::Time(values) => values.clear(),
        }
    }
}

/// Rows on their way into one table.
#[derive(Debug)]
pub(crate) struct Rows {
    table: Table,
    columns: Vec<Column>,
    count: usize,
}

impl Rows {
    pub(crate) fn new(table: Table) -> Self {
        Self { table, columns: Vec::with_capacity(table.columns.len()), count: 0 }
    }

    /// Begins a row; as many values must follow as the table has columns.
    pub(crate) fn row(&mut self) -> Row<'_> {
        self.count += 1;
        Row { columns: &mut self.columns, next: 0 }
    }

    /// Writes the rows and forgets them, keeping the memory.
    pub(crate) async fn write(&mut self, connection: &mut PgConnection) -> Result<(), ProjectionError> {
        if self.count == 0 {
            return Ok(());
        }
        let mut insert = sqlx::query(sqlx::AssertSqlSafe(self.statement()));
        for column in &self.columns {
            insert = match column {
                Column::Uuid(values) => insert.bind(values),
                Column::Text(values) | Column::Json(values) => insert.bind(values),
                Column::Int(values) => insert.bind(values),
                Column::BigInt(values) => insert.bind(values),
                Column::Time(values) => insert.bind(values),
            };
        }
        insert.execute(connection).await.map_err(ProjectionError::postgres("write the rows of a batch"))?;
        self.columns.iter_mut().for_each(Column::clear);
        self.count = 0;
        Ok(())
    }

    fn statement(&self) -> String {
        let names = self.table.columns;
        let arrays: Vec<String> =
            self.columns.iter().zip(1..).map(|(column, n)| format!("${n}::{}[]", column.sql_type())).collect();
        let values: Vec<String> = names
            .iter()
            .zip(&self.columns)
            .map(|(name, column)| match column {
                Column::Json(_) => format!("rows.{name}::jsonb"),
                Column::Uuid(_) | Column::Text(_) | Column::Int(_) | Column::BigInt(_) | Column::Time(_) => {
                    format!("rows.{name}")
                }
            })
            .collect();
        let (columns, key) = (names.join(", "), self.table.key);
        let insert = format!(
            "INSERT INTO {} ({columns}) SELECT {} FROM unnest({}) AS rows ({columns})",
            self.table.name,
            values.join(", "),
            arrays.join(", ")
        );
        if key.is_empty() {
            return insert;
        }
        let set = names.iter().filter(|name| !key.contains(name)).map(|name| format!("{name} = excluded.{name}"));
        let set: Vec<String> = set.collect();
        format!("{insert} ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), set.join(", "))
    }
}

/// One row, value by value. The first row of a table says what its columns are.
pub(crate) struct Row<'c> {
    columns: &'c mut Vec<Column>,
    next: usize,
}

macro_rules! push {
    ($row:expr, $kind:ident, $value:expr) => {{
        if $row.columns.len() == $row.next {
            $row.columns.push(Column::$kind(Vec::new()));
        }
        let column = $row.columns.get_mut($row.next);
        // Every row of a table is written by the same code, so a column is always of one kind.
        debug_assert!(matches!(column, Some(Column::$kind(_))), "a column of another kind");
        if let Some(Column::$kind(values)) = column {
            values.push($value);
        }
        $row.next += 1;
        $row
    }};
}

impl Row<'_> {
    pub(crate) fn uuid(&mut self, id: CaseId) -> &mut Self {
        self.opt_uuid(Some(id))
    }

    pub(crate) fn opt_uuid(&mut self, id: Option<CaseId>) -> &mut Self {
        push!(self, Uuid, id.map(CaseId::uuid))
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.opt_text(Some(text))
    }

    pub(crate) fn opt_text(&mut self, text: Option<&str>) -> &mut Self {
        push!(self, Text, text.map(str::to_owned))
    }

    /// An `integer`.
    pub(crate) fn int(&mut self, number: u32) -> &mut Self {
        self.opt_int(Some(number))
    }

    pub(crate) fn opt_int(&mut self, number: Option<u32>) -> &mut Self {
        push!(self, Int, number.map(|number| i32::try_from(number).unwrap_or(i32::MAX)))
    }

    /// A `bigint`.
    pub(crate) fn bigint(&mut self, number: i64) -> &mut Self {
        push!(self, BigInt, Some(number))
    }

    /// A `timestamptz`.
    pub(crate) fn at(&mut self, at: Timestamp) -> &mut Self {
        self.opt_at(Some(at))
    }

    pub(crate) fn opt_at(&mut self, at: Option<Timestamp>) -> &mut Self {
        push!(self, Time, at.map(Timestamp::to_chrono))
    }

    /// A `jsonb`, from the text of a document.
    pub(crate) fn json(&mut self, document: String) -> &mut Self {
        push!(self, Json, Some(document))
    }
}
