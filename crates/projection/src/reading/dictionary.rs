//! What the database says of itself: its COMMENTs.

use sqlx::FromRow;

use super::ReadModels;
use crate::ProjectionError;

/// What the relations and functions that analysts use mean.
#[derive(Debug, Clone)]
pub struct Dictionary {
    /// The relations, by name.
    pub relations: Vec<Relation>,
    /// The functions, by name.
    pub functions: Vec<Function>,
}

/// A relation.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct Relation {
    pub name: String,
    /// Its COMMENT.
    pub told: String,
    pub columns: Vec<ColumnOf>,
}

/// A column of a relation.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct ColumnOf {
    relation: String,
    relation_told: String,
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Its COMMENT.
    pub told: String,
}

/// A function.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct Function {
    pub name: String,
    pub arguments: String,
    pub returns: String,
    /// Its COMMENT.
    pub told: String,
}

impl ReadModels {
    /// What the relations and functions mean.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`] when they cannot be read.
    pub async fn dictionary(&self) -> Result<Dictionary, ProjectionError> {
        let columns: Vec<ColumnOf> = self.all("read what the relations mean", COLUMNS).await?;
        let mut relations: Vec<Relation> = Vec::new();
        for column in columns {
            match relations.last_mut().filter(|last| last.name == column.relation) {
                Some(relation) => relation.columns.push(column),
                None => relations.push(Relation {
                    name: column.relation.clone(),
                    told: column.relation_told.clone(),
                    columns: vec![column],
                }),
            }
        }
        let functions = self.all("read what the functions mean", FUNCTIONS).await?;
        Ok(Dictionary { relations, functions })
    }
}

/// The relations stand in the first schema of the search path.
const COLUMNS: &str =
    "SELECT c.relname::text AS relation, coalesce(obj_description(c.oid, 'pg_class'), '') AS relation_told,
        a.attname::text AS name,
        replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz') AS kind,
        coalesce(col_description(c.oid, a.attnum), '') AS told
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'v'
    ORDER BY c.relname, a.attnum";

const FUNCTIONS: &str = "SELECT p.proname::text AS name,
        replace(pg_get_function_arguments(p.oid), 'timestamp with time zone', 'timestamptz') AS arguments,
        replace(pg_get_function_result(p.oid), 'timestamp with time zone', 'timestamptz') AS returns,
        coalesce(obj_description(p.oid, 'pg_proc'), '') AS told
    FROM pg_proc AS p WHERE p.pronamespace = current_schema()::regnamespace
    ORDER BY p.proname, p.oid";
