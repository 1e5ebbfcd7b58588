//! A row in `PostgreSQL`'s binary form.

use docket_messages::Timestamp;
use serde::Serialize;

use crate::column::{Columns, Value};

/// The types of columns: object ids that are the same in every `PostgreSQL` (`pg_type.dat`).
pub(crate) mod oid {
    pub(crate) const UUID: u32 = 2_950;
    pub(crate) const BOOLEAN: u32 = 16;
    pub(crate) const TEXT: u32 = 25;
    pub(crate) const INTEGER: u32 = 23;
    pub(crate) const BIGINT: u32 = 20;
    pub(crate) const TIMESTAMPTZ: u32 = 1_184;
    pub(crate) const DATE: u32 = 1_082;
    pub(crate) const TEXTS: u32 = 1_009;
    pub(crate) const TIMESTAMPTZS: u32 = 1_185;

    /// The name of a type.
    pub(crate) fn name(oid: u32) -> &'static str {
        match oid {
            UUID => "uuid",
            BOOLEAN => "boolean",
            TEXT => "text",
            INTEGER => "integer",
            BIGINT => "bigint",
            TIMESTAMPTZ => "timestamptz",
            DATE => "date",
            TEXTS => "text[]",
            TIMESTAMPTZS => "timestamptz[]",
            other => unreachable!("no column is of type {other}"),
        }
    }
}

/// The length of a value that is null.
const NULL: i32 = -1;

/// One row, value by value, in the order of the table's columns. Its length is noted when it ends.
pub(crate) struct Row<'r> {
    pub(crate) array: &'r mut Vec<u8>,
    /// Where its length is to be noted.
    pub(crate) start: usize,
    /// How many values are to come.
    pub(crate) missing: usize,
}

impl Drop for Row<'_> {
    fn drop(&mut self) {
        debug_assert_eq!(self.missing, 0, "a row with other columns than its table's");
        patch(self.array, self.start);
    }
}

impl Row<'_> {
    /// Writes a value.
    pub(crate) fn with(&mut self, value: &impl Columns) -> &mut Self {
        value.write(self);
        self
    }

    /// Writes a `text`.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.value(oid::TEXT, Some(text))
    }

    /// Writes a `text[]`.
    pub(crate) fn texts<'t>(&mut self, texts: impl ExactSizeIterator<Item = &'t str>) -> &mut Self {
        let start = self.begin_array(oid::TEXTS, oid::TEXT, texts.len());
        for text in texts {
            self.element(text.as_bytes());
        }
        patch(self.array, start);
        self
    }

    /// Writes a `timestamptz[]`.
    pub(crate) fn times(&mut self, times: Option<&[Timestamp]>) -> &mut Self {
        let Some(times) = times else { return self.value(oid::TIMESTAMPTZS, None::<&[u8]>) };
        let start = self.begin_array(oid::TIMESTAMPTZS, oid::TIMESTAMPTZ, times.len());
        for time in times {
            self.element(&time.written());
        }
        patch(self.array, start);
        self
    }

    /// Writes a document as JSON into a `text`. The server would have to read it to make a `jsonb` of it, which is
    /// larger, too; who reads the relations pays for that, if the document is asked for.
    ///
    /// # Errors
    /// When the document cannot be written as JSON.
    pub(crate) fn json(&mut self, document: &impl Serialize) -> Result<&mut Self, serde_json::Error> {
        self.column(oid::TEXT);
        self.document(document)?;
        Ok(self)
    }

    /// Writes documents as JSON into a `text[]`.
    ///
    /// # Errors
    /// When a document cannot be written as JSON.
    pub(crate) fn jsons(&mut self, documents: &[impl Serialize]) -> Result<&mut Self, serde_json::Error> {
        let array = self.begin_array(oid::TEXTS, oid::TEXT, documents.len());
        for document in documents {
            self.document(document)?;
        }
        patch(self.array, array);
        Ok(self)
    }

    fn document(&mut self, document: &impl Serialize) -> Result<(), serde_json::Error> {
        let start = self.array.len();
        self.array.extend(length(0));
        serde_json::to_writer(&mut *self.array, document)?;
        patch(self.array, start);
        Ok(())
    }

    /// Begins an array of one dimension, and says where its length is to be noted.
    fn begin_array(&mut self, oid: u32, of: u32, elements: usize) -> usize {
        self.column(oid);
        let start = self.array.len();
        self.array.extend(length(0));
        self.array.extend_from_slice(array_header(of, elements).as_flattened());
        start
    }

    fn element(&mut self, bytes: &[u8]) {
        self.array.extend(length(bytes.len()));
        self.array.extend_from_slice(bytes);
    }

    /// Writes the bytes of a value of a type.
    pub(crate) fn value(&mut self, oid: u32, value: Option<impl AsRef<[u8]>>) -> &mut Self {
        self.column(oid);
        match value {
            None => self.array.extend(NULL.to_be_bytes()),
            Some(value) => {
                let bytes = value.as_ref();
                self.array.extend(length(bytes.len()));
                self.array.extend_from_slice(bytes);
            }
        }
        self
    }

    fn column(&mut self, oid: u32) {
        self.missing = self.missing.saturating_sub(1);
        self.array.extend(oid.to_be_bytes());
    }
}

/// Notes how many bytes follow a length at `start`.
fn patch(array: &mut [u8], start: usize) {
    let bytes = length(array.len().saturating_sub(start + 4));
    if let Some(place) = array.get_mut(start..start + 4) {
        place.copy_from_slice(&bytes);
    }
}

/// What an array begins with: one dimension, nothing in it that is null, elements of this type, so many of them, counted
/// from 1.
pub(crate) fn array_header(of: u32, elements: usize) -> [[u8; 4]; 5] {
    [length(1), length(0), of.to_be_bytes(), length(elements), length(1)]
}

/// A count as the server reads it. A batch is far smaller than 2 GiB.
pub(crate) fn length(count: usize) -> [u8; 4] {
    i32::try_from(count).unwrap_or(i32::MAX).to_be_bytes()
}
