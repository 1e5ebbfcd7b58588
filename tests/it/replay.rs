//! The read models from the log alone: as of then, and against the live ones.

use serde_json::{Value, json};

use crate::support::{Command, Desk};

#[tokio::test]
async fn the_read_models_are_made_as_of_a_position_and_as_of_a_time() {
    let desk = Desk::start();
    let sender = desk.sender("desk").await;
    let case = sender.open_case().await;
    sender.must(&Command::case("assign", &json!({ "caseId": case, "agent": "ana" }))).await;
    let noted = sender.must(&Command::case("note", &json!({ "caseId": case, "text": "Seen" }))).await;
    let position = noted["position"].as_u64().expect("a position");
    let (sql, cli) = (desk.sql().await, desk.cli());
    let before = (position - 2).to_string();
    cli.run(&["replay", "--to", &before, "--schema", "as_of_then"]).await.succeeded();
    let then = sql
        .rows("SELECT status, assignee, (SELECT position FROM as_of_then.position) AS at FROM as_of_then.cases")
        .await;
    assert_eq!(then, [json!({ "status": "new", "assignee": Value::Null, "at": position - 2 })]);
    cli.run(&["replay", "--to", "2126-01-01T00:00:00Z", "--schema", "as_of_now"]).await.succeeded();
    let now = sql.rows("SELECT status, assignee FROM as_of_now.cases").await;
    assert_eq!(now, [json!({ "status": "open", "assignee": "ana" })]);
    let again = cli.run(&["replay", "--to", "1", "--schema", "as_of_then"]).await;
    assert!(again.code == Some(1) && again.err.contains("there is a schema as_of_then already"), "{again:?}");
    for (arguments, words) in [
        (&["replay", "--to", "99999", "--schema", "a_b"][..], "there is no position 99999"),
        (&["replay", "--to", "2001-01-01T00:00:00Z", "--schema", "a_b"], "the log had no entry at"),
    ] {
        let refused = cli.run(arguments).await;
        assert!(refused.code == Some(1) && refused.err.contains(words), "{refused:?}");
    }
    for arguments in
        [&["replay"][..], &["replay", "--to", "1"], &["replay", "--compare", "--to", "1", "--schema", "a_b"]]
    {
        let wrong = cli.run(arguments).await;
        assert_eq!(wrong.code, Some(2), "{wrong:?}");
    }
}

#[tokio::test]
async fn whatever_was_changed_by_hand_is_named() {
    let desk = Desk::start();
    let sender = desk.sender("desk").await;
    let (case, gone) = (sender.open_case().await, sender.open_case().await);
    let (sql, cli) = (desk.sql().await, desk.cli());
    sql.await_position(3).await;
    let same = cli.run(&["replay", "--compare", "--json"]).await.succeeded().json();
    assert_eq!((&same["same"], &same["differences"]), (&json!(true), &json!([])));
    let tables = sql.value("SELECT tables_of FROM docket_access.generations WHERE state = 'live'").await;
    let tables = tables.as_str().unwrap();
    let number = |case: &str| format!("(SELECT case_no FROM {tables}.cases WHERE case_id = '{case}')");
    sql.run(&format!("UPDATE {tables}.cases SET priority = 'critical' WHERE case_no = {}", number(&case)))
        .await
        .unwrap();
    sql.run(&format!("DELETE FROM {tables}.clock_states WHERE case_no = {}", number(&gone))).await.unwrap();
    let late = "CREATE OR REPLACE VIEW docket.seals AS SELECT position, root, sealed_at - interval '1 day' AS sealed_at, \
                checkpoint FROM docket_access.seals";
    sql.run(late).await.unwrap();
    for added in [
        "CREATE VIEW docket.better AS SELECT 1 AS good".to_owned(),
        "CREATE FUNCTION docket.volume(text) RETURNS integer LANGUAGE sql AS 'SELECT 1'".to_owned(),
        format!("CREATE RULE kept AS ON DELETE TO {tables}.efforts DO INSTEAD NOTHING"),
    ] {
        sql.run(&added).await.unwrap();
    }
    let found = cli.run(&["replay", "--compare"]).await;
    assert_eq!(found.code, Some(10), "{found:?}");
    for words in [
        "cases has other content".to_owned(),
        format!("case {case} case_no=2: priority"),
        "clock_states has 2 rows, and should have 4".to_owned(),
        format!("case {gone} case_no=3 clock=first_response instance=1: is missing"),
        "docket.seals is defined otherwise".to_owned(),
        "docket.better is none of this version of Docket".to_owned(),
        "docket.volume(text) is none of this version of Docket".to_owned(),
        "rule kept on docket_tables.efforts is none of this version of Docket".to_owned(),
    ] {
        assert!(found.out.contains(&words), "{words}: {}", found.out);
    }
    let left = sql.value("SELECT count(*)::int AS n FROM pg_namespace WHERE nspname LIKE 'docket\\_compared%'").await;
    assert_eq!(left, json!(0), "nothing is left of it");
}
