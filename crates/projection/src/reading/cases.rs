//! Cases, by what they are.

use docket_messages::{CaseId, Status};
use serde_json::Value;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use super::ReadModels;
use crate::ProjectionError;
use crate::column::Value as _;

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

/// A case that goes on in another one.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.cases of the same name")]
pub struct MergeRow {
    pub case_id: Uuid,
    pub merged_into: Uuid,
}

/// A row of `docket.cases` as JSON, for comparing it with the log.
#[derive(Debug, Clone, FromRow)]
pub struct StoredCase {
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
            Some("active") => drop(query.push(" AND is_active")),
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

    /// A row of `docket.cases`.
    pub async fn case(&self, case: CaseId) -> Result<Option<StoredCase>, ProjectionError> {
        sqlx::query_as("SELECT to_jsonb(cases) AS row FROM cases WHERE case_id = $1")
            .bind(case.uuid())
            .fetch_optional(&self.pool)
            .await
            .map_err(ProjectionError::postgres("read a case"))
    }

    /// Cases that go on in others.
    pub async fn merges(&self) -> Result<Vec<MergeRow>, ProjectionError> {
        let statement =
            "SELECT case_id, merged_into FROM cases WHERE merged_into IS NOT NULL ORDER BY merged_into, case_id";
        self.all("read what was merged", statement).await
    }

    /// A new case, and an older one that could be about the same thing: rather of the same type, in the same queue.
    pub async fn likely_duplicate(&self) -> Result<Option<MergeRow>, ProjectionError> {
        let statement = "SELECT younger.case_id, older.case_id AS merged_into
            FROM cases AS younger JOIN cases AS older ON older.opened_at < younger.opened_at
            WHERE younger.status = 'new' AND older.is_active
            ORDER BY older.queue = younger.queue DESC, older.type = younger.type DESC, younger.opened_at DESC,
                older.opened_at DESC
            LIMIT 1";
        Ok(self.all("look for a duplicate", statement).await?.into_iter().next())
    }

    /// The case that has been open for longest.
    pub async fn oldest_open(&self) -> Result<Option<CaseId>, ProjectionError> {
        let statement = "SELECT case_id FROM cases WHERE is_active ORDER BY opened_at, case_id LIMIT 1";
        let id: Option<Uuid> = sqlx::query_scalar(statement)
            .fetch_optional(&self.pool)
            .await
            .map_err(ProjectionError::postgres("look for the oldest case"))?;
        Ok(id.map(CaseId::new))
    }

    /// How many of these cases are in which status, by the month of UTC in which they began.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`] when they cannot be read.
    pub async fn months(&self, cases: &[CaseId]) -> Result<Vec<((String, Status), u64)>, ProjectionError> {
        let failed = |source| ProjectionError::Postgres { doing: "count cases by month", source };
        let ids: Vec<Uuid> = cases.iter().map(|case| case.uuid()).collect();
        let counts = "SELECT to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM'), status, count(*) FROM cases
            WHERE case_id = ANY($1) GROUP BY 1, 2";
        let rows: Vec<(String, String, i64)> =
            sqlx::query_as(counts).bind(ids).fetch_all(&self.pool).await.map_err(failed)?;
        let read = |(month, word, count): (String, String, i64)| {
            let status = Status::parse(word).map_err(|error| failed(sqlx::Error::Decode(error)))?;
            Ok(((month, status), u64::try_from(count).unwrap_or_default()))
        };
        rows.into_iter().map(read).collect()
    }
}
