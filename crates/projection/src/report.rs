//! Reading the read models, for the command line.

use chrono::{DateTime, NaiveDate, Utc};
use docket_messages::{AgentId, CaseId, PolicyVersion, Position, Presence, Timestamp};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::ProjectionError;
use crate::schema::{self, Schema};

mod zones;

/// The read models, to be read.
#[derive(Debug, Clone)]
pub struct ReadModels {
    pub(crate) pool: PgPool,
}

/// How far the read models are, and how the worker is.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.position or of the checkpoint of the same name")]
pub struct Checkpoint {
    pub position: i64,
    pub lag_seconds: Option<f64>,
    pub halted_at: Option<i64>,
    pub halt_cause: Option<String>,
}

/// What Postgres says of itself.
#[derive(Debug, Clone)]
pub struct StoredHealth {
    /// Its version.
    pub version: String,
    /// Whether acknowledged transactions are on disk.
    pub is_durable: bool,
}

/// What is not over.
#[derive(Debug, Clone)]
pub struct Unfinished {
    /// It is at least as of this position.
    pub position: Position,
    /// Cases that are new, open or pending.
    pub cases: Vec<CaseId>,
    /// Agents, and whether they take on cases.
    pub agents: Vec<(AgentId, Presence)>,
}

/// A rule that closes resolved cases by time: so many days of 24 hours after they were resolved, and not before the rule
/// came into force.
#[derive(Debug, Clone, Copy)]
pub struct ClosingRule {
    /// The policy that says so.
    pub policy: PolicyVersion,
    /// How many days.
    pub after_days: u32,
    /// When it came into force.
    pub since: Timestamp,
}

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

/// A case that goes on in another one.
#[derive(Debug, Clone, FromRow)]
#[expect(missing_docs, reason = "each field is the column of docket.cases of the same name")]
pub struct MergeRow {
    pub case_id: Uuid,
    pub merged_into: Uuid,
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

/// A row of `docket.cases` as JSON, for comparing it with the log.
#[derive(Debug, Clone, FromRow)]
pub struct StoredCase {
    /// The row, by column.
    pub row: serde_json::Value,
}

#[derive(FromRow)]
struct WakeRow {
    position: i64,
    case_id: Option<Uuid>,
    wake_at: Option<DateTime<Utc>>,
}

impl ReadModels {
    /// Opens the read models.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`] when nobody is there.
    pub async fn open(url: &str, schema: &Schema) -> Result<Self, ProjectionError> {
        schema::pool(url, schema, 2).await.map(|pool| Self { pool })
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

    /// How far the read models are.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`], here and below, when they cannot be read.
    pub async fn checkpoint(&self) -> Result<Checkpoint, ProjectionError> {
        // An analyst sees the position and nothing else of it.
        let sees_all = sqlx::query_scalar("SELECT to_regclass('checkpoint') IS NOT NULL").fetch_one(&self.pool).await;
        let statement = if sees_all.map_err(ProjectionError::postgres("look for the checkpoint"))? {
            "SELECT p.position, p.lag_seconds, c.halted_at, c.halt_cause FROM position AS p, checkpoint AS c"
        } else {
            "SELECT position, lag_seconds, NULL::bigint AS halted_at, NULL::text AS halt_cause FROM position"
        };
        let row = sqlx::query_as(statement).fetch_one(&self.pool).await;
        row.map_err(ProjectionError::postgres("read the checkpoint"))
    }

    /// What Postgres says of itself.
    pub async fn health(&self) -> Result<StoredHealth, ProjectionError> {
        let statement = "SELECT current_setting('server_version'),
            current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'";
        let row: Result<(String, bool), _> = sqlx::query_as(statement).fetch_one(&self.pool).await;
        let (version, is_durable) = row.map_err(ProjectionError::postgres("read the settings of Postgres"))?;
        Ok(StoredHealth { version, is_durable })
    }

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
            WHERE younger.status = 'new' AND is_active(older.status)
            ORDER BY older.queue = younger.queue DESC, older.type = younger.type DESC, younger.opened_at DESC,
                older.opened_at DESC
            LIMIT 1";
        Ok(self.all("look for a duplicate", statement).await?.into_iter().next())
    }

    /// The case that has been open for longest.
    pub async fn oldest_open(&self) -> Result<Option<CaseId>, ProjectionError> {
        let statement = "SELECT case_id FROM cases WHERE is_active(status) ORDER BY opened_at, case_id LIMIT 1";
        let id: Option<Uuid> = sqlx::query_scalar(statement)
            .fetch_optional(&self.pool)
            .await
            .map_err(ProjectionError::postgres("look for the oldest case"))?;
        Ok(id.map(CaseId::new))
    }

    /// A row of `docket.cases`.
    pub async fn case(&self, case: CaseId) -> Result<Option<StoredCase>, ProjectionError> {
        sqlx::query_as("SELECT to_jsonb(cases) AS row FROM cases WHERE case_id = $1")
            .bind(case.uuid())
            .fetch_optional(&self.pool)
            .await
            .map_err(ProjectionError::postgres("read a case"))
    }

    /// Cases whose attention is overdue: what the timers should have woken and did not.
    pub async fn overdue(&self, before: Timestamp, limit: i64) -> Result<Vec<CaseId>, ProjectionError> {
        let statement = "SELECT case_id FROM cases WHERE wake_at < $1 ORDER BY wake_at LIMIT $2";
        let ids: Result<Vec<Uuid>, _> =
            sqlx::query_scalar(statement).bind(before.to_chrono()).bind(limit).fetch_all(&self.pool).await;
        let ids = ids.map_err(ProjectionError::postgres("look for overdue cases"))?;
        Ok(ids.into_iter().map(CaseId::new).collect())
    }

    /// Resolved cases that a rule closes sooner than they are to be woken, each with when, which is before the next rule
    /// came into force. A case that was last decided on under the rule, or a later one, has taken it into account.
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
                AND EXISTS (SELECT FROM case_timeline AS last WHERE last.case_id = cases.case_id
                    AND last.version = cases.version AND last.policy < $4)";
        let hours = i32::try_from(rule.after_days.saturating_mul(24)).unwrap_or(i32::MAX);
        let (since, until) = (rule.since.to_chrono(), until.map(Timestamp::to_chrono));
        let policy = i32::try_from(rule.policy.get()).unwrap_or(i32::MAX);
        let rows = sqlx::query_as(statement).bind(hours).bind(since).bind(until).bind(policy);
        let rows: Result<Vec<(Uuid, DateTime<Utc>)>, _> = rows.fetch_all(&self.pool).await;
        let rows = rows.map_err(ProjectionError::postgres("look for cases that a rule closes sooner"))?;
        Ok(rows.into_iter().map(|(case, at)| (CaseId::new(case), Timestamp::from(at))).collect())
    }

    /// The cases that are not over, and the agents with what they last said of themselves; at least as of a position.
    pub async fn unfinished(&self) -> Result<Unfinished, ProjectionError> {
        let failed = ProjectionError::postgres;
        let doing = "read which cases are not over";
        // First: what is read after it may be newer, but not older.
        let position: i64 =
            sqlx::query_scalar("SELECT position FROM checkpoint").fetch_one(&self.pool).await.map_err(failed(doing))?;
        let statement = "SELECT case_id FROM cases WHERE is_active(status)";
        let cases: Vec<Uuid> = sqlx::query_scalar(statement).fetch_all(&self.pool).await.map_err(failed(doing))?;
        let agents: Vec<(String, String)> =
            sqlx::query_as("SELECT agent, presence FROM agents").fetch_all(&self.pool).await.map_err(failed(doing))?;
        let agent = |(agent, presence): (String, String)| {
            Some((AgentId::parse(&agent).ok()?, Presence::ALL.into_iter().find(|known| known.as_str() == presence)?))
        };
        Ok(Unfinished {
            position: Position(u64::try_from(position).unwrap_or_default()),
            cases: cases.into_iter().map(CaseId::new).collect(),
            agents: agents.into_iter().filter_map(agent).collect(),
        })
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
