//! What an entry has changed of a case: the columns of `docket.cases` as they were before it. So the case can be shown
//! as it was at any moment, without folding its events a second time in SQL.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::{Serialize, SerializeMap, Serializer};
use uuid::Uuid;

use crate::column::{Column, EPOCH_MILLIS};
use crate::models::cases::{CaseRow, shown};
use crate::row::{Encoded, oid};

/// Compares cases before and after an entry. Made once and used again, so that comparing allocates nothing.
#[derive(Debug)]
pub(crate) struct Comparison {
    /// Those that are compared, by their place in the row.
    columns: Vec<(usize, Column)>,
    before: Encoded,
    after: Encoded,
}

/// Columns that have changed, with what they held before, as a JSON object.
#[derive(Debug, Default)]
pub(crate) struct Before<'c>(Vec<(Column, Option<&'c [u8]>)>);

impl Comparison {
    pub(crate) fn new() -> Self {
        Self { columns: shown(), before: Encoded::default(), after: Encoded::default() }
    }

    /// Notes a case before an entry.
    pub(crate) fn begin(&mut self, case: &CaseRow) {
        self.before.set(case);
    }

    /// What has changed of it since.
    pub(crate) fn end(&mut self, case: &CaseRow) -> Before<'_> {
        self.after.set(case);
        let mut columns = self.columns.iter().peekable();
        let values = self.before.values().zip(self.after.values()).enumerate();
        let changed = values.filter_map(|(index, (before, after))| {
            let (_, column) = columns.next_if(|(place, _)| *place == index)?;
            (before != after).then_some((*column, before))
        });
        Before(changed.collect())
    }
}

impl Serialize for Before<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (column, value) in &self.0 {
            map.serialize_entry(column.name, &Shown { oid: column.oid, value: *value })?;
        }
        map.end()
    }
}

/// A value in the server's binary form, shown as JSON.
struct Shown<'v> {
    oid: u32,
    value: Option<&'v [u8]>,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(value) = self.value else { return serializer.serialize_none() };
        let long = || i64::from_be_bytes(value.try_into().unwrap_or_default());
        match self.oid {
            oid::BOOLEAN => serializer.serialize_bool(value == [1]),
            oid::INTEGER => serializer.serialize_i32(i32::from_be_bytes(value.try_into().unwrap_or_default())),
            oid::BIGINT => serializer.serialize_i64(long()),
            oid::UUID => serializer.collect_str(&Uuid::from_slice(value).unwrap_or_default()),
            oid::TIMESTAMPTZ => serializer.serialize_str(&instant(long()).to_rfc3339_opts(SecondsFormat::Millis, true)),
            _ => serializer.serialize_str(std::str::from_utf8(value).unwrap_or_default()),
        }
    }
}

/// An instant by its microseconds since 2000, from which the server counts.
fn instant(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros.saturating_add(EPOCH_MILLIS * 1_000)).unwrap_or_default()
}
