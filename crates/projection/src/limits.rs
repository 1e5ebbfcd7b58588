//! How long those who read may take. A timeout that a session sets for itself is no limit: whoever sets it can lift it.
//! So the worker looks once a second, and ends what has taken longer than `docket_access.limits` says.

use std::convert::Infallible;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, FromRow};

use crate::ProjectionError;
use crate::schema::{Schema, connect};

/// How often it looks.
const PACE: Duration = Duration::from_secs(1);

/// Somebody who took too long.
#[derive(FromRow)]
struct Ended {
    login: String,
    /// Whether the session was ended, and not its statement only.
    is_session: bool,
}

/// How long it is left alone when it could not be done.
const AGAIN: Duration = Duration::from_secs(10);

/// Ends what takes too long, for ever.
pub(crate) async fn hold(options: &PgConnectOptions, schema: &Schema) -> Infallible {
    loop {
        let Err(error) = hold_for_a_while(options, schema).await;
        tracing::warn!(%error, "the limits of those who read are not held for {} s: {error}", AGAIN.as_secs());
        tokio::time::sleep(AGAIN).await;
    }
}

/// Does so as long as nothing is in the way. Needs the right to signal others; does without, and says so, where the owner
/// of the read models has none.
async fn hold_for_a_while(options: &PgConnectOptions, schema: &Schema) -> Result<Infallible, ProjectionError> {
    let failed = ProjectionError::postgres;
    let mut connection = connect(options).await?;
    let may =
        "SELECT rolsuper OR pg_has_role('pg_signal_backend', 'USAGE') AND pg_has_role('pg_read_all_stats', 'USAGE')
         FROM pg_roles WHERE rolname = current_user";
    let may: bool =
        sqlx::query_scalar(may).fetch_one(&mut connection).await.map_err(failed("look whether limits can be held"))?;
    if !may {
        tracing::warn!(
            "the limits in {}.limits do not hold: the owner of the read models may not end sessions; \
            GRANT pg_signal_backend, pg_read_all_stats to it, and start again",
            schema.access
        );
        return std::future::pending().await;
    }
    let too_long = format!(
        "WITH limited AS (
            SELECT a.pid, a.usename::text AS login, a.state, a.query_start, a.xact_start,
                min(l.statement) AS statement, min(l.transaction) AS transaction
            FROM pg_stat_activity AS a
            JOIN pg_roles AS r ON r.oid = a.usesysid AND NOT r.rolsuper
            JOIN pg_roles AS g ON pg_has_role(r.oid, g.oid, 'MEMBER')
            JOIN {}.limits AS l ON l.role = g.rolname
            WHERE a.datname = current_database() AND a.usename <> current_user AND a.backend_type = 'client backend'
            GROUP BY a.pid, a.usename, a.state, a.query_start, a.xact_start
        ), late AS MATERIALIZED (
            SELECT pid, login, clock_timestamp() - xact_start > transaction IS TRUE AS is_session
            FROM limited
            WHERE clock_timestamp() - xact_start > transaction
                OR state = 'active' AND clock_timestamp() - query_start > statement
        )
        SELECT login, is_session FROM late
        WHERE CASE WHEN is_session THEN pg_terminate_backend(pid) ELSE pg_cancel_backend(pid) END",
        schema.access
    );
    let mut looks = tokio::time::interval(PACE);
    looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let ended: Vec<Ended> = sqlx::query_as(AssertSqlSafe(&*too_long))
            .fetch_all(&mut connection)
            .await
            .map_err(failed("hold the limits of those who read"))?;
        for Ended { login, is_session } in ended {
            let what = if is_session { "transaction" } else { "statement" };
            tracing::warn!(login, "ended a {what} of {login} that took longer than {}.limits says", schema.access);
        }
    }
}
