//! Whether two generations hold the same.

use std::fmt;

use serde::Serialize;
use sqlx::{FromRow, PgConnection};

use crate::ProjectionError;
use crate::bulk::Table;
use crate::models::TABLES;
use crate::schema::{Schema, run};

/// So many rows of a table are named.
const NAMED: u32 = 5;

/// How a table or relation differs from what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The table or relation.
    pub table: String,
    /// What differs, in words.
    pub what: String,
    /// Some of the rows that differ, by their keys.
    pub rows: Vec<RowDifference>,
}

/// How a row differs from what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub struct RowDifference {
    /// Its key; for a row of a case, its id, too.
    pub row: String,
    /// The columns that say something else; none for a row that should not be there, or is missing.
    pub columns: Option<String>,
    /// Whether it is in the live table.
    pub is_live: bool,
    /// Whether it is in the table that was made anew.
    pub is_due: bool,
}

impl fmt::Display for RowDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, columns, is_live, is_due } = self;
        match (is_live, is_due) {
            (true, true) => write!(f, "{row}: {}", columns.as_deref().unwrap_or("other content")),
            (true, false) => write!(f, "{row}: should not be there"),
            (false, _) => write!(f, "{row}: is missing"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table, self.what)?;
        self.rows.iter().try_for_each(|row| write!(f, "; {row}"))
    }
}

/// How the tables of two schemas differ, table by table: counts and digests over all rows, in no order.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub(crate) async fn differences(
    connection: &mut PgConnection,
    live: &str,
    new: &str,
) -> Result<Vec<Difference>, ProjectionError> {
    let mut differences = Vec::new();
    for table in TABLES {
        let (had, has) = (content(connection, live, table.name).await?, content(connection, new, table.name).await?);
        if had == has {
            continue;
        }
        let what = if had.0 == has.0 {
            "has other content".to_owned()
        } else {
            format!("has {} rows, and should have {}", had.0, has.0)
        };
        let mut rows = rows(connection, table, (live, new), true).await?;
        rows.extend(self::rows(connection, table, (live, new), false).await?);
        rows.truncate(usize::try_from(NAMED).unwrap_or(usize::MAX));
        differences.push(Difference { table: table.name.to_owned(), what, rows });
    }
    Ok(differences)
}

async fn content(connection: &mut PgConnection, schema: &str, table: &str) -> Result<(i64, String), ProjectionError> {
    let statement = format!(
        "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text || '/'
            || coalesce(sum(hashtextextended(t::text, 1)::numeric), 0)::text FROM {schema}.{table} AS t"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .fetch_one(connection)
        .await
        .map_err(ProjectionError::postgres("compare the tables"))
}

/// Rows of the one table that the other has not as they are: of the live one, or else those that it lacks altogether.
async fn rows(
    connection: &mut PgConnection,
    table: &Table,
    (live, new): (&str, &str),
    of_live: bool,
) -> Result<Vec<RowDifference>, ProjectionError> {
    let (one, other) = if of_live { (live, new) } else { (new, live) };
    let name = table.name;
    let key = |row: &str| {
        let parts: Vec<String> =
            table.key.iter().map(|column| format!("'{column}=' || {row}.{column}::text")).collect();
        parts.join(", ")
    };
    let case = if table.key.contains(&"case_no") {
        format!("(SELECT 'case ' || c.case_id::text FROM {one}.cases AS c WHERE c.case_no = a.case_no), ")
    } else {
        String::new()
    };
    let same: Vec<String> = table.key.iter().map(|column| format!("a.{column} = b.{column}")).collect();
    let same = same.join(" AND ");
    let only = if of_live { "true" } else { "b.row IS NULL" };
    let statement = format!(
        "SELECT concat_ws(' ', {case}{key}) AS row,
             (SELECT string_agg(key, ', ' ORDER BY key)
              FROM jsonb_each(to_jsonb(a.*)) AS x JOIN jsonb_each(b.row) AS y USING (key)
              WHERE x.value IS DISTINCT FROM y.value) AS columns,
             {of_live} OR b.row IS NOT NULL AS is_live, NOT {of_live} OR b.row IS NOT NULL AS is_due
         FROM (SELECT * FROM {one}.{name} AS t
               WHERE t::text IN (SELECT t::text FROM {one}.{name} AS t EXCEPT SELECT t::text FROM {other}.{name} AS t))
              AS a
         LEFT JOIN LATERAL (SELECT to_jsonb(b.*) AS row FROM {other}.{name} AS b WHERE {same} LIMIT 1) AS b ON true
         WHERE {only} ORDER BY 1 LIMIT {NAMED}",
        key = key("a")
    );
    sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .fetch_all(connection)
        .await
        .map_err(ProjectionError::postgres("name the rows that differ"))
}

/// How views, functions, triggers, rules and row policies of two desks differ, by their definitions.
///
/// # Errors
/// [`ProjectionError::Postgres`].
pub(crate) async fn definitions(
    connection: &mut PgConnection,
    (live, new): (&Schema, &Schema),
    (live_tables, tables): (&str, &str),
) -> Result<Vec<Difference>, ProjectionError> {
    // Names are written out, whoever has connected.
    run(connection, "SET search_path TO pg_catalog").await?;
    let of = |schema: &Schema, tables: &str| [schema.public.clone(), schema.private.clone(), tables.to_owned()];
    let names = |schema: &Schema, tables: &str| {
        // The longest first: one may be the beginning of another.
        [tables.to_owned(), schema.private.clone(), schema.access.clone(), schema.public.clone()]
    };
    let here = defined(connection, &of(live, live_tables), &names(live, live_tables)).await?;
    let due = defined(connection, &of(new, tables), &names(new, tables)).await?;
    let mut differences = Vec::new();
    for (name, definition) in &due {
        let found = here.iter().find(|(other, _)| other == name).map(|(_, definition)| definition);
        let what = match found {
            Some(found) if found == definition => continue,
            Some(_) => "is defined otherwise than this version of Docket does",
            None => "is missing",
        };
        differences.push(Difference { table: name.clone(), what: what.to_owned(), rows: Vec::new() });
    }
    for (name, _) in here.iter().filter(|(name, _)| !due.iter().any(|(other, _)| other == name)) {
        let what = "is none of this version of Docket: put what is your own into a schema of your own".to_owned();
        differences.push(Difference { table: name.clone(), what, rows: Vec::new() });
    }
    Ok(differences)
}

/// Views, functions, triggers, rules and row policies of schemas by name, each as it is defined, with its schemas' names made the same for all desks.
async fn defined(
    connection: &mut PgConnection,
    schemas: &[String; 3],
    [tables, private, access, public]: &[String; 4],
) -> Result<Vec<(String, String)>, ProjectionError> {
    let plain = |what: &str| {
        [(tables, "docket_tables"), (private, "docket_private"), (access, "docket_access"), (public, "docket")]
            .iter()
            .fold(what.to_owned(), |text, (from, to)| format!(r"regexp_replace({text}, '\m{from}\M', '{to}', 'g')"))
    };
    let statement = format!(
        "SELECT {name} AS name, {definition} AS definition FROM (
             SELECT format('%I.%I', n.nspname, c.relname) AS name, pg_get_viewdef(c.oid) AS definition
             FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('v', 'm') AND n.nspname = ANY($1)
             UNION ALL
             SELECT format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
                    pg_get_functiondef(p.oid)
             FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = ANY($1)
             UNION ALL
             SELECT format('trigger %I on %I.%I', t.tgname, n.nspname, c.relname), pg_get_triggerdef(t.oid)
             FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE NOT t.tgisinternal AND n.nspname = ANY($1)
             UNION ALL
             SELECT format('rule %I on %I.%I', r.rulename, n.nspname, c.relname), pg_get_ruledef(r.oid)
             FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE r.rulename <> '_RETURN' AND n.nspname = ANY($1)
             UNION ALL
             SELECT format('policy %I on %I.%I', p.polname, n.nspname, c.relname), concat_ws(
                 ' ', p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
             FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
             WHERE n.nspname = ANY($1)
         ) AS all_of_them ORDER BY 1",
        name = plain("name"),
        definition = plain("definition")
    );
    sqlx::query_as(sqlx::AssertSqlSafe(statement))
        .bind(schemas.to_vec())
        .fetch_all(connection)
        .await
        .map_err(ProjectionError::postgres("compare the definitions"))
}
