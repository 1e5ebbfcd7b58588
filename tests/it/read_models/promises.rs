//! What holds for every relation: columns, definitions, who may read what, and reading one's own write.

use docket_messages::Status;
use serde_json::json;

use super::{COLUMNS, columns};
use crate::support::{Command, Desk};

#[tokio::test]
async fn every_relation_has_the_columns_that_others_rely_on() {
    let sql = Desk::shared().sql().await;
    for (relation, _) in COLUMNS {
        let list = columns(relation).iter().map(|column| format!("\"{column}\"")).collect::<Vec<_>>().join(", ");
        let done = sql.run(&format!("SELECT {list} FROM docket.{relation} LIMIT 0")).await;
        done.unwrap_or_else(|error| panic!("docket.{relation}: {error}"));
    }
    let texts = sql.run("SELECT case_id, version, field, text FROM docket_private.texts LIMIT 0").await;
    texts.unwrap_or_else(|error| panic!("{error}"));
    let aging = "SELECT queue, priority, type, bucket, cases FROM";
    let past = sql.run(&format!("{aging} docket.backlog_aging UNION {aging} docket.backlog_as_of(now())")).await;
    past.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test]
async fn times_have_a_zone_and_durations_a_unit() {
    let sql = Desk::shared().sql().await;
    let wrong = "SELECT table_name, column_name, data_type FROM information_schema.columns
        WHERE table_schema = 'docket' AND (
            data_type LIKE 'timestamp without%'
            OR column_name LIKE '%\\_at' AND udt_name NOT IN ('timestamptz', '_timestamptz')
            OR column_name LIKE '%\\_seconds' AND data_type NOT IN ('bigint', 'integer', 'double precision')
            OR column_name LIKE '%\\_age' AND data_type <> 'interval')";
    assert_eq!(sql.rows(wrong).await, [] as [serde_json::Value; 0]);
}

#[tokio::test]
async fn every_relation_column_and_function_is_defined_by_a_comment() {
    let sql = Desk::shared().sql().await;
    let undefined = "SELECT c.relname, a.attname FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE n.nspname IN ('docket', 'docket_private') AND c.relkind IN ('r', 'v', 'm', 'p')
            AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)
        UNION ALL
        SELECT p.proname, NULL FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'docket' AND obj_description(p.oid, 'pg_proc') IS NULL";
    assert_eq!(sql.rows(undefined).await, [] as [serde_json::Value; 0]);
}

#[tokio::test]
async fn every_table_has_its_key_and_its_indexes_and_no_other() {
    let sql = Desk::shared().sql().await;
    let live = "SELECT tables_of FROM docket_access.generations WHERE state = 'live'";
    let live = sql.value(live).await;
    let live = live.as_str().unwrap();
    let without_key = format!(
        "SELECT relname FROM pg_class AS c WHERE relnamespace = '{live}'::regnamespace AND relkind = 'r'
            AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary)"
    );
    assert_eq!(sql.rows(&without_key).await, [] as [serde_json::Value; 0]);
    let others = format!(
        "SELECT string_agg(i.relname, ', ' ORDER BY i.relname) FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid
        WHERE relnamespace = '{live}'::regnamespace AND NOT indisprimary"
    );
    assert_eq!(
        sql.value(&others).await,
        "article_events_time, case_entries_position, case_history_time, cases_active, cases_customer, cases_id, cases_time, \
         clock_states_time, contacts_time, efforts_time, obligations_time, survey_answers_time, survey_requests_time"
    );
}

#[tokio::test]
async fn a_status_counts_in_the_backlog_in_sql_as_in_the_rules() {
    let sql = Desk::shared().sql().await;
    for status in Status::ALL {
        let is_active = sql.value(&format!("SELECT docket.is_active('{status}')")).await;
        assert_eq!(is_active, status.is_active(), "{status}");
    }
}

#[tokio::test]
async fn a_service_reads_its_own_write_once_the_position_is_reached() {
    let desk = Desk::shared();
    let sender = desk.sender("desk").await;
    let sql = desk.sql().await;
    for _ in 0..20 {
        let case = sender.open_case().await;
        let assigned = sender.must(&Command::case("assign", &json!({ "caseId": case, "agent": "ana" }))).await;
        let position = assigned["position"].as_u64().unwrap();
        let reached = sql.value(&format!("SELECT docket.await_position({position}, interval '60 seconds')")).await;
        assert!(reached.as_u64() >= Some(position));
        let row =
            sql.rows(&format!("SELECT assignee, version, position FROM docket.cases WHERE case_id = '{case}'")).await;
        assert_eq!(row, [json!({ "assignee": "ana", "version": assigned["version"], "position": position })]);
    }
    let lag = sql.rows("SELECT lag_seconds >= 0 AS told FROM docket.position").await;
    assert_eq!(lag, [json!({ "told": true })]);
}

#[tokio::test]
async fn waiting_for_a_position_that_does_not_come_is_an_error() {
    let sql = Desk::shared().sql().await;
    let waited = sql.run("SELECT docket.await_position(1000000000, interval '50 milliseconds')").await.unwrap_err();
    assert!(waited.contains("not yet at 1000000000"), "{waited}");
    let nothing = sql.run("SELECT docket.await_position(NULL, NULL)").await.unwrap_err().to_string();
    assert!(nothing.contains("needs a position"), "{nothing}");
    let frozen = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT docket.await_position(1, interval '1 s')";
    let frozen = sql.run(frozen).await.unwrap_err();
    assert!(frozen.contains("READ COMMITTED"), "{frozen}");
}

#[tokio::test]
async fn an_analyst_reads_what_is_not_personal_and_changes_nothing() {
    let sql = Desk::shared().sql().await;
    // Who creates a role may give it to themselves.
    sql.run("GRANT docket_analyst TO CURRENT_USER WITH SET TRUE").await.unwrap();
    let as_analyst =
        async |statement: &str| sql.run(&format!("BEGIN; SET LOCAL ROLE docket_analyst; {statement}; COMMIT")).await;
    let kept_away = "SELECT string_agg(relname, ', ') FROM pg_class WHERE relnamespace = 'docket'::regnamespace
        AND relkind IN ('r', 'v') AND NOT has_table_privilege('docket_analyst', oid, 'SELECT')";
    assert_eq!(sql.value(kept_away).await, json!(null), "no relation is");
    for (relation, _) in COLUMNS {
        as_analyst(&format!("SELECT * FROM docket.{relation}"))
            .await
            .unwrap_or_else(|error| panic!("{relation}: {error}"));
    }
    as_analyst("SELECT * FROM docket.backlog_as_of(now() - interval '1 day')").await.unwrap();
    as_analyst("SELECT docket.await_position(0, interval '1 s')").await.unwrap();
    for forbidden in [
        "SELECT * FROM docket_private.texts",
        "SELECT * FROM docket_private.checkpoint",
        "SELECT * FROM docket_private.stretches",
        "UPDATE docket.cases SET status = 'closed'",
        "DELETE FROM docket.cases",
        "INSERT INTO docket.cases DEFAULT VALUES",
        "CREATE TABLE docket.mine (a int)",
    ] {
        let refused = as_analyst(forbidden).await.unwrap_err();
        assert!(refused.contains("permission denied"), "{forbidden}: {refused}");
        sql.run("ROLLBACK").await.unwrap();
    }
}
