//! Reading the read models: for the timers, the board and the command line. One file for each that asks, or for what is
//! asked of.

use docket_messages::Position;
use sqlx::{FromRow, PgPool};

use crate::ProjectionError;
use crate::schema::{self, Schema};

mod cases;
mod checkpoint;
mod desk;
mod dictionary;
mod practice;
mod sealed;
mod snapshot;
mod timing;
mod unfinished;
mod wakes;
mod zones;

pub use cases::{CaseFilter, ListedCase, MergeRow, StoredCase};
pub use checkpoint::{Checkpoint, Filling, StoredHealth};
pub use desk::{BacklogRow, ClockSummaryRow, CsatRow, EscalationRow, QueueRow, SlaRow};
pub use dictionary::{ColumnOf, Dictionary, Function, Relation};
pub use practice::{AgentRow, ArticleRow, EffortRow, SplitRow, SurveyRow};
pub use sealed::SealRow;
pub use snapshot::{APPENDED, ExportedColumn, ExportedRelation, Form, Growth, Kind, Part, Snapshot};
pub use timing::{Node, Timing};
pub use unfinished::Unfinished;
pub use wakes::ClosingRule;

/// The read models, to be read.
#[derive(Debug, Clone)]
pub struct ReadModels {
    pub(crate) pool: PgPool,
}

impl ReadModels {
    /// Opens the read models.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`] when nobody is there.
    pub async fn open(url: &str, schema: &Schema) -> Result<Self, ProjectionError> {
        schema::pool(url, &schema.search_path(), 2).await.map(|pool| Self { pool })
    }

    /// Waits until the read models have reached a position.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`] when they have not within the time.
    pub async fn await_position(&self, position: Position, seconds: u32) -> Result<(), ProjectionError> {
        sqlx::query("SELECT await_position($1, make_interval(secs => $2))")
            .bind(i64::try_from(position.get()).unwrap_or(i64::MAX))
            .bind(f64::from(seconds))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(ProjectionError::postgres("wait for the read models"))
    }

    pub(crate) async fn all<T>(&self, doing: &'static str, statement: &'static str) -> Result<Vec<T>, ProjectionError>
    where
        T: for<'r> FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
    {
        sqlx::query_as(statement).fetch_all(&self.pool).await.map_err(ProjectionError::postgres(doing))
    }
}
