//! Exported files against the entries of the log: what was left out, added or changed is found, in whatever format.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Auditor, Cli, Command, Desk, Sql, copy_folder, drive, eventually, fresh, histories};

const GROWING: [&str; 8] = [
    "agent_presence",
    "article_events",
    "case_entries",
    "case_timeline",
    "efforts",
    "policy_versions",
    "survey_answers",
    "survey_requests",
];

async fn desk() -> (Desk, Sql) {
    let desk = Desk::start();
    let position = drive(&desk.sender("importer").await, &histories(40)).await;
    let online = json!({ "agent": "ana", "presence": "online" }).to_string();
    let presence = Command::raw("agent", "presence", online).id(&fresh());
    let online = desk.sender("desk").await.must(&presence).await;
    let sql = desk.sql().await;
    sql.await_position(position.max(online["position"].as_u64().expect("a position"))).await;
    let sealed = async || (sql.value("SELECT count(*) FROM docket.seals").await != json!(0)).then_some(());
    eventually("the log is sealed", sealed).await;
    (desk, sql)
}

async fn export(desk: &Desk, arguments: &[&str]) -> Value {
    desk.cli().run(&[&["export", "--json"][..], arguments].concat()).await.succeeded().json()
}

/// The bundle of all entries, up to the newest checkpoint.
async fn bundle(desk: &Desk, auditor: &Auditor, position: u64, name: &str) {
    auditor.export(desk, &["--positions", &format!("1..{position}")], name).await.succeeded();
}

#[tokio::test]
async fn relations_that_only_grow_are_proven_row_by_row_in_whatever_format_and_export_after_export() {
    let (desk, sql) = desk().await;
    let auditor = Auditor::of(&desk).await;
    for format in ["parquet", "csv", "jsonl"] {
        let out = auditor.path(format);
        let manifest = export(&desk, &["--all", "--format", format, "--out", &out]).await;
        let position = manifest["position"].as_u64().unwrap();
        assert!(manifest["seal"]["position"].as_u64().unwrap() >= position, "{}", manifest["seal"]);
        let sealed =
            format!("SELECT count(*) FROM docket.seals WHERE root = '{}'", manifest["seal"]["root"].as_str().unwrap());
        assert_ne!(sql.value(&sealed).await, json!(0));
        bundle(&desk, &auditor, position, &format!("{format}/entries.bundle")).await;
        let (code, told) = auditor.verify_dataset(format, None).await;
        assert_eq!((code, &told["findings"]), (Some(0), &json!([])), "{format}: {told}");
        let proven = told["dataset"]["proven"].as_array().unwrap();
        for relation in GROWING {
            let rows = sql.value(&format!("SELECT count(*) FROM docket.{relation} WHERE position <= {position}")).await;
            let of = proven.iter().find(|proven| proven["relation"] == relation).unwrap();
            assert_eq!((&of["rows"], &of["to"]), (&rows, &json!(position)), "{format}: {relation}");
            assert_ne!(rows, json!(0), "{relation}");
        }
        // What comes later is in a file of its own.
        let case = desk.sender("desk").await.open_case().await;
        let note = json!({ "caseId": case, "text": "Called." });
        let last = desk.sender("desk").await.must(&Command::case("note", &note)).await["position"].as_u64().unwrap();
        sql.await_position(last).await;
        let later =
            export(&desk, &["--all", "--format", format, "--out", &out, "--since", &position.to_string()]).await;
        let (code, told) = auditor.verify_dataset(format, None).await;
        assert_eq!(code, Some(12), "the bundle of before does not go so far: {told}");
        bundle(&desk, &auditor, later["position"].as_u64().unwrap(), "later").await;
        let (code, told) = auditor.verify_dataset(format, Some("later")).await;
        assert_eq!((code, &told["findings"]), (Some(0), &json!([])), "{format}: {told}");
    }
}

/// Writes the lines of a file anew, and what the manifest says of it: whoever does that by hand does both.
fn doctor(folder: &Path, relation: &str, change: impl Fn(&mut Vec<String>)) {
    let path = folder.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let files = manifest["files"].as_array_mut().unwrap();
    let file = files.iter_mut().find(|file| file["relation"] == relation).unwrap();
    let of = folder.join(file["path"].as_str().unwrap());
    let mut lines: Vec<String> = std::fs::read_to_string(&of).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    (file["bytes"], file["rows"]) = (json!(text.len()), json!(lines.len()));
    file["sha256"] = json!(Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    std::fs::write(of, text).unwrap();
    std::fs::write(path, manifest.to_string()).unwrap();
}

/// An auditor with the folder `whole`, a bundle of all its entries, and its manifest.
async fn whole() -> (Auditor, Value) {
    let (desk, _sql) = desk().await;
    let auditor = Auditor::of(&desk).await;
    let manifest = export(&desk, &["--all", "--format", "jsonl", "--out", &auditor.path("whole")]).await;
    bundle(&desk, &auditor, manifest["position"].as_u64().unwrap(), "bundle").await;
    (auditor, manifest)
}

#[tokio::test]
async fn what_somebody_did_to_the_files_is_found_and_said_by_its_position() {
    let (auditor, _) = whole().await;
    // Adds, drops and changes, each with the manifest made to fit.
    type Change = fn(&mut Vec<String>);
    let changes: [(&str, &str, Change, i32, &str); 9] = [
        (
            "twice",
            "policy_versions",
            |lines| lines[0] = lines[0].replacen('{', "{\"by\":\"me\",", 1),
            10,
            "no object of JSON",
        ),
        (
            "more",
            "policy_versions",
            |lines| lines[0] = lines[0].replacen('{', "{\"BY\":\"me\",", 1),
            10,
            "other columns",
        ),
        ("dropped", "case_entries", |lines| drop(lines.remove(3)), 12, "case_entries lacks a row of this entry"),
        ("last", "efforts", |lines| drop(lines.pop()), 12, "efforts lacks a row of this entry"),
        (
            "doubled",
            "case_timeline",
            |lines| lines.insert(5, lines[5].clone()),
            10,
            "case_timeline has a row more than the log",
        ),
        (
            "changed",
            "survey_answers",
            |lines| lines[0] = lines[0].replace("\"score\":", "\"score\":1"),
            10,
            "survey_answers has another score than the log",
        ),
        (
            "other",
            "policy_versions",
            |lines| lines[0] = lines[0].replace("\"at\":\"20", "\"at\":\"19"),
            10,
            "has another at",
        ),
        ("swapped", "case_entries", |lines| lines.swap(0, 9), 12, "is not in the order of the log"),
        ("torn", "case_entries", |lines| lines[0].truncate(20), 10, "cannot be read"),
    ];
    for (name, relation, change, code, words) in changes {
        copy_folder(&auditor.file("whole"), &auditor.file(name));
        doctor(&auditor.file(name), relation, change);
        let (found, told) = auditor.verify_dataset(name, Some("bundle")).await;
        assert_eq!(found, Some(code), "{name}: {told}");
        assert!(told["findings"].to_string().contains(words), "{name}: {told}");
    }
}

#[tokio::test]
async fn a_manifest_that_says_other_files_than_an_export_writes_proves_nothing() {
    let (auditor, manifest) = whole().await;
    let position = manifest["position"].as_u64().unwrap();
    type Change = fn(&mut Value, u64);
    fn of<'m>(manifest: &'m mut Value, relation: &str) -> &'m mut Value {
        let files = manifest["files"].as_array_mut().unwrap();
        files.iter_mut().find(|file| file["relation"] == relation).unwrap()
    }
    let changes: [(&str, Change, i32, &str); 7] = [
        ("empty", |manifest, _| manifest["files"] = json!([]), 12, "nothing of it can be proven"),
        (
            "renamed",
            |manifest, _| of(manifest, "efforts")["relation"] = json!("Efforts"),
            10,
            "is not named as an export",
        ),
        ("deleting", |manifest, _| of(manifest, "efforts")["content"] = json!("changed"), 10, "or of this content"),
        ("fewer", |manifest, _| of(manifest, "efforts")["rows"] = json!(1), 10, "in the manifest"),
        ("columns", |manifest, _| of(manifest, "efforts")["schema"] = json!([]), 10, "the columns of efforts"),
        (
            "further",
            |manifest, position| manifest["position"] = json!(position - 1),
            10,
            "cannot be of these positions",
        ),
        (
            "behind",
            |manifest, position| manifest["position"] = json!(position + 1),
            12,
            "does not disclose all entries",
        ),
    ];
    for (name, change, code, words) in changes {
        copy_folder(&auditor.file("whole"), &auditor.file(name));
        let mut changed = manifest.clone();
        change(&mut changed, position);
        std::fs::write(auditor.file(name).join("manifest.json"), changed.to_string()).unwrap();
        let (found, told) = auditor.verify_dataset(name, Some("bundle")).await;
        assert_eq!(found, Some(code), "{name}: {told}");
        assert!(told["findings"].to_string().contains(words), "{name}: {told}");
    }
    // What is not there is said.
    let mut some = manifest;
    some["files"].as_array_mut().unwrap().retain(|file| file["relation"] != "efforts");
    copy_folder(&auditor.file("whole"), &auditor.file("some"));
    std::fs::write(auditor.file("some").join("manifest.json"), some.to_string()).unwrap();
    let (code, told) = auditor.verify_dataset("some", Some("bundle")).await;
    assert_eq!((code, &told["dataset"]["absent"], &told["kept"]), (Some(0), &json!(["efforts"]), &json!([])), "{told}");
}

#[tokio::test]
async fn files_that_are_not_those_of_the_manifest_are_found_before_their_rows_are_read() {
    type Damage<'a> = &'a dyn Fn(&Path);
    let (auditor, manifest) = whole().await;
    let files = manifest["files"].as_array().unwrap();
    let cases = files.iter().find(|file| file["relation"] == "cases").unwrap()["path"].as_str().unwrap().to_owned();
    let damages: [(&str, Damage<'_>, i32, &str); 4] = [
        ("bytes", &|folder| std::fs::write(folder.join(&cases), "{}").unwrap(), 10, "is no file of"),
        ("gone", &|folder| std::fs::remove_file(folder.join(&cases)).unwrap(), 12, "is not there"),
        (
            "linked",
            &|folder| {
                std::fs::rename(folder.join(&cases), folder.join("elsewhere")).unwrap();
                std::os::unix::fs::symlink(folder.join("elsewhere"), folder.join(&cases)).unwrap();
            },
            10,
            "is no file of",
        ),
        (
            "outside",
            &|folder| {
                let path = folder.join("manifest.json");
                let text = std::fs::read_to_string(&path).unwrap().replace(&cases, &format!("../whole/{cases}"));
                std::fs::write(path, text).unwrap();
            },
            10,
            "is not named as an export names",
        ),
    ];
    for (name, damage, code, words) in damages {
        copy_folder(&auditor.file("whole"), &auditor.file(name));
        damage(&auditor.file(name));
        let (found, told) = auditor.verify_dataset(name, Some("bundle")).await;
        assert_eq!(found, Some(code), "{name}: {told}");
        assert!(told["findings"].to_string().contains(words), "{name}: {told}");
    }
    let usage = |dataset: &str| {
        let (policy, dataset) = (auditor.path("policy"), auditor.path(dataset));
        ["evidence", "verify", "--policy", &policy, "--dataset", &dataset].map(str::to_owned)
    };
    for (dataset, words) in [("nowhere", "holds no manifest.json"), ("whole", "docket evidence export --positions 1..")]
    {
        let printed = Cli::new().run(&usage(dataset).each_ref().map(String::as_str)).await;
        assert!(printed.code == Some(2) && printed.err.contains(words), "{printed:?}");
    }
}
