//! When cases want attention: for the timers.

use chrono::{DateTime, Utc};
use docket_messages::{CaseId, PolicyVersion, Position, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::ReadModels;
use crate::ProjectionError;

/// A rule that closes resolved cases by time: so many days of 24 hours after they were resolved, and not before the
/// rule came into force.
#[derive(Debug, Clone, Copy)]
pub struct ClosingRule {
    /// The policy that says so.
    pub policy: PolicyVersion,
    /// How many days.
    pub after_days: u32,
    /// When it came into force.
    pub since: Timestamp,
}

#[derive(FromRow)]
struct WakeRow {
    position: i64,
    case_id: Option<Uuid>,
    wake_at: Option<DateTime<Utc>>,
}

impl ReadModels {
    /// Cases whose attention is overdue: what the timers should have woken and did not.
    pub async fn overdue(&self, before: Timestamp, limit: i64) -> Result<Vec<CaseId>, ProjectionError> {
        let statement = "SELECT case_id FROM cases WHERE wake_at < $1 ORDER BY wake_at LIMIT $2";
        let ids: Result<Vec<Uuid>, _> =
            sqlx::query_scalar(statement).bind(before.to_chrono()).bind(limit).fetch_all(&self.pool).await;
        let ids = ids.map_err(ProjectionError::postgres("look for overdue cases"))?;
        Ok(ids.into_iter().map(CaseId::new).collect())
    }

    /// Resolved cases that a rule closes sooner than they are to be woken, each with when, which is before the next
    /// rule came into force. A case that was last decided on under the rule, or a later one, has taken it into account.
    pub async fn closed_sooner(
        &self,
        rule: &ClosingRule,
        until: Option<Timestamp>,
    ) -> Result<Vec<(CaseId, Timestamp)>, ProjectionError> {
        let statement = "SELECT case_id, due.at
            FROM cases
            CROSS JOIN LATERAL (SELECT greatest(resolved_at + make_interval(hours => $1), $2) AS at) AS due
            WHERE status = 'resolved' AND NOT is_backdated AND (wake_at IS NULL OR wake_at > due.at)
                AND ($3::timestamptz IS NULL OR due.at < $3)
                AND EXISTS (SELECT FROM case_entries AS last WHERE last.case_id = cases.case_id
                    AND last.version = cases.version AND last.policy < $4)";
        let hours = i32::try_from(rule.after_days.saturating_mul(24)).unwrap_or(i32::MAX);
        let (since, until) = (rule.since.to_chrono(), until.map(Timestamp::to_chrono));
        let policy = i32::try_from(rule.policy.get()).unwrap_or(i32::MAX);
        let rows = sqlx::query_as(statement).bind(hours).bind(since).bind(until).bind(policy);
        let rows: Result<Vec<(Uuid, DateTime<Utc>)>, _> = rows.fetch_all(&self.pool).await;
        let rows = rows.map_err(ProjectionError::postgres("look for cases that a rule closes sooner"))?;
        Ok(rows.into_iter().map(|(case, at)| (CaseId::new(case), Timestamp::from(at))).collect())
    }

    /// When each case wants attention, and the position that this is as of.
    pub async fn wakes(&self) -> Result<(Position, Vec<(CaseId, Timestamp)>), ProjectionError> {
        let statement = "SELECT checkpoint.position, cases.case_id, cases.wake_at
            FROM checkpoint LEFT JOIN cases ON cases.wake_at IS NOT NULL";
        let rows: Vec<WakeRow> = self.all("read when cases want attention", statement).await?;
        let position = rows.first().map_or(0, |row| row.position);
        let wake = |row: WakeRow| Some((CaseId::new(row.case_id?), Timestamp::from(row.wake_at?)));
        let wakes = rows.into_iter().filter_map(wake);
        Ok((Position(u64::try_from(position).unwrap_or_default()), wakes.collect()))
    }
}
