//! What auditors ask first, asked with the auditor's own address.

use serde_json::{Value, json};

use crate::support::{Cli, Command, Desk, SAMPLE_POLICY, intake};

fn has(rows: &[Value], wanted: &[(&str, Value)]) -> bool {
    rows.iter().any(|row| wanted.iter().all(|(name, value)| row[name] == *value))
}

#[tokio::test]
async fn an_auditor_sees_who_changed_the_rules_who_could_do_what_and_what_was_dated_back() {
    let desk = Desk::start();
    let auditor = Cli::new().with("DOCKET_NATS_URL", desk.principal("auditor"));
    let audit = async |arguments: &[&str]| auditor.run(&[&["audit"][..], arguments].concat()).await.succeeded();
    let before = audit(&["access", "--json"]).await.lines();
    let rights = |rows: &[Value], name: &str| rows.iter().find(|row| row["principal"] == name).cloned();
    assert_eq!(rights(&before, "desk").unwrap()["commands"], json!(["agent.*", "case.*"]));
    assert_eq!(rights(&before, "importer").unwrap()["backdate"], json!(true));
    let moment = desk.sql().await.value("SELECT to_json(now() AT TIME ZONE 'UTC')#>>'{}' || 'Z'").await;
    let moment = moment.as_str().expect("a time").to_owned();
    // The desk may do less from now on.
    let sample = std::fs::read_to_string(SAMPLE_POLICY).unwrap();
    let less = sample.replace("commands = [\"case.*\", \"agent.*\"]", "commands = [\"case.*\"]");
    let file = desk.folder().path().join("less.toml");
    std::fs::write(&file, less).unwrap();
    desk.cli().run(&["policy", "publish", &file.to_string_lossy()]).await.succeeded();
    let after = audit(&["access", "--json"]).await.lines();
    assert_eq!(rights(&after, "desk").unwrap()["commands"], json!(["case.*"]));
    let then = audit(&["access", "--as-of", &moment, "--json"]).await.lines();
    assert_eq!(rights(&then, "desk").unwrap()["commands"], json!(["agent.*", "case.*"]));
    let changes = audit(&["config-changes", "--json"]).await.lines();
    assert_eq!(changes.len(), 2);
    assert!(changes[1]["changes"].to_string().contains("roles.desk.commands"), "{changes:?}");
    let since = audit(&["config-changes", "--from", &moment]).await.out;
    assert!(
        since.starts_with("version 2") && since.contains("roles.desk.commands") && !since.contains("version 1 "),
        "{since}"
    );

    let importer = desk.sender("importer").await;
    let late = Command::case("intake", &intake("question")).at("2026-01-05T08:00:00Z");
    let position = importer.must(&late).await["position"].clone();
    let backdated = audit(&["backdated", "--json"]).await.lines();
    assert_eq!((backdated.len(), &backdated[0]["position"], &backdated[0]["by"]), (1, &position, &json!("importer")));
    assert!(audit(&["backdated"]).await.out.contains("is of 2026-01-05T08:00:00.000Z"));

    let body = intake("question").to_string();
    desk.cli().run(&["send", "case", "intake", &body, "--as", "desk"]).await.succeeded();
    let admin = audit(&["admin", "--json"]).await.lines();
    assert!(has(&admin, &[("verb", json!("publish")), ("kind", json!("policy"))]), "{admin:?}");
    assert!(audit(&["admin", "--to", "2026-01-01T00:00:00Z"]).await.out.ends_with("0 entries\n"));
}
