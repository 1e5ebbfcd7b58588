//! Loading the rows of cases that the cache does not hold.

use std::collections::HashMap;

use docket_messages::{CaseId, Position};
use sqlx::PgPool;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::ProjectionError;
use crate::cache::{Cache, CaseRows, Kept};
use crate::models::cases::CaseRow;
use crate::models::clocks::ClockRow;
use crate::models::history::Stretch;

/// Loads cases into the cache. A case that is not in the tables is left out, which the fold notices.
pub(crate) async fn load(pool: &PgPool, ids: &[CaseId], cache: &mut Cache) -> Result<(), ProjectionError> {
    if ids.is_empty() {
        return Ok(());
    }
    let failed = ProjectionError::postgres;
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let cases = sqlx::query("SELECT * FROM cases WHERE case_id = ANY($1)").bind(&ids).fetch_all(pool);
    let cases = cases.await.map_err(failed("load cases"))?;
    let clocks = "SELECT clock_states.* FROM clock_states JOIN cases USING (case_no) WHERE case_id = ANY($1)";
    let clocks = sqlx::query(clocks).bind(&ids).fetch_all(pool).await.map_err(failed("load clocks"))?;
    assemble(&cases, &clocks, cache).map_err(failed("read rows that the projection wrote"))
}

fn assemble(cases: &[PgRow], clocks: &[PgRow], cache: &mut Cache) -> Result<(), sqlx::Error> {
    let mut by_case: HashMap<Position, Vec<Kept<ClockRow>>> = HashMap::new();
    for row in clocks {
        let row = ClockRow::read(row)?;
        by_case.entry(row.case_no).or_default().push(Kept::stored(row));
    }
    for row in cases {
        let case = CaseRow::read(row)?;
        let clocks = by_case.remove(&case.case_no).unwrap_or_default();
        cache.put(CaseRows { stretch: Some(Stretch::of(&case)), case: Kept::stored(case), clocks });
    }
    Ok(())
}
