//! `docket up`: one folder, one desk, and nothing left behind.

use std::os::unix::fs::PermissionsExt as _;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::support::{Cli, Command, Desk, PATIENCE, Scratch, Sql, eventually, intake};

fn endpoints(desk: &Desk) -> Option<Value> {
    let text = std::fs::read(desk.folder().path().join("endpoints.json")).ok()?;
    Some(serde_json::from_slice(&text).expect("JSON"))
}

/// The engines' processes, as they name themselves on their command lines: each has the folder in it.
fn engines_running(desk: &Desk) -> usize {
    let folder = desk.folder().path().to_string_lossy().into_owned();
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let commands = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    let is_engine = |command: &Vec<u8>| {
        let command = String::from_utf8_lossy(command).replace('\0', " ");
        command.contains(&folder)
            && ["nats-server", "postgres"]
                .iter()
                .any(|name| command.split(' ').next().is_some_and(|p| p.ends_with(name)))
    };
    commands.filter(is_engine).count()
}

#[tokio::test]
async fn a_desk_is_found_by_its_folder_lives_there_alone_and_leaves_nothing_running() {
    let mut desk = Desk::start();
    let data = desk.folder().path().to_str().unwrap().to_owned();
    let told = endpoints(&desk).expect("written before it says that it is ready");
    assert_eq!(
        (told["nats"].as_str(), told["postgres"].as_str(), told["http"].as_str()),
        (Some(desk.nats()), Some(desk.postgres()), Some(desk.http()))
    );
    let all = ["nats", "postgres", "analyst"].map(|key| told[key].as_str().expect("an address"));
    assert!(all[1..].iter().all(|url| url.starts_with("postgresql://")), "{all:?}");
    let mode = std::fs::metadata(desk.folder().path().join("endpoints.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it holds a password");
    assert_eq!(Cli::new().run(&["doctor", "--data", &data]).await.code, Some(0));

    let second = Cli::new().run(&["up", "--data", &data]).await;
    assert_eq!(second.code, Some(1), "{second:?}");
    assert!(second.err.contains("already") && second.err.contains(&data), "{second:?}");
    assert_eq!(Cli::new().run(&["doctor", "--data", &data]).await.code, Some(0), "the first one is not disturbed");

    assert!(engines_running(&desk) >= 2);
    assert!(desk.stop().success());
    assert_eq!((endpoints(&desk), engines_running(&desk)), (None, 0));

    desk.start_again();
    let case = desk.sender("desk").await.open_case().await;
    desk.kill();
    eventually("the engines of a killed desk end", async || (engines_running(&desk) == 0).then_some(())).await;
    desk.start_again();
    assert_eq!(desk.sender("desk").await.case(&case, None).await["case"]["status"], "new");
    assert_eq!(
        Cli::new().run(&["policy", "show", "2", "--data", &data]).await.code,
        Some(1),
        "the sample policy is published once"
    );
}

#[tokio::test]
async fn what_it_says_when_it_is_ready_names_the_addresses_and_no_password() {
    let folder = Scratch::new();
    let data = folder.path().to_string_lossy().into_owned();
    let mut up = tokio::process::Command::new(env!("CARGO_BIN_EXE_docket"))
        .args(["up", "--data", &data])
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the binary starts");
    let mut lines = BufReader::new(up.stdout.take().expect("a pipe")).lines();
    let mut said = String::new();
    let read = async {
        while let Some(line) = lines.next_line().await.expect("UTF-8") {
            said.push_str(&line);
            said.push('\n');
            if line.contains("Ctrl-C") {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, read).await.expect("it becomes ready");
    assert!(said.starts_with("docket is ready\n") && said.contains("endpoints.json"), "{said}");
    let told: Value = serde_json::from_slice(&std::fs::read(folder.path().join("endpoints.json")).unwrap()).unwrap();
    for key in ["nats", "postgres", "http"] {
        let url = told[key].as_str().expect("an address");
        let place = url.rsplit(['@', '/']).find(|part| part.contains(':')).expect("host and port");
        assert!(said.contains(place), "{place} is not in {said}");
    }
    let principals = told["principals"].as_object().expect("principals").values();
    for url in principals.chain([&told["nats"], &told["postgres"], &told["analyst"]]) {
        let password = url.as_str().and_then(|url| url.split([':', '@']).nth(2)).expect("a password");
        assert!(password.len() >= 24 && !said.contains(password), "{said}");
    }
    kill(Pid::from_raw(i32::try_from(up.id().expect("it runs")).unwrap()), Signal::SIGTERM).expect("a child of ours");
    assert!(up.wait().await.expect("a child of ours").success());
}

#[tokio::test]
async fn the_analyst_reads_every_table_and_changes_none() {
    let mut desk = Desk::start();
    let case = desk.sender("desk").await.open_case().await;
    let analyst = Sql::connect(desk.analyst()).await;
    analyst.await_position(2).await;
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'docket'";
    let tables = analyst.rows(tables).await;
    assert!(tables.len() >= 12, "{tables:?}");
    for table in &tables {
        let name = table["table_name"].as_str().expect("a name");
        analyst.run(&format!("SELECT * FROM docket.{name}")).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        for change in [format!("DELETE FROM docket.{name}"), format!("DROP VIEW docket.{name}")] {
            assert!(analyst.run(&change).await.is_err(), "{change}");
        }
    }
    let may_not = [
        "UPDATE docket.cases SET status = 'closed'",
        "SELECT * FROM docket_private.texts",
        "CREATE TABLE docket.mine (n int)",
        "CREATE SCHEMA mine",
        "SET ROLE docket",
        "CREATE TEMPORARY TABLE mine (n int)",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
    ];
    for statement in may_not {
        let refused = analyst.run(statement).await;
        assert!(refused.as_ref().is_err_and(|error| error.contains("permission denied")), "{statement}: {refused:?}");
    }
    assert_eq!(analyst.value("SELECT case_id FROM docket.cases").await, case.as_str());
    // The login stays the same, also when the file of its password was lost.
    let before = desk.analyst().split('@').next().map(str::to_owned);
    desk.stop();
    desk.start_again();
    assert_eq!(desk.analyst().split('@').next().map(str::to_owned), before);
    desk.stop();
    std::fs::remove_file(desk.folder().path().join("analyst.password")).expect("a file of ours");
    desk.start_again();
    assert_eq!(Sql::connect(desk.analyst()).await.value("SELECT case_id FROM docket.cases").await, case.as_str());
}

#[tokio::test]
async fn the_sample_policy_is_published_by_docket_itself_and_every_later_one_by_who_did() {
    let desk = Desk::start();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/sample.toml");
    desk.cli().run(&["policy", "publish", sample]).await.succeeded();
    let versions = desk.cli().run(&["policy", "list", "--json"]).await.succeeded().lines();
    let by: Vec<&str> = versions.iter().filter_map(|version| version["by"].as_str()).collect();
    assert_eq!(by, ["docket", "admin"], "{versions:?}");
}

#[tokio::test]
async fn engines_that_end_by_themselves_are_started_again_but_not_for_ever() {
    let mut desk = Desk::start();
    let folder = desk.folder().path().to_owned();
    let pid = |engine: &str| {
        let text = std::fs::read_to_string(folder.join(format!("{engine}.lock"))).expect("a lock file");
        text.trim().parse().ok().map(Pid::from_raw).expect("a process")
    };
    let sender = desk.sender("desk").await;
    let before = sender.open_case().await;
    for engine in ["nats", "postgres", "nats"] {
        kill(pid(engine), Signal::SIGKILL).expect("an engine of ours");
        let accepted = sender.insist(&Command::case("intake", &intake("question"))).await;
        let position = accepted["accepted"]["position"].as_u64().expect("a position");
        // Until it was started again, Postgres is away, or just going.
        let has_it = format!("SELECT docket.await_position({position}, interval '5 seconds')");
        eventually("the read models have it", async || desk.try_sql().await?.run(&has_it).await.ok()).await;
    }
    assert_eq!(sender.case(&before, None).await["case"]["caseId"], before.as_str());
    kill(pid("nats"), Signal::SIGKILL).expect("an engine of ours");
    eventually("it ends", async || desk.has_ended().then_some(())).await;
    assert_eq!(desk.stop().code(), Some(1), "what ends so often is not mended by a start");
}
