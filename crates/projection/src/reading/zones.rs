//! What Postgres says of time zones.

use chrono::{DateTime, Utc};
use docket_messages::Timestamp;

use super::ReadModels;
use crate::ProjectionError;

impl ReadModels {
    /// By how many seconds the clocks of a zone are ahead of UTC, as Postgres has it: at `from`, and at each full hour
    /// after it, up to `to`, at which that has changed.
    ///
    /// # Errors
    /// [`ProjectionError::Postgres`] when it cannot be asked, or does not know the zone.
    pub async fn zone_offsets(
        &self,
        zone: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, i32)>, ProjectionError> {
        let statement = "SELECT at, seconds FROM (
                SELECT at, seconds, lag(seconds) OVER (ORDER BY at) AS before FROM (
                    SELECT at, extract(epoch FROM (at AT TIME ZONE $1) - (at AT TIME ZONE 'UTC'))::int AS seconds
                    FROM generate_series($2::timestamptz, $3::timestamptz, interval '1 hour') AS at
                ) AS hours
            ) AS changes
            WHERE before IS DISTINCT FROM seconds ORDER BY at";
        let rows: Result<Vec<(DateTime<Utc>, i32)>, _> = sqlx::query_as(statement)
            .bind(zone)
            .bind(from.to_chrono())
            .bind(to.to_chrono())
            .fetch_all(&self.pool)
            .await;
        let rows = rows.map_err(ProjectionError::postgres("ask Postgres for a time zone"))?;
        Ok(rows.into_iter().map(|(at, seconds)| (Timestamp::from(at), seconds)).collect())
    }
}
