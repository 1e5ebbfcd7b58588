//! What Postgres holds: generations of tables, filled from the log, and the relations that show one of them.
//!
//! The tables are made from the descriptions of the read models, so there is nothing to migrate: a version of the code
//! whose tables are others fills a generation of its own beside the live one ([`crate::rebuild`]).

pub(crate) mod access;
pub(crate) mod dependents;
pub(crate) mod generations;
pub(crate) mod relations;
pub(crate) mod tables;

use sqlx::PgConnection;

use crate::ProjectionError;
use crate::schema::{Schema, exists, run};

use self::generations::{Generation, State};

/// Counts up whenever tables or relations change, which a test below notices. So a version of the code knows which of
/// the others are newer, and leaves what those show alone.
pub(crate) const VERSION: i32 = 9;

/// One file for each relation or function, in an order in which each finds what it uses. In them `tables.` is the
/// schema of the generation, `private.` that of what only the owner reads, `lasting.` that of what outlives a rebuild, and
/// names without a schema are those of the relations.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(include_str!(concat!("../sql/", $name, ".sql"))),*]
    };
}

/// What private relations use.
pub(crate) const BASIC: [&str; 3] = files!["is_active", "micros_between", "seconds_between"];

/// What only the owner reads.
pub(crate) const PRIVATE: [&str; 2] = files!["private/checkpoint", "private/texts"];

/// What analysts read.
pub(crate) const PUBLIC: [&str; 62] = files![
    "checked_period",
    "checked_word",
    "checked_by",
    "value_by",
    "checked_within",
    "checked_zone",
    "instant_of",
    "position",
    "policy_versions",
    "seals",
    "reporting",
    "cases",
    "stretches",
    "case_history",
    "case_entries",
    "case_timeline",
    "article_events",
    "case_as_of",
    "survey_requests",
    "survey_answers",
    "agent_presence",
    "contacts",
    "efforts",
    "obligations",
    "time_in_status",
    "time_in_queue",
    "time_with_agent",
    "case_times",
    "clocks",
    "clocks_as_of",
    "agents",
    "age_bucket",
    "queues",
    "backlog_aging",
    "backlog_as_of",
    "queues_as_of",
    "overdue",
    "outcomes",
    "sla_attainment",
    "attainment",
    "at_risk",
    "csat_daily",
    "resolutions_daily",
    "response_times",
    "resolution_times",
    "repeat_contacts",
    "repeat_contact_rate",
    "first_contact_resolution",
    "quality",
    "survey_results",
    "knowledge_use",
    "knowledge_gaps",
    "scorecard_agents",
    "scorecard_queues",
    "intervals",
    "volume",
    "daily",
    "drivers",
    "erlang_c",
    "agents_needed",
    "await_position_of",
    "await_position",
];

/// By which tables and relations this version of the code makes rows, by digest.
#[must_use]
pub fn made_by() -> String {
    let (tables, relations) = (tables::digest(), relations::digest());
    docket_messages::Digest::of(&[tables.as_bytes(), relations.as_bytes()]).to_string()
}

/// What is there for this version of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Layout {
    /// The generation that is live.
    Live(Generation),
    /// What is shown was made by an older version. Other tables have to be filled.
    Older,
    /// What is shown was made by a newer version.
    Newer,
}

/// Brings what is there up to date.
pub(crate) async fn prepare(connection: &mut PgConnection, schema: &Schema) -> Result<Layout, ProjectionError> {
    generations::prepare(&mut *connection, schema).await?;
    access::prepare(&mut *connection, schema).await?;
    let mut live = generations::live(&mut *connection, schema).await?;
    if let Some(gone) = &live
        && !exists(&mut *connection, &format!("{}.checkpoint", gone.tables_of)).await?
    {
        // Somebody has dropped them by hand.
        generations::remove(&mut *connection, schema, gone).await?;
        live = None;
    }
    let live = match live {
        None if has_old_tables(&mut *connection, schema).await? => return Ok(Layout::Older),
        None => {
            let first = generations::create(&mut *connection, schema, None).await?;
            run(connection, format!("SET search_path TO {}", first.tables_of)).await?;
            tables::complete(&mut *connection).await?;
            first
        }
        Some(live) if live.version > VERSION => return Ok(Layout::Newer),
        Some(live) if !live.is_of_this_layout() => return Ok(Layout::Older),
        Some(live) => live,
    };
    let is_shown = are_shown(&mut *connection, schema).await?;
    if live.shown_by != Some(relations::digest()) || !is_shown || !access::is_granted(&mut *connection, schema).await? {
        run(connection, "BEGIN").await?;
        relations::show(&mut *connection, schema, &live.tables_of).await?;
        if !generations::change(&mut *connection, schema, live.number, &[live.state], State::Live).await? {
            // Somebody has switched to others meanwhile.
            run(connection, "ROLLBACK").await?;
            return Box::pin(prepare(connection, schema)).await;
        }
        run(connection, "COMMIT").await?;
    }
    Ok(Layout::Live(live))
}

/// Whether there are tables of before there were generations.
pub(crate) async fn has_old_tables(connection: &mut PgConnection, schema: &Schema) -> Result<bool, ProjectionError> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'r')")
        .bind(format!("{}.cases", schema.public))
        .fetch_one(connection)
        .await
        .map_err(ProjectionError::postgres("look for tables of an earlier version"))
}

/// Whether the relations are there; somebody may have dropped them by hand.
async fn are_shown(connection: &mut PgConnection, schema: &Schema) -> Result<bool, ProjectionError> {
    Ok(exists(connection, &format!("{}.position", schema.public)).await?
        && exists(connection, &format!("{}.checkpoint", schema.private)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The version, and the digests of its tables and of its relations.
    const KNOWN: (i32, &str, &str) =
        (9, "-lxhx86u7MfsE8hTOWesVrWqFkLD6G_8ewksR0HlHU8", "YZ1ZOEeGTzDQfYV7nH2Kz2k8vzMXU5Vf1hE_zv-DKPg");

    #[test]
    fn a_change_of_tables_or_relations_counts_the_version_up() {
        let (tables, relations) = (tables::digest(), relations::digest());
        assert_eq!(
            (VERSION, &*tables, &*relations),
            KNOWN,
            "tables or relations have changed: count VERSION up, and note it here"
        );
    }
}
