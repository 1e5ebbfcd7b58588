//! The read models as files, read back by another system: DuckDB, from its package.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Command, Desk, Scratch, Sql, drive, histories, packages, python};

const READ_BACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/export/read_back.py");
const DUCKDB: &str = "2.0.1";
/// Relations that say the same at any time, as long as nothing happens.
const OF_NO_TIME: [&str; 12] = [
    "article_events",
    "case_entries",
    "case_history",
    "case_timeline",
    "cases",
    "contacts",
    "efforts",
    "obligations",
    "policy_versions",
    "resolutions_daily",
    "survey_answers",
    "survey_requests",
];

/// The relations of a folder, read back: name and rows.
async fn read_back(what: &str, folder: &Path) -> Vec<(String, Vec<Value>)> {
    let packages = packages("duckdb", DUCKDB).await;
    let printed = python(&[READ_BACK, what, folder.to_str().expect("a name")], Some(&packages)).await;
    let relation = |line: &str| {
        let mut read: Value = serde_json::from_str(line).expect("JSON");
        let Value::Array(rows) = read["rows"].take() else { panic!("no rows: {line}") };
        (read["relation"].as_str().expect("a name").to_owned(), rows)
    };
    printed.lines().map(relation).collect()
}

/// A value in one form, wherever it comes from: moments by their microseconds, numbers by their value, and what is a
/// document within a text as the document.
fn plain(value: Value) -> Value {
    match value {
        Value::String(text) => match chrono::DateTime::parse_from_rfc3339(&text) {
            Ok(moment) => json!({ "moment": moment.timestamp_micros() }),
            Err(_) if text.starts_with(['{', '[']) => serde_json::from_str(&text).map_or(Value::String(text), plain),
            Err(_) => Value::String(text),
        },
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(values) => values.into_iter().map(plain).collect(),
        Value::Object(values) => values.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        Value::Null | Value::Bool(_) => value,
    }
}

fn sorted(rows: Vec<Value>) -> Vec<String> {
    let mut rows: Vec<String> = rows.into_iter().map(|row| plain(row).to_string()).collect();
    rows.sort_unstable();
    rows
}

async fn assert_is_in_sql(sql: &Sql, relation: &str, read: Vec<Value>) -> usize {
    let count = read.len();
    let stored = sql.rows(&format!("SELECT * FROM docket.{relation}")).await;
    let (stored, read) = (sorted(stored), sorted(read));
    for (stored, read) in stored.iter().zip(&read) {
        assert_eq!(stored, read, "{relation}");
    }
    assert_eq!(stored.len(), read.len(), "{relation}");
    count
}

async fn desk() -> (Desk, Sql) {
    let desk = Desk::start();
    let position = drive(&desk.sender("importer").await, &histories(60)).await;
    let sql = desk.sql().await;
    sql.await_position(position).await;
    (desk, sql)
}

async fn export(desk: &Desk, arguments: &[&str]) -> Value {
    let mut all = vec!["export", "--json"];
    all.extend(arguments);
    desk.cli().run(&all).await.succeeded().json()
}

#[tokio::test]
async fn every_relation_is_read_back_as_it_is_in_sql_whatever_the_format() {
    let (desk, sql) = desk().await;
    let folder = Scratch::new();
    for format in ["parquet", "csv", "jsonl"] {
        let out = folder.path().join(format);
        let manifest = export(&desk, &["--all", "--format", format, "--out", out.to_str().unwrap()]).await;
        let read = read_back("files", &out).await;
        assert_eq!(read.len(), manifest["files"].as_array().unwrap().len(), "{format}");
        let of_sql = sql
            .rows("SELECT relname AS it FROM pg_class WHERE relnamespace = 'docket'::regnamespace AND relkind = 'v'");
        assert_eq!(read.len(), of_sql.await.len(), "{format}");
        let mut with_rows = 0;
        for (relation, rows) in read {
            if OF_NO_TIME.contains(&&*relation) {
                with_rows += usize::from(assert_is_in_sql(&sql, &relation, rows).await > 0);
            }
        }
        assert_eq!(with_rows, OF_NO_TIME.len(), "{format}: each has rows");
        assert!(
            !out.join("cases")
                .read_dir()
                .unwrap()
                .any(|file| { file.unwrap().path().extension().is_some_and(|extension| extension == "part") })
        );
    }
}

#[tokio::test]
async fn exports_one_after_the_other_make_a_warehouse_that_is_as_sql_is() {
    let (desk, sql) = desk().await;
    let (folder, desk_sender) = (Scratch::new(), desk.sender("desk").await);
    let out = folder.path().to_str().unwrap();
    let mut position = export(&desk, &["--all", "--out", out]).await["position"].clone();
    let cases = sql.rows("SELECT case_id FROM docket.cases WHERE is_active ORDER BY case_no").await;
    let case = |number: usize| cases[number]["case_id"].clone();
    let rounds = [
        vec![
            ("assign", json!({ "caseId": case(0), "agent": "ana" })),
            ("logEffort", json!({ "caseId": case(0), "seconds": 90 })),
        ],
        // Its row of the queue goes, and its clocks are left out.
        vec![("merge", json!({ "caseId": case(1), "into": case(2) }))],
        vec![],
    ];
    for commands in rounds {
        let mut last = position.as_u64().unwrap();
        for (verb, body) in commands {
            last = desk_sender.must(&Command::case(verb, &body)).await["position"].as_u64().unwrap();
        }
        let new = desk_sender.open_case().await;
        desk_sender.must(&Command::case("note", &json!({ "caseId": new, "text": "Called." }))).await;
        let of_new = desk_sender.must(&Command::case("note", &json!({ "caseId": new, "text": "Twice." }))).await;
        sql.await_position(of_new["position"].as_u64().unwrap().max(last)).await;
        let since = position.to_string();
        let manifest = export(&desk, &["--all", "--out", out, "--since", &since]).await;
        assert!(manifest["position"].as_u64() > position.as_u64());
        position = manifest["position"].clone();
        let added: Vec<&Value> = manifest["files"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|file| file["from"] == json!(since.parse::<u64>().unwrap()))
            .collect();
        let rows = |relation: &str, content: &str| {
            added
                .iter()
                .find(|file| file["relation"] == relation && file["content"] == content)
                .map(|file| file["rows"].as_u64())
        };
        let entries = sql.value(&format!("SELECT count(*) FROM docket.case_entries WHERE position > {since}")).await;
        assert_eq!(rows("case_entries", "added"), Some(entries.as_u64()));
        let touched = sql.value(&format!("SELECT count(*) FROM docket.cases WHERE position > {since}")).await;
        assert_eq!(rows("case_history", "tombstones"), Some(touched.as_u64()));
    }
    // Nothing has happened since: nothing is written.
    let bytes = std::fs::read(folder.path().join("manifest.json")).unwrap();
    export(&desk, &["--all", "--out", out, "--since", &position.to_string()]).await;
    assert_eq!(std::fs::read(folder.path().join("manifest.json")).unwrap(), bytes);
    for (relation, rows) in read_back("warehouse", folder.path()).await {
        if OF_NO_TIME.contains(&&*relation) {
            assert_is_in_sql(&sql, &relation, rows).await;
        }
    }
}

#[tokio::test]
async fn relations_that_are_exported_now_and_then_miss_nothing() {
    let (desk, sql) = desk().await;
    let (folder, sender) = (Scratch::new(), desk.sender("desk").await);
    let out = folder.path().to_str().unwrap();
    let mut position = export(&desk, &["cases", "clocks", "--out", out]).await["position"].clone();
    // What an export that failed has left, and what is somebody's own.
    let left = folder.path().join("cases/7-9.parquet");
    std::fs::write(&left, "half").unwrap();
    let own = [folder.path().join("sales/2024-2025.csv"), folder.path().join("cases/notes.csv")];
    std::fs::create_dir(folder.path().join("sales")).unwrap();
    own.iter().for_each(|path| std::fs::write(path, "mine").unwrap());
    let case = sql.value("SELECT case_id FROM docket.cases WHERE is_active ORDER BY case_no LIMIT 1").await;
    for (other, content) in [("queues", "all"), ("clocks", "all"), ("contacts", "all"), ("contacts", "changed")] {
        let last = sender.must(&Command::case("note", &json!({ "caseId": case, "text": "Called." }))).await;
        sql.await_position(last["position"].as_u64().unwrap()).await;
        let since = position.to_string();
        let manifest = export(&desk, &["cases", other, "--out", out, "--since", &since]).await;
        let last_of = |relation: &str| {
            let files = manifest["files"].as_array().unwrap();
            files.iter().rfind(|file| file["relation"] == relation && file["content"] != "tombstones").unwrap().clone()
        };
        assert_eq!((&last_of("cases")["content"], &last_of("cases")["from"]), (&json!("changed"), &position));
        assert_eq!(last_of(other)["content"], content, "{other}, which was left out before or was not");
        position = manifest["position"].clone();
    }
    assert!(!left.exists(), "it is cleared away");
    own.iter().for_each(|path| assert!(path.exists(), "{} is not Docket's", path.display()));
    for (relation, rows) in read_back("warehouse", folder.path()).await {
        if ["cases", "contacts"].contains(&&*relation) {
            assert_is_in_sql(&sql, &relation, rows).await;
        }
    }
}

#[tokio::test]
async fn what_has_changed_is_exported_into_a_folder_of_its_own_too_and_rows_of_another_version_stand_beside_none() {
    let (desk, sql) = desk().await;
    let (whole, later, sender) = (Scratch::new(), Scratch::new(), desk.sender("desk").await);
    let out = whole.path().to_str().unwrap();
    let before = export(&desk, &["cases", "case_entries", "--out", out]).await;
    let since = before["position"].to_string();
    let case = sql.value("SELECT case_id FROM docket.cases WHERE is_active ORDER BY case_no LIMIT 1").await;
    let last = sender.must(&Command::case("note", &json!({ "caseId": case, "text": "Called." }))).await;
    sql.await_position(last["position"].as_u64().unwrap()).await;
    let alone = later.path().to_str().unwrap();
    let changed = export(&desk, &["cases", "case_entries", "--out", alone, "--since", &since]).await;
    let told = |manifest: &Value| -> Vec<String> {
        let files = manifest["files"].as_array().unwrap().iter();
        let new = files.filter(|file| file["to"] == manifest["position"]);
        new.map(|file| format!("{} {} {}", file["relation"], file["content"], file["rows"]).replace('"', "")).collect()
    };
    assert_eq!(told(&changed), ["case_entries added 1", "cases tombstones 1", "cases changed 1"]);
    // As if another version had made what is there.
    let mut older = before;
    older["madeBy"] = json!("another version");
    std::fs::write(whole.path().join("manifest.json"), older.to_string()).unwrap();
    let anew = export(&desk, &["cases", "case_entries", "--out", out, "--since", &since]).await;
    assert!(told(&anew).iter().all(|file| file.contains(" all ")), "{:?}", told(&anew));
    for (relation, rows) in read_back("warehouse", whole.path()).await {
        assert_is_in_sql(&sql, &relation, rows).await;
    }
}

#[tokio::test]
async fn what_cannot_be_exported_is_said() {
    let desk = Desk::shared();
    let folder = Scratch::new();
    let out = folder.path().to_str().unwrap();
    let says = async |arguments: &[&str], expected: &[&str]| {
        let mut all = vec!["export"];
        all.extend(arguments);
        let printed = desk.cli().run(&all).await;
        assert_ne!(printed.code, Some(0), "{printed:?}");
        for words in expected {
            assert!(printed.err.contains(words), "{words}: {printed:?}");
        }
    };
    says(&["case", "--out", out], &["no relation `case`", "did you mean `cases`", "case_timeline"]).await;
    says(&["docket_private.texts", "--out", out], &["no relation"]).await;
    says(&["cases; DROP TABLE x", "--out", out], &["no relation"]).await;
    says(&["--out", out], &["--all"]).await;
    assert_eq!(desk.cli().run(&["export", "--out", out]).await.code, Some(2), "wrong usage");
    says(&["cases", "--out", out, "--since", "99999999"], &["are at position", "empty folder"]).await;
    assert_eq!(folder.path().read_dir().unwrap().count(), 0, "nothing is left behind");
    let others = Scratch::new();
    std::fs::write(others.path().join("2024-2025.csv"), "mine").unwrap();
    says(&["cases", "--out", others.path().to_str().unwrap()], &["is not empty, and holds no export"]).await;
    let manifest = export(desk, &["cases", "--out", out]).await;
    let position = manifest["position"].to_string();
    let busy = std::fs::File::open(folder.path().join(".docket-export")).unwrap();
    busy.lock().unwrap();
    says(&["cases", "--out", out, "--since", &position], &["another export writes into"]).await;
    drop(busy);
    let restored = std::fs::read_to_string(folder.path().join("manifest.json")).unwrap();
    let mut restored: Value = serde_json::from_str(&restored).unwrap();
    restored["lastEntry"] = json!("other");
    let write = |manifest: &Value| std::fs::write(folder.path().join("manifest.json"), manifest.to_string()).unwrap();
    write(&restored);
    says(&["cases", "--out", out, "--since", &position], &["is another one by now", "restored from a backup"]).await;
    restored["lastEntry"] = manifest["lastEntry"].clone();
    restored["isOfALead"] = json!(true);
    write(&restored);
    says(&["cases", "--out", out, "--since", &position], &["the cases of some queues only"]).await;
    write(&manifest);
    says(&["cases", "--out", out], &["holds an export up to position", &format!("--since {position}")]).await;
    says(&["cases", "--out", out, "--since", "0"], &["holds an export up to position"]).await;
    let of_another = serde_json::to_string(
        &json!({ "v": 1, "log": "x", "position": 1, "asOf": "2026-01-01T00:00:00Z", "files": [] }),
    );
    std::fs::write(folder.path().join("manifest.json"), of_another.unwrap()).unwrap();
    says(&["cases", "--out", out, "--since", "1"], &["an export of another log"]).await;
    std::fs::write(folder.path().join("manifest.json"), r#"{"v":2}"#).unwrap();
    says(&["cases", "--out", out], &["could not understand"]).await;
    std::fs::write(folder.path().join("manifest.json"), "{").unwrap();
    says(&["cases", "--out", out], &["could not understand", "manifest.json", "empty folder"]).await;
    says(&["cases", "--out", "/proc/nowhere"], &["could not create /proc/nowhere"]).await;
}
