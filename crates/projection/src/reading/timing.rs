//! How long queries take, and where: for `docket bench queries`.

use serde::Deserialize;
use sqlx::types::Json;

use super::ReadModels;
use crate::ProjectionError;

/// How often a query is run.
const RUNS: usize = 3;

/// How long a query took.
#[derive(Debug, Clone)]
pub struct Timing {
    /// Planning and execution together, in milliseconds: the median of several runs.
    pub millis: f64,
    /// How many rows it has.
    pub rows: f64,
    /// The part of its plan that took most of a run that was watched.
    pub worst: Node,
}

/// A part of a plan.
#[derive(Debug, Clone)]
pub struct Node {
    /// What it does, and with what.
    pub what: String,
    /// How long that took, without what it asks others for, in milliseconds.
    pub millis: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Explained {
    plan: Plan,
    #[serde(rename = "Planning Time")]
    planning: f64,
    #[serde(rename = "Execution Time")]
    execution: f64,
}

#[derive(Deserialize)]
struct Plan {
    #[serde(rename = "Node Type")]
    kind: String,
    #[serde(rename = "Relation Name")]
    relation: Option<String>,
    #[serde(rename = "Function Name")]
    function: Option<String>,
    #[serde(rename = "Actual Rows")]
    rows: f64,
    #[serde(rename = "Actual Loops")]
    loops: f64,
    /// For each loop; of processes beside each other it is the mean.
    #[serde(rename = "Actual Total Time", default)]
    millis: f64,
    #[serde(rename = "Plans", default)]
    parts: Vec<Plan>,
}

impl ReadModels {
    /// Notes what is in the tables, for the planner, and that what is there is visible to all.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`].
    pub async fn settle(&self) -> Result<(), ProjectionError> {
        let failed = ProjectionError::postgres("look through the tables");
        sqlx::query("VACUUM (ANALYZE)").execute(&self.pool).await.map(drop).map_err(failed)
    }

    /// Runs a query several times.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`] when it fails.
    pub async fn time(&self, query: &str) -> Result<Timing, ProjectionError> {
        let mut runs = Vec::with_capacity(RUNS);
        for _ in 0..RUNS {
            let run = self.explain("ANALYZE, TIMING OFF, SERIALIZE TEXT, FORMAT JSON", query).await?;
            runs.push(run.planning + run.execution);
        }
        runs.sort_by(f64::total_cmp);
        let watched = self.explain("ANALYZE, FORMAT JSON", query).await?;
        Ok(Timing {
            millis: runs.get(RUNS / 2).copied().unwrap_or_default(),
            rows: watched.plan.rows,
            worst: watched.plan.worst(),
        })
    }

    async fn explain(&self, how: &str, query: &str) -> Result<Explained, ProjectionError> {
        let failed = ProjectionError::postgres("time a query");
        let statement = sqlx::AssertSqlSafe(format!("EXPLAIN ({how}) {query}"));
        let Json(mut explained): Json<Vec<Explained>> =
            sqlx::query_scalar(statement).fetch_one(&self.pool).await.map_err(failed)?;
        let failed = ProjectionError::postgres("time a query");
        explained.pop().ok_or_else(|| failed(sqlx::Error::RowNotFound))
    }
}

impl Plan {
    fn worst(&self) -> Node {
        let of_parts: f64 = self.parts.iter().map(Self::total).sum();
        let name = self.relation.as_ref().or(self.function.as_ref());
        let what = name.map_or_else(|| self.kind.clone(), |name| format!("{} of {name}", self.kind));
        let own = Node { what, millis: (self.total() - of_parts).max(0.0) };
        self.parts
            .iter()
            .map(Self::worst)
            .fold(own, |worst, part| if part.millis > worst.millis { part } else { worst })
    }

    fn total(&self) -> f64 {
        self.millis * self.loops
    }
}
