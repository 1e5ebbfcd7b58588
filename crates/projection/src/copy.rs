//! Bulk writing: rows in PostgreSQL's binary COPY format, into a table or through a staging table.
//!
//! Format: <https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format".

use bytes::{BufMut, BytesMut};
use docket_messages::{CaseId, Timestamp};
use sqlx::PgConnection;

use crate::ProjectionError;

/// The signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Microseconds from 1970 to 2000, PostgreSQL's epoch.
const EPOCH_2000_MICROS: i64 = 946_684_800_000_000;

/// A table that rows are copied into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    /// Its name, found through `search_path`.
    pub name: &'static str,
    /// Its columns, in the order in which rows are written.
    pub columns: &'static [&'static str],
    /// The columns of its key, when rows replace those that exist.
    pub key: &'static [&'static str],
}

/// Rows on their way into one table.
#[derive(Debug)]
pub(crate) struct Rows {
    table: Table,
    buffer: BytesMut,
    count: usize,
}

impl Rows {
    pub(crate) fn new(table: Table) -> Self {
        Self { table, buffer: BytesMut::from(HEADER), count: 0 }
    }

    /// Begins a row; as many values must follow as the table has columns.
    pub(crate) fn row(&mut self) -> Row<'_> {
        self.count += 1;
        self.buffer.put_i16(i16::try_from(self.table.columns.len()).unwrap_or(i16::MAX));
        Row { buffer: &mut self.buffer }
    }

    /// Writes the rows and forgets them, keeping the memory.
    pub(crate) async fn write(&mut self, connection: &mut PgConnection) -> Result<(), ProjectionError> {
        if self.count == 0 {
            return Ok(());
        }
        self.buffer.put_i16(-1);
        let columns = self.table.columns.join(", ");
        let name = self.table.name;
        if self.table.key.is_empty() {
            self.copy(connection, &format!("COPY {name} ({columns}) FROM STDIN (FORMAT binary)")).await?;
        } else {
            self.copy(connection, &format!("COPY stage_{name} ({columns}) FROM STDIN (FORMAT binary)")).await?;
            let merge = sqlx::query(sqlx::AssertSqlSafe(self.table.merge()));
            merge.execute(&mut *connection).await.map_err(ProjectionError::postgres("merge rows"))?;
        }
        self.buffer.truncate(HEADER.len());
        self.count = 0;
        Ok(())
    }

    async fn copy(&self, connection: &mut PgConnection, statement: &str) -> Result<(), ProjectionError> {
        let failed = ProjectionError::postgres;
        let mut copy = connection.copy_in_raw(statement).await.map_err(failed("begin a COPY"))?;
        copy.send(&self.buffer[..]).await.map_err(failed("send rows"))?;
        copy.finish().await.map(drop).map_err(failed("finish a COPY"))
    }
}

impl Table {
    /// The staging table that rows pass through, which empties itself at commit.
    pub(crate) fn create_stage(&self) -> String {
        let name = self.name;
        format!("CREATE TEMPORARY TABLE IF NOT EXISTS stage_{name} (LIKE {name}) ON COMMIT DELETE ROWS")
    }

    fn merge(&self) -> String {
        let (name, columns, key) = (self.name, self.columns.join(", "), self.key.join(", "));
        let set: Vec<String> = self
            .columns
            .iter()
            .filter(|column| !self.key.contains(column))
            .map(|column| format!("{column} = excluded.{column}"))
            .collect();
        format!(
            "INSERT INTO {name} ({columns}) SELECT {columns} FROM stage_{name} ON CONFLICT ({key}) DO UPDATE SET {}",
            set.join(", ")
        )
    }
}

/// One row, value by value.
pub(crate) struct Row<'b> {
    buffer: &'b mut BytesMut,
}

impl Row<'_> {
    fn value(&mut self, bytes: &[u8]) -> &mut Self {
        self.buffer.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
        self.buffer.put_slice(bytes);
        self
    }

    fn null(&mut self) -> &mut Self {
        self.buffer.put_i32(-1);
        self
    }

    pub(crate) fn uuid(&mut self, id: CaseId) -> &mut Self {
        self.value(id.uuid().as_bytes())
    }

    pub(crate) fn opt_uuid(&mut self, id: Option<CaseId>) -> &mut Self {
        match id {
            Some(id) => self.uuid(id),
            None => self.null(),
        }
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.value(text.as_bytes())
    }

    pub(crate) fn opt_text<T: AsRef<str>>(&mut self, text: Option<T>) -> &mut Self {
        match text {
            Some(text) => self.text(text.as_ref()),
            None => self.null(),
        }
    }

    /// An `integer`.
    pub(crate) fn int(&mut self, number: u32) -> &mut Self {
        self.value(&i32::try_from(number).unwrap_or(i32::MAX).to_be_bytes())
    }

    pub(crate) fn opt_int(&mut self, number: Option<u32>) -> &mut Self {
        match number {
            Some(number) => self.int(number),
            None => self.null(),
        }
    }

    /// A `bigint`.
    pub(crate) fn bigint(&mut self, number: i64) -> &mut Self {
        self.value(&number.to_be_bytes())
    }

    /// A `timestamptz`.
    pub(crate) fn at(&mut self, at: Timestamp) -> &mut Self {
        self.value(&(at.as_millis() * 1000 - EPOCH_2000_MICROS).to_be_bytes())
    }

    pub(crate) fn opt_at(&mut self, at: Option<Timestamp>) -> &mut Self {
        match at {
            Some(at) => self.at(at),
            None => self.null(),
        }
    }

    /// A `jsonb`, from JSON text that `write` appends.
    pub(crate) fn jsonb(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        // Version 1 of the format: the text of the document.
        let mut document = vec![1_u8];
        write(&mut document);
        self.value(&document)
    }
}
