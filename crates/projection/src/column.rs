//! What columns hold: how a value is written into a row, and how it is read from one.

use std::error::Error;

use chrono::{DateTime, NaiveDate, Utc};
use docket_messages::{
    AgentId, CaseId, ClockName, ClockState, CustomerId, Name, OnBehalfOf, PolicyVersion, Position, Presence,
    PrincipalName, Status, Survey, Timestamp, Version,
};
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row as _, Type};
use uuid::Uuid;

use crate::before::Changes;
use crate::models::article_events::ArticleUse;
use crate::models::contacts::Kind;
use crate::row::{Row, oid};

/// Why a stored value is none.
type Unreadable = Box<dyn Error + Send + Sync>;

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its name.
    pub name: &'static str,
    /// The type of its values.
    pub oid: u32,
    /// Whether it may be empty.
    pub is_nullable: bool,
}

impl Column {
    pub(crate) const fn new(name: &'static str, oid: u32) -> Self {
        Self { name, oid, is_nullable: false }
    }

    pub(crate) const fn nullable(name: &'static str, oid: u32) -> Self {
        Self { name, oid, is_nullable: true }
    }
}

/// What stands in a column of a table, or in several beside each other.
pub(crate) trait Columns: Sized {
    /// Adds the columns; `column` is what a single one is called.
    fn describe(column: &'static str, columns: &mut Vec<Column>);

    /// Writes the values that follow in a row.
    fn write(&self, row: &mut Row<'_>);

    /// Reads the values; `column` is what a single one is called.
    fn read(row: &PgRow, column: &str) -> Result<Self, sqlx::Error>;

    /// Notes what was different before; `column` is what a single one is called.
    fn compare(&self, before: &Self, column: &'static str, changes: &mut Changes);

    /// The columns, in their order.
    fn columns() -> Vec<Column> {
        let mut columns = Vec::new();
        Self::describe("", &mut columns);
        columns
    }
}

/// A value that a column may hold.
pub(crate) trait Value: Sized + PartialEq {
    /// The type of the column.
    const TYPE: u32;
    /// The value as it is written.
    type Written<'v>: AsRef<[u8]>
    where
        Self: 'v;
    /// The value as it is read.
    type Stored: for<'r> Decode<'r, Postgres> + Type<Postgres>;

    fn written(&self) -> Self::Written<'_>;
    fn parse(stored: Self::Stored) -> Result<Self, Unreadable>;
}

fn unreadable(column: &str, source: Unreadable) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source }
}

impl<V: Value> Columns for V {
    fn describe(column: &'static str, columns: &mut Vec<Column>) {
        columns.push(Column::new(column, V::TYPE));
    }

    fn write(&self, row: &mut Row<'_>) {
        row.value(V::TYPE, Some(self.written()));
    }

    fn read(row: &PgRow, column: &str) -> Result<Self, sqlx::Error> {
        V::parse(row.try_get(column)?).map_err(|error| unreadable(column, error))
    }

    fn compare(&self, before: &Self, column: &'static str, changes: &mut Changes) {
        if changes.compares_next() && self != before {
            changes.note(Column::new(column, V::TYPE), Some(before.written().as_ref()));
        }
    }
}

impl<V: Value> Columns for Option<V> {
    fn describe(column: &'static str, columns: &mut Vec<Column>) {
        columns.push(Column::nullable(column, V::TYPE));
    }

    fn write(&self, row: &mut Row<'_>) {
        row.value(V::TYPE, self.as_ref().map(V::written));
    }

    fn read(row: &PgRow, column: &str) -> Result<Self, sqlx::Error> {
        let stored: Option<V::Stored> = row.try_get(column)?;
        stored.map(V::parse).transpose().map_err(|error| unreadable(column, error))
    }

    fn compare(&self, before: &Self, column: &'static str, changes: &mut Changes) {
        if changes.compares_next() && self != before {
            let written = before.as_ref().map(V::written);
            changes.note(Column::nullable(column, V::TYPE), written.as_ref().map(AsRef::as_ref));
        }
    }
}

impl Value for CaseId {
    const TYPE: u32 = oid::UUID;
    type Written<'v> = [u8; 16];
    type Stored = Uuid;

    fn written(&self) -> [u8; 16] {
        *self.uuid().as_bytes()
    }

    fn parse(stored: Uuid) -> Result<Self, Unreadable> {
        Ok(Self::new(stored))
    }
}

impl Value for bool {
    const TYPE: u32 = oid::BOOLEAN;
    type Written<'v> = [u8; 1];
    type Stored = bool;

    fn written(&self) -> [u8; 1] {
        [u8::from(*self)]
    }

    fn parse(stored: bool) -> Result<Self, Unreadable> {
        Ok(stored)
    }
}

/// An `integer`.
impl Value for u32 {
    const TYPE: u32 = oid::INTEGER;
    type Written<'v> = [u8; 4];
    type Stored = i32;

    fn written(&self) -> [u8; 4] {
        i32::try_from(*self).unwrap_or(i32::MAX).to_be_bytes()
    }

    fn parse(stored: i32) -> Result<Self, Unreadable> {
        Ok(Self::try_from(stored)?)
    }
}

/// A `bigint`.
impl Value for i64 {
    const TYPE: u32 = oid::BIGINT;
    type Written<'v> = [u8; 8];
    type Stored = i64;

    fn written(&self) -> [u8; 8] {
        self.to_be_bytes()
    }

    fn parse(stored: i64) -> Result<Self, Unreadable> {
        Ok(stored)
    }
}

/// A `bigint`.
impl Value for Position {
    const TYPE: u32 = oid::BIGINT;
    type Written<'v> = [u8; 8];
    type Stored = i64;

    fn written(&self) -> [u8; 8] {
        i64::try_from(self.get()).unwrap_or(i64::MAX).to_be_bytes()
    }

    fn parse(stored: i64) -> Result<Self, Unreadable> {
        Ok(Self(u64::try_from(stored)?))
    }
}

/// 2000-01-01, from which `PostgreSQL` counts, in milliseconds since 1970.
pub(crate) const EPOCH_MILLIS: i64 = 946_684_800_000;

/// A `timestamptz`.
impl Value for Timestamp {
    const TYPE: u32 = oid::TIMESTAMPTZ;
    type Written<'v> = [u8; 8];
    type Stored = DateTime<Utc>;

    fn written(&self) -> [u8; 8] {
        // An instant is before the year 10000, so its microseconds are far from the end of an i64.
        ((self.as_millis() - EPOCH_MILLIS) * 1_000).to_be_bytes()
    }

    fn parse(stored: DateTime<Utc>) -> Result<Self, Unreadable> {
        Ok(Self::from(stored))
    }
}

/// 2000-01-01 as a day.
const EPOCH_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// A `date`.
impl Value for NaiveDate {
    const TYPE: u32 = oid::DATE;
    type Written<'v> = [u8; 4];
    type Stored = Self;

    fn written(&self) -> [u8; 4] {
        // A date is in a year of at most six digits, so its days are far from the end of an i32.
        i32::try_from(self.signed_duration_since(EPOCH_DAY).num_days()).unwrap_or(i32::MAX).to_be_bytes()
    }

    fn parse(stored: Self) -> Result<Self, Unreadable> {
        Ok(stored)
    }
}

/// A name, or that there is none, in a column that is part of a key and so is never null: an empty `text` then.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct OrNone<V>(pub Option<V>);

impl<V> Value for OrNone<V>
where
    V: for<'v> Value<Written<'v> = &'v str, Stored = String> + 'static,
{
    const TYPE: u32 = V::TYPE;
    type Written<'v> = &'v str;
    type Stored = String;

    fn written(&self) -> &str {
        self.0.as_ref().map_or("", V::written)
    }

    fn parse(stored: String) -> Result<Self, Unreadable> {
        if stored.is_empty() { Ok(Self(None)) } else { V::parse(stored).map(Some).map(Self) }
    }
}

/// Numbers that are an `integer` inside.
macro_rules! integers {
    ($($kind:ident),*) => {
        $(impl Value for $kind {
            const TYPE: u32 = oid::INTEGER;
            type Written<'v> = [u8; 4];
            type Stored = i32;

            fn written(&self) -> [u8; 4] {
                self.get().written()
            }

            fn parse(stored: i32) -> Result<Self, Unreadable> {
                u32::parse(stored).map(Self)
            }
        })*
    };
}

integers!(Version, PolicyVersion);

/// Names, as `text`.
macro_rules! names {
    ($($kind:ident),*) => {
        $(impl Value for $kind {
            const TYPE: u32 = oid::TEXT;
            type Written<'v> = &'v str;
            type Stored = String;

            fn written(&self) -> &str {
                self.as_str()
            }

            fn parse(stored: String) -> Result<Self, Unreadable> {
                Ok(stored.parse()?)
            }
        })*
    };
}

names!(Name, AgentId, CustomerId, OnBehalfOf, PrincipalName, String);

/// Words of a list, as `text`.
macro_rules! words {
    ($($kind:ident of $all:expr),*) => {
        $(impl Value for $kind {
            const TYPE: u32 = oid::TEXT;
            type Written<'v> = &'static str;
            type Stored = String;

            fn written(&self) -> &'static str {
                self.as_str()
            }

            fn parse(stored: String) -> Result<Self, Unreadable> {
                let word = $all.into_iter().find(|word| word.as_str() == stored);
                word.ok_or_else(|| format!("`{stored}`").into())
            }
        })*
    };
}

words!(
    Status of Self::ALL,
    ClockName of Self::ALL,
    ClockState of [Self::Running, Self::Paused, Self::Met, Self::Cancelled],
    Presence of [Self::Online, Self::Busy, Self::Offline],
    Survey of Self::ALL,
    Kind of Self::ALL,
    ArticleUse of Self::ALL
);
