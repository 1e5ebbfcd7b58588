//! Who reads what in Postgres: analysts, those who may read texts, auditors, and leads of teams.

use serde_json::json;

use crate::support::{Desk, Scratch, Sql, drive, eventually, histories};

const PASSWORD: &str = "not-a-secret";

/// A login that has a role.
async fn login(desk: &Desk, owner: &Sql, name: &str, role: &str) -> Sql {
    let create = format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' IN ROLE {role}");
    owner.run(&create).await.unwrap();
    Sql::connect(&desk.postgres_as(name, PASSWORD)).await
}

async fn desk() -> (Desk, Sql) {
    let desk = Desk::start();
    let position = drive(&desk.sender("importer").await, &histories(90)).await;
    let owner = desk.sql().await;
    owner.await_position(position).await;
    (desk, owner)
}

/// Relations that say in which queue a case is, or was when it was counted. Others tell the past of a lead's cases,
/// which may have been elsewhere.
const OF_NOW: [&str; 7] =
    ["cases", "queues", "backlog_aging", "at_risk('1000 days')", "daily", "sla_attainment", "resolutions_daily"];

/// Every relation, and every function, that names cases in a column: as what stands after FROM.
async fn relations_with(sql: &Sql, column: &str) -> Vec<String> {
    let found = format!(
        "SELECT format('docket.%I', relname) AS it FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'docket'::regnamespace AND c.relkind = 'v' AND a.attname = '{column}' ORDER BY 1"
    );
    let functions = ["clocks_as_of('2026-05-20')", "at_risk('1000 days')", "repeat_contacts('30 days')"];
    let functions = functions.iter().map(|call| format!("docket.{call}"));
    text(sql, &found).await.into_iter().chain(functions).collect()
}

async fn text(sql: &Sql, query: &str) -> Vec<String> {
    let rows = sql.rows(query).await;
    rows.into_iter().map(|row| row["it"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_lead_sees_the_cases_of_some_queues_and_nothing_of_the_others() {
    let (desk, owner) = desk().await;
    let lead = login(&desk, &owner, "lena", "docket_lead").await;
    let cases = "SELECT count(*) FROM docket.cases";
    assert_eq!(lead.value(cases).await, 0, "no queue is hers yet");
    owner.run("INSERT INTO docket_access.lead_queues VALUES ('lena', 'billing'), ('mo', 'technical')").await.unwrap();
    let theirs = "SELECT case_id::text AS it FROM docket.cases WHERE queue = 'billing' ORDER BY 1";
    let hers = text(&owner, theirs).await;
    let seen = text(&lead, "SELECT case_id::text AS it FROM docket.cases ORDER BY 1").await;
    assert_eq!(seen, hers);
    assert!(hers.len() > 5, "{hers:?}");
    for relation in relations_with(&owner, "case_id").await {
        let ids = format!("SELECT DISTINCT case_id::text AS it FROM {relation} WHERE case_id IS NOT NULL ORDER BY 1");
        let mut all = text(&owner, &ids).await;
        all.retain(|case| hers.contains(case));
        assert_eq!(text(&lead, &ids).await, all, "{relation}");
    }
    for relation in OF_NOW {
        let queues = format!("SELECT DISTINCT queue AS it FROM docket.{relation} WHERE queue IS NOT NULL");
        assert_eq!(text(&lead, &queues).await, ["billing"], "{relation}");
        assert!(text(&owner, &queues).await.len() > 1, "{relation}: there is nothing to hide");
    }
    let previous = "SELECT DISTINCT previous_case_id::text AS it FROM docket.repeat_contacts('90 days')";
    assert!(text(&lead, previous).await.iter().all(|case| hers.contains(case)));
    let as_of = "SELECT count(*) FROM docket.cases AS c CROSS JOIN docket.case_as_of(c.case_id, '2026-06-30')";
    assert_eq!(lead.value(as_of).await, hers.len());
    let other = text(&owner, "SELECT case_id::text AS it FROM docket.cases WHERE queue = 'technical'").await;
    let as_of = format!("SELECT count(*) FROM docket.case_as_of('{}', '2026-06-30')", other[0]);
    assert_eq!((owner.value(&as_of).await, lead.value(&as_of).await), (json!(1), json!(0)));
    // From one moment to the next.
    owner.run("UPDATE docket_access.lead_queues SET queue = 'technical' WHERE lead = 'lena'").await.unwrap();
    assert_eq!(lead.value(cases).await, other.len());
    // Hers are exported whole only: what has left her queues cannot be told.
    let (folder, address) = (Scratch::new(), desk.postgres_as("lena", PASSWORD));
    let out = folder.path().to_str().unwrap();
    let all =
        desk.cli().run(&["export", "cases", "--postgres", &address, "--out", out, "--json"]).await.succeeded().json();
    assert_eq!(all["files"][0]["rows"], other.len());
    let since = all["position"].to_string();
    let refused = desk.cli().run(&["export", "cases", "--postgres", &address, "--out", out, "--since", &since]).await;
    assert!(refused.code == Some(1) && refused.err.contains("the cases of some queues only"), "{refused:?}");
    // In other tables, too.
    desk.cli().run(&["rebuild"]).await.succeeded();
    assert_eq!(lead.value(cases).await, other.len());
}

#[tokio::test]
async fn what_a_lead_does_not_see_is_in_no_error_or_statistic() {
    let (desk, owner) = desk().await;
    let lead = login(&desk, &owner, "lena", "docket_lead").await;
    owner.run("INSERT INTO docket_access.lead_queues VALUES ('lena', 'billing'), ('mo', 'technical')").await.unwrap();
    // An error for each row of another queue, if one were looked at.
    for relation in ["cases", "case_history", "clocks", "case_entries", "contacts", "outcomes", "case_times"] {
        let probe = format!(
            "SELECT count(*) FROM docket.{relation} AS it JOIN docket.cases AS c USING (case_id)
             WHERE 1 / (CASE WHEN c.queue <> 'billing' THEN 0 ELSE 1 END) = 1"
        );
        assert!(lead.run(&probe).await.is_ok(), "{relation}");
        assert!(owner.run(&probe).await.unwrap_err().contains("division by zero"), "{relation}: nothing is tried");
    }
    let probe = "SELECT count(*) FROM docket.cases WHERE 1 / (CASE WHEN queue <> 'billing' THEN 0 ELSE 1 END) = 1";
    assert!(lead.run(probe).await.is_ok());
    let live = owner.value("SELECT tables_of FROM docket_access.generations WHERE state = 'live'").await;
    let live = live.as_str().unwrap();
    owner.run(&format!("ANALYZE {live}.cases, {live}.case_entries, {live}.clock_states")).await.unwrap();
    for (table, column) in [("cases", "case_id"), ("case_entries", "details"), ("clock_states", "clock")] {
        let probe = format!(
            "SELECT count({column}) FROM {live}.{table} JOIN {live}.cases AS c USING (case_no)
             WHERE 1 / (CASE WHEN c.queue <> 'billing' THEN 0 ELSE 1 END) = 1"
        );
        let probe = if table == "cases" {
            probe.replace(&format!("JOIN {live}.cases AS c USING (case_no)"), "AS c")
        } else {
            probe
        };
        assert!(lead.run(&probe).await.is_ok(), "{table}");
    }
    // Whatever is read of cases is read by the queues that are hers. Plans still count what was left out, as documented.
    for query in
        ["cases", "queues", "daily", "outcomes", "case_history", "scorecard_queues('2026-01-01', '2026-07-01')"]
    {
        let explain = |sql: &Sql| {
            let explain = format!("EXPLAIN (VERBOSE) SELECT * FROM docket.{query}");
            let pool = sql.pool.clone();
            async move {
                sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(explain))
                    .fetch_all(&pool)
                    .await
                    .expect("a plan")
                    .join("\n")
            }
        };
        let (hers, owners) = (explain(&lead).await, explain(&owner).await);
        assert!(hers.contains("lead_queues") && !owners.contains("lead_queues"), "{query}: {hers}");
    }
    let statistics = format!("SELECT count(*) FROM pg_stats WHERE schemaname IN ('docket', '{live}')");
    assert_eq!(lead.value(&statistics).await, 0);
    assert!(owner.value(&statistics).await.as_u64() > Some(0), "there are some");
    assert_eq!(text(&lead, "SELECT queue AS it FROM docket_access.lead_queues").await, ["billing"]);
    for forbidden in [
        "INSERT INTO docket_access.lead_queues VALUES ('lena', 'technical')".to_owned(),
        "UPDATE docket_access.lead_queues SET queue = 'technical'".to_owned(),
        "SELECT * FROM docket_access.limits".to_owned(),
        "SELECT * FROM docket_private.texts".to_owned(),
        "SELECT * FROM docket_private.checkpoint".to_owned(),
        format!("SELECT * FROM {live}.texts"),
        format!("SELECT * FROM {live}.policies"),
        format!("ALTER TABLE {live}.cases DISABLE ROW LEVEL SECURITY"),
        "SET ROLE docket_analyst".to_owned(),
    ] {
        let refused = lead.run(&forbidden).await.unwrap_err();
        assert!(refused.contains("permission denied") || refused.contains("must be owner"), "{forbidden}: {refused}");
    }
    let bypass = lead.run("SET row_security TO off; SELECT * FROM docket.cases").await.unwrap_err();
    assert!(bypass.contains("row-level security"), "{bypass}");
}

#[tokio::test]
async fn texts_are_for_those_who_may_read_them_and_nobody_who_reads_writes() {
    let (desk, owner) = desk().await;
    let of = [
        ("ana", "docket_analyst", false, false),
        ("petra", "docket_analyst_personal", true, false),
        ("audrey", "docket_auditor", false, true),
        ("lena", "docket_lead", false, true),
    ];
    for (name, role, reads_texts, reads_access) in of {
        let sql = login(&desk, &owner, name, role).await;
        let may = async |statement: &str| match sql.run(statement).await {
            Ok(()) => true,
            Err(refused) => {
                assert!(refused.contains("permission denied"), "{role}: {statement}: {refused}");
                false
            }
        };
        assert!(may("SELECT * FROM docket.cases").await, "{role}");
        assert_eq!(may("SELECT * FROM docket_private.texts").await, reads_texts, "{role}");
        assert_eq!(may("SELECT * FROM docket_access.lead_queues").await, reads_access, "{role}");
        let all = owner.value("SELECT count(*) FROM docket.cases").await;
        let seen = sql.value("SELECT count(*) FROM docket.cases").await;
        assert_eq!(seen, if role == "docket_lead" { json!(0) } else { all }, "{role}");
        for writes in [
            "DELETE FROM docket.cases",
            "DELETE FROM docket_access.lead_queues",
            "UPDATE docket_access.limits SET statement = NULL",
            "CREATE TABLE docket.mine (a int)",
            "CREATE TABLE public.mine (a int)",
            "CREATE TEMPORARY TABLE mine (a int)",
            "DO 'BEGIN LOCK TABLE docket_access.worker_place; END'",
        ] {
            assert!(!may(writes).await, "{role}: {writes}");
        }
    }
    let open_views = "SELECT relname AS it FROM pg_class WHERE relnamespace = 'docket'::regnamespace AND relkind = 'v'
        AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', false) ORDER BY 1";
    assert_eq!(
        text(&owner, open_views).await,
        ["agent_presence", "policy_versions", "position", "reporting", "seals"],
        "these show nothing of cases; the others are read with the reader's rights"
    );
}

#[tokio::test]
async fn limits_hold_against_those_who_read() {
    let (desk, owner) = desk().await;
    let ana = login(&desk, &owner, "ana", "docket_analyst").await;
    let limit = "UPDATE docket_access.limits SET statement = '1 s', transaction = '2 s' WHERE role = 'docket_analyst'";
    owner.run(limit).await.unwrap();
    // Whatever she sets.
    let cancelled = ana.run("SET statement_timeout TO 0; SELECT pg_sleep(120)").await.unwrap_err();
    assert!(cancelled.contains("canceling statement"), "{cancelled}");
    let mut transaction = ana.pool.begin().await.expect("a transaction");
    sqlx::query("SELECT * FROM docket.position").execute(&mut *transaction).await.expect("a position");
    let idle = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ana' AND state = 'idle in transaction'";
    eventually("the end of a session that holds a transaction open", async || {
        (owner.value(idle).await == json!(0)).then_some(())
    })
    .await;
    assert!(sqlx::query("SELECT 1").execute(&mut *transaction).await.is_err(), "her session is over");
    drop(transaction);
    let logged = desk.logged();
    assert!(
        logged.contains("docket_access.limits") && !logged.contains("pg_sleep"),
        "what is said, and not what was asked"
    );
}
