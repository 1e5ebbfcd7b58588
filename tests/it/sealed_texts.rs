//! What is personal: sealed where it is stored, readable where it is meant to be read.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Command, Desk, Sender, eventually, intake};

/// No text of Docket's own has it.
const CANARY: &str = "xanthous-canary-4711";

fn personal(what: &str) -> String {
    format!("{CANARY} {what}")
}

/// A case with something personal in every text that an agent writes.
async fn case_full_of_texts(desk: &Sender) -> String {
    let mut body = intake("question");
    body["subject"] = personal("subject").into();
    body["description"] = personal("description").into();
    body["fields"] = json!({ "orderNumber": personal("field") });
    let opened = desk.must(&Command::case("intake", &body)).await;
    let case = opened["caseId"].as_str().unwrap().to_owned();
    for (verb, body) in [
        ("note", json!({ "text": personal("note") })),
        ("receive", json!({ "text": personal("message") })),
        ("assign", json!({ "agent": "ana" })),
        ("respond", json!({ "text": personal("answer") })),
        ("escalate", json!({ "reason": personal("reason") })),
        ("attach", json!({ "search": personal("search") })),
        ("resolve", json!({ "code": "solved", "steps": personal("steps") })),
        ("close", json!({ "code": "completed", "comment": personal("comment") })),
    ] {
        let mut body = body;
        body["caseId"] = case.clone().into();
        desk.must(&Command::case(verb, &body)).await;
    }
    case
}

/// The files below a folder that hold the canary.
fn files_with_canary(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_with_canary(&path, found);
        } else if let Ok(bytes) = std::fs::read(&path)
            && bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
        {
            found.push(path.display().to_string());
        }
    }
}

/// What the private schema says of a case, once it says all of it.
async fn texts(desk: &Desk, case: &str) -> Vec<Value> {
    let sql = desk.sql().await;
    let query =
        format!("SELECT field, text FROM docket_private.texts WHERE case_id = '{case}' ORDER BY version, field");
    eventually("the texts are in the read models", async || {
        let rows = sql.rows(&query).await;
        (rows.len() == 10).then_some(rows)
    })
    .await
}

#[tokio::test]
async fn what_is_personal_is_in_no_file_of_nats_and_in_no_log_and_is_read_with_the_key() {
    let mut desk = Desk::start_with_own_key();
    let case = case_full_of_texts(&desk.sender("desk").await).await;
    let rows = texts(&desk, &case).await;
    assert!(rows.iter().all(|row| row["text"].as_str().unwrap().starts_with(CANARY)), "{rows:?}");
    let shown = desk.sender("desk").await.case(&case, None).await;
    assert_eq!(shown["case"]["subject"], personal("subject"));
    assert_eq!(shown["case"]["fields"]["orderNumber"], personal("field"));
    let without = desk.sender("admin").await.case(&case, None).await;
    assert_eq!(
        (&without["case"]["subject"], &without["case"]["fields"]),
        (&Value::Null, &Value::Null),
        "no `case.texts`"
    );
    let shown = desk.cli().run(&["case", "show", &case]).await.succeeded().out;
    assert!(shown.contains(CANARY), "{shown}");

    let folder = desk.folder().path().to_owned();
    let mut found = Vec::new();
    files_with_canary(&folder.join("nats"), &mut found);
    assert_eq!(found, Vec::<String>::new());
    assert!(!desk.logged().contains(CANARY));
    let log = desk.cli().run(&["log", "--json"]).await.succeeded().out;
    assert!(!log.contains(CANARY));

    // After a crash the same key opens the same texts.
    desk.kill();
    desk.start_again();
    desk.cli().run(&["replay", "--compare"]).await.succeeded();
    assert_eq!(texts(&desk, &case).await, rows);
}

#[tokio::test]
async fn the_master_key_is_the_owner_s_and_without_it_nothing_is_decided_and_nothing_looks_erased() {
    let mut desk = Desk::start_with_own_key();
    let case = case_full_of_texts(&desk.sender("desk").await).await;
    let file = desk.folder().path().join("master.keys");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let _ = desk.stop();
    let kept = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    desk.start_again();
    let sender = desk.sender("desk").await;
    let note = Command::case("note", &json!({ "caseId": case, "text": personal("later") }));
    let failed = sender.send(&note).await;
    assert_eq!(failed["failed"]["code"], "keys_unavailable", "{failed}");
    assert!(failed["failed"]["message"].as_str().unwrap().contains("master key"), "{failed}");
    assert_eq!(sender.case(&case, None).await["failed"]["code"], "keys_unavailable");
    // With the right one it goes on where it was.
    let _ = desk.stop();
    std::fs::write(&file, kept).unwrap();
    desk.start_again();
    desk.sender("desk").await.must(&note).await;
}
