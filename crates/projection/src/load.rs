//! Loading the rows of cases that the cache does not hold.

use std::collections::HashMap;

use docket_messages::CaseId;
use sqlx::PgPool;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::ProjectionError;
use crate::cache::{Cache, CaseRows, Kept};
use crate::models::cases::CaseRow;
use crate::models::clocks::ClockRow;
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
        let row = HistoryRow::read(row)?;
        histories.insert(row.case_id, row);
    }
    let mut by_case: HashMap<CaseId, Vec<Kept<ClockRow>>> = HashMap::new();
    for row in clocks {
        let row = ClockRow::read(row)?;
        by_case.entry(row.case_id).or_default().push(Kept::stored(row));
    }
    for row in cases {
        let case = CaseRow::read(row)?;
        if let Some(history) = histories.remove(&case.case_id) {
            let clocks = by_case.remove(&case.case_id).unwrap_or_default();
            cache.put(CaseRows { case: Kept::stored(case), history: Some(Kept::stored(history)), clocks });
        }
    }
    Ok(())
}
