//! What `docs/OPERATIONS.md` tells people to do when something is wrong can be done.

use serde_json::{Value, json};

use crate::support::{Cli, Desk, NO_POSTGRES, PrivateNats, Process, SAMPLE_POLICY, Scratch, Sender, eventually};

/// Every command of the runbooks, and which test runs it; `None` is one that the page says no test runs.
const COMMANDS: [(&str, Option<&str>); 12] = [
    ("docket backup DIR", Some("backup")),
    ("docket doctor", Some(HERE)),
    ("docket log --from 41 --to 41 --json", Some(HERE)),
    ("docket policy publish desk.toml", Some(HERE)),
    ("docket policy show > desk.toml", Some(HERE)),
    ("docket rebuild", Some("engines_away")),
    ("docket restore DIR --data NEW", Some("backup")),
    ("docket up --data NEW", Some("backup")),
    ("SELECT * FROM pg_locks WHERE NOT granted", Some(HERE)),
    ("nats micro ls", None),
    ("nats stream edit DOCKET_LOG …", None),
    ("nats stream rm DOCKET_TIMERS", None),
];
const HERE: &str = "this file";

/// The part of the page that is to be followed under stress.
fn page() -> String {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/OPERATIONS.md")).expect("a page");
    let begin = page.find("\n## Runbooks\n").expect("the runbooks");
    let end = page.find("\n## What survives what\n").expect("what follows the backup");
    page[begin..end].to_owned()
}

/// What stands between backticks and is something to type.
fn commands(page: &str) -> Vec<String> {
    // Without the blocks, whose commands are those of the text with other names.
    let text: String = page.split("```").step_by(2).collect();
    let spans = text.split('`').skip(1).step_by(2).map(|span| span.split_whitespace().collect::<Vec<_>>().join(" "));
    let is_command = |span: &String| {
        let mut words = span.split(' ');
        let first = words.next().unwrap_or_default();
        ["docket", "nats", "SELECT", "DROP"].contains(&first) && words.next().is_some()
    };
    // In a sentence, these only name a command.
    let is_name = |span: &String| {
        let is_whole = ["docket doctor", "docket rebuild"].contains(&span.as_str());
        span == "docket case show" || (span.split(' ').count() == 2 && !is_whole)
    };
    spans.filter(is_command).filter(|span| !is_name(span)).collect()
}

#[test]
fn every_command_of_the_runbooks_is_run_by_a_test_or_said_not_to_be() {
    let page = page();
    let found = commands(&page);
    for command in &found {
        assert!(COMMANDS.iter().any(|(known, _)| known == command), "no test is named for `{command}`");
    }
    for (command, test) in COMMANDS {
        assert!(found.iter().any(|span| span == command), "`{command}` is in the runbooks no more");
        let paragraphs = page.split("\n- ").flat_map(|part| part.split("\n\n"));
        let paragraphs = paragraphs.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        for paragraph in paragraphs.filter(|paragraph| paragraph.contains(&format!("`{command}`"))) {
            assert!(test.is_some() || paragraph.contains("not run by a test"), "`{command}`: {paragraph}");
        }
    }
}

#[tokio::test]
async fn what_the_runbooks_say_of_a_desk_that_runs_is_done() {
    let (desk, scratch) = (Desk::start(), Scratch::new());
    desk.sender("webshop").await.open_case().await;
    let entry = desk.cli().run(&["log", "--from", "2", "--to", "2", "--json"]).await.succeeded();
    assert_eq!(entry.lines().len(), 1, "{entry:?}");
    let policy = desk.cli().run(&["policy", "show"]).await.succeeded();
    let file = scratch.path().join("desk.toml");
    std::fs::write(&file, policy.out).unwrap();
    desk.cli().run(&["policy", "publish", &file.to_string_lossy()]).await.succeeded();
    let owner = desk.sql().await;
    owner.await_position(3).await;
    owner.rows("SELECT * FROM pg_locks WHERE NOT granted").await;
    desk.cli().run(&["doctor"]).await.succeeded();
}

#[tokio::test]
async fn the_timers_of_a_stopped_desk_may_be_removed() {
    let mut desk = Desk::start();
    let case = desk.sender("webshop").await.open_case().await;
    assert!(desk.stop().success());
    let timers = desk.folder().path().join("nats/jetstream/DOCKET/streams/DOCKET_TIMERS");
    std::fs::remove_dir_all(timers).expect("the stream's folder");
    desk.start_again();
    eventually("it is scheduled anew", async || {
        let operator = Sender::connect(desk.nats(), "docket-operator").await;
        let info = operator.client.request("$JS.API.STREAM.INFO.DOCKET_TIMERS", "".into()).await.ok()?;
        let info: Value = serde_json::from_slice(&info.payload).ok()?;
        (info["state"]["messages"].as_u64() > Some(0)).then_some(())
    })
    .await;
    assert_eq!(desk.sender("desk").await.case(&case, None).await["case"]["status"], "new");
}

#[tokio::test]
async fn a_user_for_maintenance_changes_and_removes_streams_while_its_line_is_there() {
    let (folder, cli) = (Scratch::new(), Cli::new());
    let users = folder.path().join("users.json").to_string_lossy().into_owned();
    let config = cli.run(&["nats-config", "--users", &users]).await.succeeded().out;
    // The first account is that of the streams, as the page says.
    assert!(config.split_once("users: [").is_some_and(|(before, _)| before.contains("\"DOCKET\" {")), "{config}");
    let with = config.replacen("users: [ {", "users: [ { user: maintenance, password: \"s3cret\" }, {", 1);
    let mut nats = PrivateNats::configured(&with).await;
    let server = nats.nats.url();
    let serve = ["serve", "--nats", &server, "--users", &users, "--postgres", NO_POSTGRES, "--roles", "command"];
    let service = Process::start(folder.path(), &serve);
    let url = server.replace("nats://", "nats://maintenance:s3cret@");
    let maintenance = Sender::connect(&url, "maintenance").await;
    let ask = async |api: &str, body: Value| {
        let answer = maintenance.client.request(format!("$JS.API.{api}"), body.to_string().into()).await;
        serde_json::from_slice::<Value>(&answer.expect("an answer").payload).expect("JSON")
    };
    let mut log = ask("STREAM.INFO.DOCKET_LOG", json!({})).await["config"].clone();
    log["max_bytes"] = json!(1_000_000_000);
    let edited = ask("STREAM.UPDATE.DOCKET_LOG", log).await;
    assert_eq!(edited["config"]["max_bytes"], 1_000_000_000, "what `nats stream edit` asks for: {edited}");
    let removed = ask("STREAM.DELETE.DOCKET_TIMERS", json!({})).await;
    assert_eq!(removed["success"], true, "what `nats stream rm` asks for: {removed}");
    drop(service);
    let again = Process::start(folder.path(), &serve);
    assert_eq!(ask("STREAM.INFO.DOCKET_TIMERS", json!({})).await["config"]["name"], "DOCKET_TIMERS", "made anew");
    Cli::new()
        .with("DOCKET_NATS_URL", &urls(&users, &server).await["admin"])
        .run(&["policy", "publish", SAMPLE_POLICY])
        .await
        .succeeded();
    // Without the line the user is nobody.
    nats.nats.reconfigure(&config).await.expect("the server runs");
    eventually("the user is gone", async || Sender::try_connect(&url, "maintenance").await.is_err().then_some(()))
        .await;
    drop(again);
    nats.stop().await;
}

async fn urls(users: &str, server: &str) -> std::collections::BTreeMap<String, String> {
    let urls = Cli::new().run(&["nats-config", "--users", users, "--url", server]).await.succeeded();
    serde_json::from_value(urls.json()).expect("addresses")
}
