//! What an entry has changed of a case: the columns of `docket.cases` as they were before it. So the case can be shown
//! as it was at any moment, without folding its events a second time in SQL.

use std::ops::Range;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::{Serialize, SerializeMap, Serializer};
use uuid::Uuid;

use crate::column::{Column, Columns as _, EPOCH_MILLIS};
use crate::models::cases::{CaseRow, shown};
use crate::row::oid;

/// Compares cases before and after an entry. Made once and used again, so that comparing hardly allocates.
#[derive(Debug)]
pub(crate) struct Comparison {
    before: Option<CaseRow>,
    changes: Changes,
}

/// Columns that have changed, with what they held before. Serialised as a JSON object.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Which columns are compared, of all columns of a row in their order.
    compared: Vec<bool>,
    /// How many columns were gone through.
    place: usize,
    changed: Vec<(Column, Option<Range<usize>>)>,
    /// What they held, in the server's binary form.
    bytes: Vec<u8>,
}

impl Comparison {
    pub(crate) fn new() -> Self {
        let changes = Changes { compared: shown(), ..Changes::default() };
        Self { before: None, changes }
    }

    /// Notes a case before an entry; `None` for the entry that opens it: there was nothing before.
    pub(crate) fn begin(&mut self, case: Option<&CaseRow>) {
        self.before = case.cloned();
    }

    /// What has changed of it since.
    pub(crate) fn end(&mut self, case: &CaseRow) -> &Changes {
        let Self { before, changes } = self;
        changes.place = 0;
        changes.changed.clear();
        changes.bytes.clear();
        if let Some(before) = before {
            case.compare(before, "", changes);
        }
        changes
    }
}

impl Changes {
    /// Whether the next column is compared.
    pub(crate) fn compares_next(&mut self) -> bool {
        self.place += 1;
        self.compared.get(self.place - 1) == Some(&true)
    }

    /// Notes what a column held.
    pub(crate) fn note(&mut self, column: Column, value: Option<&[u8]>) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(value.unwrap_or_default());
        self.changed.push((column, value.map(|_| start..self.bytes.len())));
    }
}

impl Serialize for Changes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.changed.len()))?;
        for (column, value) in &self.changed {
            let value = value.clone().and_then(|range| self.bytes.get(range));
            map.serialize_entry(column.name, &Shown { oid: column.oid, value })?;
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
