//! The log and the cases as people read them by the command line.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{Cli, Command, Desk, PrivateNats, Process, Scratch, fresh};

/// A case that `desk` assigned for Ana, and the positions of its two entries.
async fn a_case(desk: &Desk) -> (String, [u64; 2]) {
    let (webshop, sender) = (desk.sender("webshop").await, desk.sender("desk").await);
    let case = webshop.open_case().await;
    let first = sender.case(&case, None).await["case"]["position"].as_u64().expect("a position");
    let assign =
        Command::case("assign", &json!({ "caseId": case, "agent": "ana" })).header("Docket-On-Behalf-Of", "ana");
    let second = sender.must(&assign).await["position"].as_u64().expect("a position");
    (case, [first, second])
}

async fn log(cli: &Cli, arguments: &[&str]) -> Vec<Value> {
    cli.run(&[&["log", "--json"], arguments].concat()).await.succeeded().lines()
}

fn positions(lines: &[Value]) -> Vec<u64> {
    lines.iter().filter_map(|line| line["position"].as_u64()).collect()
}

#[tokio::test]
async fn the_log_is_filtered_by_kind_verb_principal_and_period() {
    let desk = Desk::shared();
    let (case, [first, second]) = a_case(desk).await;
    let cli = desk.cli();
    let of_case = async |more: &[&str]| positions(&log(&cli, &[&["--case", &case], more].concat()).await);
    assert_eq!(of_case(&[]).await, [first, second]);
    assert_eq!(of_case(&["--verb", "assign"]).await, [second]);
    assert_eq!(of_case(&["--verb", "assign,intake"]).await, [first, second]);
    assert_eq!(of_case(&["--principal", "webshop"]).await, [first]);
    assert_eq!(of_case(&["--kind", "policy"]).await, [] as [u64; 0]);
    let entry = &log(&cli, &["--from", &second.to_string(), "--to", &second.to_string()]).await[0]["entry"];
    let at = entry["at"].as_str().expect("a time");
    assert_eq!(of_case(&["--from", at]).await, [second]);
    assert_eq!(of_case(&["--from", at, "--to", "2000-01-01T00:00:00Z"]).await, [] as [u64; 0]);
    let policies = log(&cli, &["--kind", "policy"]).await;
    assert_eq!(positions(&policies)[0], 1);
    assert!(policies.iter().all(|line| line["entry"]["kind"] == "policy"), "{policies:?}");
    assert_eq!(cli.run(&["log", "--kind", "ticket"]).await.code, Some(2));
    let unknown = cli.run(&["log", "--case", &fresh()]).await;
    assert!(unknown.code == Some(1) && unknown.err.contains("there is no case"), "{unknown:?}");
}

#[tokio::test]
async fn a_line_of_the_log_shows_the_policy_and_when_it_was_recorded_if_that_was_later() {
    let desk = Desk::shared();
    let (case, _) = a_case(desk).await;
    let live = desk.cli().run(&["log", "--case", &case]).await.succeeded().out;
    assert!(live.contains("by desk for ana, policy 1: assigned") && !live.contains("recorded"), "{live}");
    let importer = desk.sender("importer").await;
    let intake = Command::case("intake", &crate::support::intake("question")).at("2026-01-02T03:04:05Z");
    let old = importer.must(&intake).await["caseId"].as_str().expect("a case").to_owned();
    let backdated = desk.cli().run(&["log", "--case", &old]).await.succeeded().out;
    assert!(
        backdated.contains("2026-01-02T03:04:05.000Z") && backdated.contains("policy 1, recorded 20"),
        "{backdated}"
    );
}

#[tokio::test]
async fn the_auditor_checks_chains_by_the_bytes_that_are_stored() {
    let desk = Desk::shared();
    let (case, _) = a_case(desk).await;
    let auditor = Cli::new().with("DOCKET_NATS_URL", desk.principal("auditor"));
    let raw = auditor.run(&["log", "--case", &case, "--raw"]).await.succeeded().out;
    let lines: Vec<&str> = raw.lines().collect();
    let second: Value = serde_json::from_str(lines[1]).expect("JSON");
    assert_eq!(second["prev"], URL_SAFE_NO_PAD.encode(Sha256::digest(lines[0])));
    assert_eq!(lines.len(), 2);
    let of_case = auditor.run(&["log", "--case", &case, "--verify"]).await.succeeded().out;
    assert!(of_case.contains("verified: 2 entries"), "{of_case}");
    let shown = auditor.run(&["case", "show", &case]).await.succeeded().out;
    assert!(shown.contains("assignee        ana"), "{shown}");
}

#[tokio::test]
async fn a_log_is_verified_and_a_broken_chain_is_found() {
    let (nats, service) = PrivateNats::serving().await;
    let case = nats.sender("desk").await.open_case().await;
    let whole = nats.cli().run(&["log", "--verify", "--json"]).await.succeeded().json();
    assert_eq!(whole, json!({ "verified": true, "entries": 2, "flaw": null }));
    // Somebody who may write appends the case's only entry once more.
    let entry = nats.cli().run(&["log", "--case", &case, "--raw"]).await.succeeded().out;
    let context = async_nats::jetstream::new(async_nats::connect(nats.nats.url()).await.expect("NATS"));
    let subject = format!("docket.log.case.{case}");
    context.publish(subject, entry.trim_end().to_owned().into()).await.expect("it goes out").await.expect("on disk");
    let broken = nats.cli().run(&["log", "--verify", "--json"]).await;
    let report = broken.json();
    assert_eq!((broken.code, &report["verified"], &report["flaw"]["position"]), (Some(1), &json!(false), &json!(3)));
    let text = nats.cli().run(&["log", "--verify"]).await;
    assert!(text.code == Some(1) && text.out.contains(&format!("the chain of case.{case} is broken")), "{text:?}");
    let of_case = nats.cli().run(&["log", "--case", &case, "--verify"]).await;
    assert_eq!(of_case.code, Some(1), "{of_case:?}");
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn cases_and_policies_are_listed() {
    let desk = Desk::start();
    let (sender, sql) = (desk.sender("desk").await, desk.sql().await);
    let (one, two) = (sender.open_case().await, sender.open_case().await);
    let assigned = sender.must(&Command::case("assign", &json!({ "caseId": two, "agent": "ana" }))).await;
    sql.await_position(assigned["position"].as_u64().expect("a position")).await;
    let cli = desk.cli();
    let listed = async |more: &[&str]| -> Vec<String> {
        let lines = cli.run(&[&["case", "list", "--json"], more].concat()).await.succeeded().lines();
        lines.iter().map(|line| line["case_id"].as_str().expect("a case").to_owned()).collect()
    };
    assert_eq!(listed(&[]).await, [&*two, &*one]);
    assert_eq!(listed(&["--status", "new"]).await, [&*one]);
    assert_eq!(listed(&["--status", "active", "--limit", "1"]).await, [&*two]);
    assert_eq!(listed(&["--assignee", "ana", "--queue", "frontline"]).await, [&*two]);
    assert_eq!(listed(&["--queue", "o'brien"]).await, [] as [String; 0]);
    let table = cli.run(&["case", "list"]).await.succeeded().out;
    assert!(table.lines().count() == 4 && table.contains("frontline"), "{table}");
    // An analyst's address is enough.
    let analyst = Cli::new().with("DOCKET_POSTGRES_URL", desk.analyst());
    assert!(analyst.run(&["case", "list"]).await.succeeded().out.contains(&one));
    let policies = cli.run(&["policy", "list", "--json"]).await.succeeded().lines();
    assert_eq!((policies.len(), &policies[0]["version"], &policies[0]["position"]), (1, &json!(1), &json!(1)));
    assert!(cli.run(&["policy", "list"]).await.succeeded().out.contains("version"));
}

#[tokio::test]
async fn a_case_is_shown_for_people_and_as_json_for_machines() {
    let desk = Desk::shared();
    let (case, [first, second]) = a_case(desk).await;
    let page = desk.cli().run(&["case", "show", &case]).await.succeeded().out;
    for part in ["queue           frontline", "assignee        ana", "first_response 1", "desk for ana"] {
        assert!(page.contains(part), "`{part}` is not in {page}");
    }
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    let before = desk.cli().run(&["case", "show", &case, "--as-of", &first.to_string()]).await.succeeded().out;
    assert!(!before.contains("ana") && before.contains("opened, classified"), "{before}");
    let json = desk.cli().run(&["case", "show", &case, "--json"]).await.succeeded().json();
    assert_eq!((&json["assignee"], &json["position"]), (&json!("ana"), &json!(second)));
}

#[tokio::test]
async fn what_the_demo_says_to_try_next_works_while_it_stays_up() {
    let folder = Scratch::new();
    let temporary = folder.path().to_string_lossy().into_owned();
    let arguments = ["demo", "--cases", "20"];
    let (demo, said) = Process::until(folder.path(), &arguments, &[("TMPDIR", &temporary)], "/metrics");
    let data = said.lines().find_map(|line| line.trim().strip_prefix("export D=")).expect("where it is");
    for command in ["case list --status active", "log --verb resolve", "policy list", "doctor"] {
        assert!(said.contains(&format!("docket {command} --data $D")), "{command}: {said}");
        let arguments: Vec<&str> = command.split(' ').chain(["--data", data]).collect();
        let printed = Cli::new().run(&arguments).await.succeeded();
        assert!(printed.out.lines().count() > 2, "{printed:?}");
    }
    drop(demo);
}
