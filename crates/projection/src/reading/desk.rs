//! The desk in tables: queues, backlog, service levels, satisfaction.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::ReadModels;
use crate::ProjectionError;

/// A row of `docket.queues`.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.queues of the same name")]
pub struct QueueRow {
    pub queue: Option<String>,
    pub open: i64,
    pub unassigned: i64,
    pub pending: i64,
    pub oldest_opened_at: DateTime<Utc>,
    pub oldest_age_seconds: f64,
    pub at_risk: i64,
    pub breached: i64,
}

/// Open cases at an escalation level.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "the fields are a level and a count")]
pub struct EscalationRow {
    pub level: i32,
    pub cases: i64,
}

/// A row of `docket.backlog_aging`.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.backlog_aging of the same name")]
pub struct BacklogRow {
    pub queue: Option<String>,
    pub priority: Option<String>,
    #[sqlx(rename = "type")]
    pub case_type: String,
    pub bucket: String,
    pub cases: i64,
}

/// Clocks, counted by clock and state.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "the columns of docket.clocks that are counted")]
pub struct ClockSummaryRow {
    pub clock: String,
    pub state: String,
    pub clocks: i64,
    pub breached: i64,
}

/// A row of `docket.sla_attainment`.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.sla_attainment of the same name")]
pub struct SlaRow {
    pub day: NaiveDate,
    pub queue: Option<String>,
    pub priority: Option<String>,
    pub clock: String,
    pub met: i64,
    pub breached: i64,
    pub attainment: f64,
}

/// A row of `docket.csat_daily`.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.csat_daily of the same name")]
pub struct CsatRow {
    pub day: NaiveDate,
    pub queue: Option<String>,
    pub responses: i64,
    pub satisfied: i64,
    pub csat: f64,
    pub average: f64,
}

impl ReadModels {
    /// `docket.queues`.
    pub async fn queues(&self) -> Result<Vec<QueueRow>, ProjectionError> {
        let statement = "SELECT queue, open, unassigned, pending, oldest_opened_at,
            extract(epoch FROM oldest_age)::double precision AS oldest_age_seconds, at_risk, breached
            FROM queues ORDER BY queue";
        self.all("read the queues", statement).await
    }

    /// `docket.backlog_aging`.
    pub async fn backlog_aging(&self) -> Result<Vec<BacklogRow>, ProjectionError> {
        self.all("read the backlog", "SELECT * FROM backlog_aging ORDER BY queue, priority, type, bucket").await
    }

    /// Clocks, counted by clock and state.
    pub async fn clock_summary(&self) -> Result<Vec<ClockSummaryRow>, ProjectionError> {
        let statement = "SELECT clock, state, count(*) AS clocks,
            count(*) FILTER (WHERE breached_at IS NOT NULL) AS breached
            FROM clocks GROUP BY clock, state ORDER BY clock, state";
        self.all("count the clocks", statement).await
    }

    /// `docket.sla_attainment`.
    pub async fn sla_attainment(&self) -> Result<Vec<SlaRow>, ProjectionError> {
        self.all("read the attainment", "SELECT * FROM sla_attainment ORDER BY day, queue, priority, clock").await
    }

    /// `docket.csat_daily`.
    pub async fn csat_daily(&self) -> Result<Vec<CsatRow>, ProjectionError> {
        self.all("read the satisfaction", "SELECT * FROM csat_daily ORDER BY day, queue").await
    }

    /// Cases that were raised, by level.
    pub async fn escalations(&self) -> Result<Vec<EscalationRow>, ProjectionError> {
        let statement = "SELECT escalation_level AS level, count(*) AS cases FROM cases
            WHERE escalation_level > 0 GROUP BY escalation_level ORDER BY escalation_level";
        self.all("count what was raised", statement).await
    }
}
