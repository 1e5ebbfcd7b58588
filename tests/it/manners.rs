//! What the command line says when something is wrong: what it is, where it is, and how to mend it, in one line.

use std::net::TcpListener;

use crate::support::{Cli, Desk, Printed, Scratch, eventually};

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
