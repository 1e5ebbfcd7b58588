//! Cases by what they are, for the command line.

use serde_json::Value;
use sqlx::{FromRow, QueryBuilder};

use crate::{ProjectionError, ReadModels};

/// Which cases are listed; what is left out does not matter.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field is the column of docket.cases of the same name")]
pub struct CaseFilter {
    /// A status; `pending` is any that begins so, `active` is any of a case that is not over.
    pub status: Option<String>,
    pub queue: Option<String>,
    pub assignee: Option<String>,
    pub priority: Option<String>,
    pub case_type: Option<String>,
    pub customer_id: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// A row of `docket.cases`.
#[derive(Debug, Clone, FromRow)]
pub struct ListedCase {
    /// The row, by column.
    pub row: Value,
}

impl ReadModels {
    /// The cases that pass a filter, the newest first.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`] when they cannot be read.
    pub async fn cases(&self, filter: &CaseFilter) -> Result<Vec<ListedCase>, ProjectionError> {
        let mut query = QueryBuilder::new("SELECT to_jsonb(cases) AS row FROM cases WHERE true");
        match filter.status.as_deref() {
            None => {}
            Some("active") => drop(query.push(" AND is_active(status)")),
            Some("pending") => drop(query.push(" AND status LIKE 'pending%'")),
            Some(status) => drop(query.push(" AND status = ").push_bind(status)),
        }
        let equal = [
            ("queue", &filter.queue),
            ("assignee", &filter.assignee),
            ("priority", &filter.priority),
            ("type", &filter.case_type),
            ("customer_id", &filter.customer_id),
        ];
        for (column, value) in equal {
            if let Some(value) = value {
                query.push(format!(" AND {column} = ")).push_bind(value);
            }
        }
        query.push(" ORDER BY opened_at DESC, case_id LIMIT ").push_bind(i64::from(filter.limit));
        let rows = query.build_query_as().fetch_all(&self.pool).await;
        rows.map_err(ProjectionError::postgres("list the cases"))
    }
}
