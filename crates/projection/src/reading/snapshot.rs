//! All relations as of one position, row by row, for a warehouse.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use docket_messages::Position;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use sqlx::{Connection as _, PgConnection};

use super::ReadModels;
use super::dictionary::Relation;
use crate::ProjectionError;
use crate::layout::access;
use crate::schema::{self, Schema, run};

/// How a relation changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// Rows are added, each by the entry at its `position`, and exported in the order of these.
    Appended,
    /// Rows are those of cases; an entry of a case may change any of them.
    ByCase,
    /// All of it may be another.
    Whole,
}

/// Relations to which rows are only added. What verifies an export makes the rows of each anew.
pub const APPENDED: [&str; 8] = [
    "agent_presence",
    "article_events",
    "case_entries",
    "case_timeline",
    "efforts",
    "policy_versions",
    "survey_answers",
    "survey_requests",
];

/// What a column holds when it leaves Postgres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; JSON, too.
    Text,
    /// `true` or `false`.
    Boolean,
    /// 32 bits.
    Integer,
    /// 64 bits.
    BigInteger,
    /// A double.
    Double,
    /// An id (RFC 9562).
    Uuid,
    /// A day.
    Date,
    /// A moment, in microseconds.
    Time,
    /// A list of texts; of JSON, too.
    Texts,
    /// A list of moments.
    Times,
}

/// A column that leaves Postgres.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct ExportedColumn {
    pub name: String,
    pub kind: Kind,
    /// Its COMMENT.
    pub told: String,
    /// Its type in Postgres.
    of: String,
}

/// A relation that leaves Postgres.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct ExportedRelation {
    pub name: String,
    pub growth: Growth,
    pub columns: Vec<ExportedColumn>,
}

/// How rows are written by the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As `COPY` writes them in binary form.
    Binary,
    /// RFC 4180, with a line of names; nothing between two commas is null, `""` an empty text.
    Csv,
    /// An object a line.
    JsonLines,
}

/// All relations as of one position.
#[derive(Debug)]
pub struct Snapshot {
    connection: PgConnection,
    /// The position.
    pub position: Position,
    /// The moment: what depends on the time is as of it.
    pub at: DateTime<Utc>,
    /// Which log it is: the digest of its first entry.
    pub log: Option<String>,
    /// Whether the login sees the cases of some queues only.
    pub is_of_a_lead: bool,
    relations: Vec<ExportedRelation>,
}

/// What an export is of a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All rows.
    All,
    /// What entries after a position have added or changed.
    Since(Position),
    /// The ids of the cases whose rows these are.
    CasesSince(Position),
}

impl Snapshot {
    /// Opens one, as whoever the address names.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`].
    pub async fn open(url: &str, schema: &Schema) -> Result<Self, ProjectionError> {
        let failed = ProjectionError::postgres;
        let relations = ReadModels::open(url, schema).await?.dictionary().await?.relations;
        let relations = relations.into_iter().map(exported).collect::<Result<Vec<_>, _>>()?;
        let options = schema::options(url)?.options([("search_path", schema.search_path())]);
        let mut connection = schema::connect(&options).await?;
        run(&mut connection, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL TimeZone TO 'UTC'").await?;
        let read = "SELECT position, now(), log FROM position";
        let (position, at, log): (i64, _, _) = sqlx::query_as(read)
            .fetch_one(&mut connection)
            .await
            .map_err(failed("read the position of the read models"))?;
        let is_of_a_lead = access::sees_some_only(&mut connection).await?;
        let position = Position(u64::try_from(position).unwrap_or_default());
        Ok(Self { connection, position, at, log, is_of_a_lead, relations })
    }

    /// The last entry of a case up to a position, by a digest of what `case_entries` says of it: after a log was restored
    /// from a backup, other entries have the positions of those that were lost. None if there is none near by.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`].
    pub async fn last_entry(&mut self, position: Position) -> Result<Option<String>, ProjectionError> {
        // Close enough for the index on positions.
        const NEAR: u64 = 10_000;
        let (first, last) = (position.get().saturating_sub(NEAR), position.get());
        let read = format!(
            "SELECT encode(sha256(convert_to(
                concat_ws('/', position, case_id, version, extract(epoch FROM at), by, on_behalf_of, details::text), 'UTF8'
            )), 'hex')
            FROM case_entries WHERE position BETWEEN {first} AND {last} ORDER BY position DESC LIMIT 1"
        );
        sqlx::query_scalar(sqlx::AssertSqlSafe(read))
            .fetch_optional(&mut self.connection)
            .await
            .map_err(ProjectionError::postgres("read the last entry"))
    }

    /// The relations that there are.
    #[must_use]
    pub fn relations(&self) -> &[ExportedRelation] {
        &self.relations
    }

    /// The rows of a relation, as bytes that follow each other.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`], also of each part of the stream.
    pub async fn rows(
        &mut self,
        relation: &ExportedRelation,
        part: Part,
        form: Form,
    ) -> Result<BoxStream<'_, Result<Bytes, ProjectionError>>, ProjectionError> {
        let failed = |source| ProjectionError::Postgres { doing: "read the rows of a relation", source };
        let statement = copy(&query(relation, part, form), form);
        let rows = self.connection.copy_out_raw(&statement).await.map_err(failed)?;
        Ok(rows.map_err(failed).boxed())
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`].
    pub async fn close(self) -> Result<(), ProjectionError> {
        self.connection.close().await.map_err(ProjectionError::postgres("close the connection to Postgres"))
    }
}

fn exported(relation: Relation) -> Result<ExportedRelation, ProjectionError> {
    let Relation { name, columns, .. } = relation;
    let column_of = |column: super::ColumnOf| {
        let kind = kind(&column.kind).ok_or_else(|| {
            let cause = format!("docket.{name}.{} is of the type {}", column.name, column.kind);
            ProjectionError::postgres("read a column of a type that nobody has planned for")(
                sqlx::Error::Configuration(cause.into()),
            )
        })?;
        Ok(ExportedColumn { name: column.name, kind, told: column.told, of: column.kind })
    };
    let columns = columns.into_iter().map(column_of).collect::<Result<Vec<_>, ProjectionError>>()?;
    let growth = if APPENDED.contains(&&*name) {
        Growth::Appended
    } else if columns.iter().any(|column| column.name == "case_id") {
        Growth::ByCase
    } else {
        Growth::Whole
    };
    Ok(ExportedRelation { name, growth, columns })
}

/// What a column of a type holds when it leaves. A type that is not listed is a mistake, and no text.
fn kind(of: &str) -> Option<Kind> {
    Some(match of {
        "text" | "name" | "jsonb" => Kind::Text,
        "boolean" => Kind::Boolean,
        "integer" => Kind::Integer,
        "bigint" => Kind::BigInteger,
        "double precision" | "interval" => Kind::Double,
        "uuid" => Kind::Uuid,
        "date" => Kind::Date,
        "timestamptz" => Kind::Time,
        "text[]" | "jsonb[]" => Kind::Texts,
        "timestamptz[]" => Kind::Times,
        _ => return None,
    })
}

fn query(relation: &ExportedRelation, part: Part, form: Form) -> String {
    let columns: Vec<String> = relation.columns.iter().map(|column| expression(column, form)).collect();
    let (columns, name) = (columns.join(", "), &relation.name);
    let touched = |since: Position| format!("SELECT case_id FROM cases WHERE position > {since}");
    // Who verifies an export reads what is only added in the order of the log.
    let order = if relation.growth == Growth::Appended { " ORDER BY position" } else { "" };
    match (part, relation.growth) {
        (Part::CasesSince(since), _) => touched(since),
        (Part::All, _) | (Part::Since(_), Growth::Whole) => format!("SELECT {columns} FROM {name}{order}"),
        (Part::Since(since), Growth::Appended) => {
            format!("SELECT {columns} FROM {name} WHERE position > {since}{order}")
        }
        (Part::Since(since), Growth::ByCase) => {
            format!("SELECT {columns} FROM {name} WHERE case_id IN ({})", touched(since))
        }
    }
}

/// A column as it leaves: a length of time in seconds; and JSON, whose binary form is the server's own, as text.
fn expression(ExportedColumn { name, of, .. }: &ExportedColumn, form: Form) -> String {
    let quoted = format!("\"{name}\"");
    let written = match (of.as_str(), form) {
        ("interval", _) => format!("extract(epoch FROM {quoted})::double precision"),
        ("name" | "jsonb", Form::Binary) => format!("{quoted}::text"),
        ("jsonb[]", Form::Binary) => format!("{quoted}::text[]"),
        ("boolean", Form::Csv) => format!("{quoted}::text"),
        ("text[]" | "jsonb[]" | "timestamptz[]", Form::Csv) => format!("to_json({quoted})"),
        _ => return quoted,
    };
    format!("{written} AS {quoted}")
}

fn copy(query: &str, form: Form) -> String {
    match form {
        Form::Binary => format!("COPY ({query}) TO STDOUT (FORMAT binary)"),
        Form::Csv => format!("COPY ({query}) TO STDOUT (FORMAT csv, HEADER)"),
        // Characters that no JSON holds as such: so nothing is quoted.
        Form::JsonLines => format!(
            "COPY (SELECT row_to_json(row) FROM ({query}) AS row) TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
        ),
    }
}
