//! Loading the rows of cases that the cache does not hold.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use docket_messages::{
    CaseId, ClockName, ClockReading, ClockState, PolicyVersion, Position, Status, Timestamp, Version,
};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};
use uuid::Uuid;

use crate::ProjectionError;
use crate::cache::{Cache, CaseRows, Kept};
use crate::models::cases::CaseRow;
use crate::models::clocks::{ClockRow, Outcome};
use crate::models::history::HistoryRow;

/// Loads cases into the cache. A case that is not in the tables is left out, which the fold notices.
pub(crate) async fn load(pool: &PgPool, ids: &[CaseId], cache: &mut Cache) -> Result<(), ProjectionError> {
    if ids.is_empty() {
        return Ok(());
    }
    let failed = ProjectionError::postgres;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let cases = sqlx::query("SELECT * FROM cases WHERE case_id = ANY($1)").bind(&ids).fetch_all(pool);
    let cases = cases.await.map_err(failed("load cases"))?;
    let history = "SELECT * FROM case_history WHERE case_id = ANY($1) AND until_at IS NULL";
    let history = sqlx::query(history).bind(&ids).fetch_all(pool).await.map_err(failed("load history"))?;
    let clocks = sqlx::query("SELECT * FROM clock_states WHERE case_id = ANY($1)").bind(&ids);
    let clocks = clocks.fetch_all(pool).await.map_err(failed("load clocks"))?;
    assemble(&cases, &history, &clocks, cache).map_err(failed("read rows that the projection wrote"))
}

fn assemble(cases: &[PgRow], history: &[PgRow], clocks: &[PgRow], cache: &mut Cache) -> Result<(), sqlx::Error> {
    let mut histories = HashMap::new();
    for row in history {
        let row = history_row(row)?;
        histories.insert(row.case_id, row);
    }
    let mut by_case: HashMap<CaseId, Vec<Kept<ClockRow>>> = HashMap::new();
    for row in clocks {
        let row = clock_row(row)?;
        by_case.entry(row.case_id).or_default().push(Kept::stored(row));
    }
    for row in cases {
        let case = case_row(row)?;
        if let Some(history) = histories.remove(&case.case_id) {
            let clocks = by_case.remove(&case.case_id).unwrap_or_default();
            cache.put(CaseRows { case: Kept::stored(case), history: Some(Kept::stored(history)), clocks });
        }
    }
    Ok(())
}

fn case_row(row: &PgRow) -> Result<CaseRow, sqlx::Error> {
    Ok(CaseRow {
        case_id: id(row, "case_id")?,
        status: status(row)?,
        case_type: parsed(row, "type")?,
        category: opt_parsed(row, "category")?,
        subcategory: opt_parsed(row, "subcategory")?,
        impact: opt_parsed(row, "impact")?,
        urgency: opt_parsed(row, "urgency")?,
        priority: opt_parsed(row, "priority")?,
        channel: parsed(row, "channel")?,
        queue: opt_parsed(row, "queue")?,
        assignee: opt_parsed(row, "assignee")?,
        customer_id: opt_parsed(row, "customer_id")?,
        parent_id: opt_id(row, "parent_id")?,
        merged_into: opt_id(row, "merged_into")?,
        opened_at: at(row, "opened_at")?,
        first_response_at: opt_at(row, "first_response_at")?,
        first_resolved_at: opt_at(row, "first_resolved_at")?,
        resolved_at: opt_at(row, "resolved_at")?,
        closed_at: opt_at(row, "closed_at")?,
        reopen_count: count(row, "reopen_count")?,
        reassign_count: count(row, "reassign_count")?,
        transfer_count: count(row, "transfer_count")?,
        escalation_level: count(row, "escalation_level")?,
        resolution_code: opt_parsed(row, "resolution_code")?,
        closure_code: opt_parsed(row, "closure_code")?,
        csat: row.try_get::<Option<i32>, _>("csat")?.map(|score| to_count("csat", score)).transpose()?,
        language: opt_parsed(row, "language")?,
        tier: opt_parsed(row, "tier")?,
        wake_at: opt_at(row, "wake_at")?,
        version: Version(count(row, "version")?),
        position: Position(u64::try_from(row.try_get::<i64, _>("position")?).map_err(|e| decode("position", e))?),
        responses_known: row.try_get("responses_known")?,
        is_backdated: row.try_get("is_backdated")?,
    })
}

fn history_row(row: &PgRow) -> Result<HistoryRow, sqlx::Error> {
    Ok(HistoryRow {
        case_id: id(row, "case_id")?,
        version: Version(count(row, "version")?),
        from_at: at(row, "from_at")?,
        until_at: opt_at(row, "until_at")?,
        status: status(row)?,
        queue: opt_parsed(row, "queue")?,
        assignee: opt_parsed(row, "assignee")?,
        priority: opt_parsed(row, "priority")?,
        case_type: parsed(row, "type")?,
        category: opt_parsed(row, "category")?,
    })
}

fn clock_row(row: &PgRow) -> Result<ClockRow, sqlx::Error> {
    let (met_at, breached_at) = (opt_at(row, "met_at")?, opt_at(row, "breached_at")?);
    let outcome = Outcome { queue: opt_parsed(row, "outcome_queue")?, priority: opt_parsed(row, "outcome_priority")? };
    let bigint = |column| row.try_get::<i64, _>(column);
    let seconds = |column| u32::try_from(bigint(column)?).map_err(|e| decode(column, e));
    Ok(ClockRow {
        case_id: id(row, "case_id")?,
        state: listed("state", &row.try_get::<String, _>("state")?, STATES, ClockState::as_str)?,
        reading: ClockReading {
            clock: listed("clock", &row.try_get::<String, _>("clock")?, ClockName::ALL, ClockName::as_str)?,
            instance: count(row, "instance")?,
            policy: PolicyVersion(count(row, "policy")?),
            calendar: parsed(row, "calendar")?,
            target_seconds: seconds("target_seconds")?,
            // No table has these two, and no reading that comes is compared with them.
            target_millis: None,
            wall: None,
            started_at: at(row, "started_at")?,
            due_at: opt_at(row, "due_at")?,
            warn_at: opt_at(row, "warn_at")?,
            remaining_seconds: i32::try_from(bigint("remaining_seconds")?)
                .map_err(|e| decode("remaining_seconds", e))?,
            elapsed_seconds: seconds("elapsed_seconds")?,
            business_elapsed_seconds: seconds("business_elapsed_seconds")?,
            cause: None,
            at: None,
        },
        met_at,
        breached_at,
        outcome: met_at.or(breached_at).map(|_| outcome),
        is_left_out: row.try_get("is_left_out")?,
    })
}

const STATES: [ClockState; 4] = [ClockState::Running, ClockState::Paused, ClockState::Met, ClockState::Cancelled];

fn decode(column: &str, error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(error) }
}

fn status(row: &PgRow) -> Result<Status, sqlx::Error> {
    listed("status", &row.try_get::<String, _>("status")?, Status::ALL, Status::as_str)
}

fn listed<T: Copy, const N: usize>(
    column: &str,
    text: &str,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> Result<T, sqlx::Error> {
    let unknown = || sqlx::Error::ColumnDecode { index: column.to_owned(), source: format!("`{text}`").into() };
    all.into_iter().find(|value| name(*value) == text).ok_or_else(unknown)
}

fn id(row: &PgRow, column: &str) -> Result<CaseId, sqlx::Error> {
    row.try_get::<Uuid, _>(column).map(CaseId::new)
}

fn opt_id(row: &PgRow, column: &str) -> Result<Option<CaseId>, sqlx::Error> {
    Ok(row.try_get::<Option<Uuid>, _>(column)?.map(CaseId::new))
}

fn at(row: &PgRow, column: &str) -> Result<Timestamp, sqlx::Error> {
    row.try_get::<DateTime<Utc>, _>(column).map(Timestamp::from)
}

fn opt_at(row: &PgRow, column: &str) -> Result<Option<Timestamp>, sqlx::Error> {
    Ok(row.try_get::<Option<DateTime<Utc>>, _>(column)?.map(Timestamp::from))
}

fn count(row: &PgRow, column: &str) -> Result<u32, sqlx::Error> {
    to_count(column, row.try_get(column)?)
}

fn to_count(column: &str, number: i32) -> Result<u32, sqlx::Error> {
    u32::try_from(number).map_err(|error| decode(column, error))
}

fn parsed<T>(row: &PgRow, column: &str) -> Result<T, sqlx::Error>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    row.try_get::<&str, _>(column)?.parse().map_err(|error| decode(column, error))
}

fn opt_parsed<T>(row: &PgRow, column: &str) -> Result<Option<T>, sqlx::Error>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    let text = row.try_get::<Option<&str>, _>(column)?;
    text.map(|text| text.parse().map_err(|error| decode(column, error))).transpose()
}
