//! A backup is taken while the desk works, and another desk is made of it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use docket_eventlog::EventLog as _;
use serde_json::{Value, json};

use crate::support::{
    Cli, Command, Desk, NO_POSTGRES, Printed, PrivateNats, Process, SAMPLE_POLICY, Scratch, Sender, Sql, accepted,
    eventually, fresh, intake, recorded, verify,
};

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

async fn backup(desk: &Desk, folder: &Path) -> Printed {
    Cli::new().run(&["backup", &text(folder), "--data", &text(desk.folder().path())]).await
}

async fn restore(from: &Path, data: &Path) -> Printed {
    Cli::new().run(&["restore", &text(from), "--data", &text(data)]).await
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).expect("a manifest")).expect("JSON")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
}

/// Intakes with ids of their own.
fn intakes(name: &str, count: usize) -> Vec<Command> {
    (0..count).map(|number| Command::case("intake", &intake("question")).id(&format!("{name}-{number}"))).collect()
}

/// Checks that a restored stream says which log it goes on from.
fn assert_goes_on(notes: &Value, log: &Value) {
    assert!(notes["docket-incarnation"].is_string(), "it is a log of its own from here on: {notes}");
    assert_eq!(notes["docket-predecessor"], "first");
    assert_eq!(notes["docket-predecessor-last"], log["last"].to_string());
    assert_eq!(notes["docket-predecessor-sha256"], log["payloadsSha256"]);
    assert_eq!(notes["docket-predecessor-root"], log["root"]);
}

#[tokio::test]
async fn what_was_acknowledged_before_a_backup_is_there_once_after_it_is_restored() {
    let desk = Desk::start();
    let (sender, scratch) = (desk.sender("webshop").await, Scratch::new());
    let (before, submitted) = (intakes("before", 40), intakes("submitted", 40));
    // More than the server sends without being told that it arrived.
    let case = sender.open_case().await;
    for _ in 0..60 {
        let text: String = (0..1_300).map(|_| fresh()).collect();
        sender.must(&Command::case("note", &json!({ "caseId": case, "text": text })).id(&fresh())).await;
    }
    let mut first = Vec::new();
    for command in &before {
        first.push(accepted(&sender.send(command).await).clone());
    }
    for submission in &submitted {
        assert_eq!(sender.submit(submission).await["stream"], "DOCKET_INBOX");
    }

    // Commands and submissions go on for as long as the backup takes.
    let kept = scratch.path().join("kept");
    let meanwhile = async {
        let mut number = 0;
        loop {
            number += 1;
            accepted(&sender.send(&intakes(&format!("during-{number}"), 1)[0]).await);
            sender.submit(&intakes(&format!("waiting-{number}"), 1)[0]).await;
        }
    };
    let taken = tokio::select! {
        taken = backup(&desk, &kept) => taken.succeeded(),
        () = meanwhile => unreachable!("it goes on for ever"),
    };
    assert!(taken.out.contains("docket restore"), "{taken:?}");
    let of_source = recorded(&desk.log().await).await;
    drop(desk);

    let data = scratch.path().join("data");
    let restored = restore(&kept, &data).await.succeeded();
    assert!(restored.out.contains("verified") && restored.out.contains("docket up --data"), "{restored:?}");
    assert_eq!(files(scratch.path()).len(), 2, "nothing is left beside it");

    let again = Process::start(&data, &["up", "--data", &text(&data)]);
    let url = |name: &str| again.told()["principals"][name].as_str().expect("a principal").to_owned();
    let sender = Sender::connect(&url("webshop"), "webshop").await;
    for (command, first) in before.iter().zip(&first) {
        let reply = sender.send(command).await;
        assert_eq!(reply["repeated"], true, "{reply}");
        assert_eq!(accepted(&reply)["caseId"], first["caseId"]);
        assert_eq!(accepted(&reply)["position"], first["position"], "positions are kept");
    }
    // The operator may look at any outcome.
    let outcomes = Sender::connect(again.ready("nats"), "webshop").await;
    for command in &submitted {
        let outcome = outcomes.outcome(command.own_id().expect("an id")).await;
        assert!(outcome["accepted"]["caseId"].is_string(), "{outcome}");
        let repeated = sender.send(command).await;
        assert_eq!(accepted(&repeated)["caseId"], outcome["accepted"]["caseId"], "decided once");
    }

    let log = docket_jetstream::connect(again.ready("nats"), "test").await.expect("NATS");
    let log = docket_jetstream::JetStreamLog::open(log, docket_jetstream::Namespace::default()).await.expect("the log");
    verify(&log).await;
    let (last, restored) = (manifest(&kept)["log"]["last"].as_u64().expect("a position"), recorded(&log).await);
    assert!(manifest(&kept)["streams"][3]["bytes"].as_u64() > Some(1 << 20), "in more than one go");
    assert!(last >= 102, "the policy and what came before: {last}");
    let kept_of = |all: &[docket_eventlog::Recorded]| all[..usize::try_from(last).unwrap()].to_vec();
    assert_eq!(kept_of(&restored), kept_of(&of_source), "positions, times, subjects and bytes");
    let stream = outcomes.client.request("$JS.API.STREAM.INFO.DOCKET_LOG", "".into()).await.expect("an answer");
    let stream: Value = serde_json::from_slice(&stream.payload).expect("JSON");
    let notes = &stream["config"]["metadata"];
    assert_goes_on(notes, &manifest(&kept)["log"]);
    let sql = Sql::connect(again.ready("postgres")).await;
    sql.await_position(log.head().await.expect("a head").get()).await;
    let doctor = Cli::new().run(&["doctor", "--data", &text(&data)]).await;
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    let descent = format!("it goes on from the first log at position {last}, root ");
    assert!(doctor.out.contains(&descent), "{descent}: {doctor:?}");
}

#[tokio::test]
async fn what_waits_in_the_inbox_is_decided_by_the_restored_desk_once() {
    let (scratch, cli) = (Scratch::new(), Cli::new());
    let users = text(&scratch.path().join("users.json"));
    let config = cli.run(&["nats-config", "--users", &users]).await.succeeded();
    let nats = PrivateNats::configured(&config.out).await;
    let server = nats.nats.url();
    let urls = cli.run(&["nats-config", "--users", &users, "--url", &server]).await.succeeded().json();
    let url = |user: &str| urls[user].as_str().unwrap_or_else(|| panic!("{user} has no address")).to_owned();
    let serve = ["serve", "--nats", &server, "--users", &users, "--postgres", NO_POSTGRES, "--roles", "command"];
    let mut service = Process::start(scratch.path(), &serve);
    Cli::new().with("DOCKET_NATS_URL", &url("admin")).run(&["policy", "publish", SAMPLE_POLICY]).await.succeeded();
    let (submitted, sender) = (intakes("waiting", 3), Sender::connect(&url("webshop"), "webshop").await);
    let first = accepted(&sender.send(&submitted[0]).await).clone();
    assert!(service.stop().success());
    // Nobody decides: the inbox holds all three, and what came of one of them is in the log already.
    for submission in &submitted {
        assert_eq!(sender.submit(submission).await["stream"], "DOCKET_INBOX");
    }
    let kept = scratch.path().join("kept");
    let taken = Cli::new().with("DOCKET_NATS_URL", &server).run(&["backup", &text(&kept), "--users", &users]).await;
    assert_eq!(manifest(&kept)["streams"][0]["state"]["messages"], 3, "{taken:?}");
    nats.stop().await;

    let data = scratch.path().join("data");
    restore(&kept, &data).await.succeeded();
    let again = Process::start(&data, &["up", "--data", &text(&data)]);
    let operator = Sender::connect(again.ready("nats"), "webshop").await;
    for (number, submission) in submitted.iter().enumerate() {
        let outcome = operator.outcome(submission.own_id().expect("an id")).await;
        let is_repeated = outcome["repeated"] == true;
        assert_eq!(is_repeated, number == 0, "{outcome}");
        assert!(number > 0 || outcome["accepted"]["caseId"] == first["caseId"], "{outcome}");
    }
    let ask = json!({}).to_string();
    eventually("nothing waits any more", async || {
        let info = operator.client.request("$JS.API.STREAM.INFO.DOCKET_INBOX", ask.clone().into()).await.ok()?;
        let info: Value = serde_json::from_slice(&info.payload).ok()?;
        (info["state"]["messages"] == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_backup_that_was_tampered_with_is_refused_and_leaves_nothing_behind() {
    let (desk, scratch) = (Desk::start(), Scratch::new());
    desk.sender("webshop").await.open_case().await;
    let kept = scratch.path().join("kept");
    backup(&desk, &kept).await.succeeded();
    assert_eq!(std::fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o700);
    for file in files(&kept) {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    let data = scratch.path().join("data");
    let refused = async |why: &str| {
        let refused = restore(&kept, &data).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.err.contains(why), "{why}: {refused:?}");
        assert!(files(scratch.path()).iter().eq([&kept]), "nothing is left behind");
    };
    for name in ["DOCKET_LOG.tar.s2", "DOCKET_INBOX.tar.s2", "DOCKET_OUTCOMES.tar.s2", "users.json"] {
        let file = kept.join(name);
        let whole = std::fs::read(&file).unwrap();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        std::fs::write(&file, changed).unwrap();
        refused(name).await;
        std::fs::write(&file, &whole[..middle]).unwrap();
        refused(name).await;
        std::fs::write(&file, &whole).unwrap();
    }
    let (file, whole) = (kept.join("manifest.json"), manifest(&kept));
    for (path, value, why) in [
        ("/log/payloadsSha256", json!("00"), "the log is not what the manifest says"),
        ("/log/lastSha256", json!("00"), "the log is not what the manifest says"),
        ("/log/last", json!(1), "the log is not what the manifest says"),
        ("/log/last", json!(3), "the log that was put back ends at 2"),
        ("/streams/3/config/deny_delete", json!(false), "differs from what Docket needs"),
        ("/format", json!(2), "this version of Docket reads 1"),
    ] {
        let mut changed = whole.clone();
        *changed.pointer_mut(path).unwrap_or_else(|| panic!("no {path}")) = value;
        std::fs::write(&file, changed.to_string()).unwrap();
        refused(why).await;
    }
    std::fs::remove_file(&file).unwrap();
    refused("was not finished").await;
    std::fs::write(&file, whole.to_string()).unwrap();
    std::fs::create_dir(&data).unwrap();
    restore(&kept, &data).await.succeeded();
    let full = restore(&kept, &data).await;
    assert_eq!(full.code, Some(1));
    assert!(full.err.contains("is not empty"), "{full:?}");
}

#[tokio::test]
async fn a_backup_says_what_keeps_it_from_being_taken() {
    let (desk, scratch) = (Desk::shared(), Scratch::new());
    let kept = scratch.path().join("kept");
    // Who may not copy streams is told who may.
    let refused = desk.cli().run(&["backup", &text(&kept)]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("docket-operator") && refused.err.contains("--users"), "{refused:?}");
    let nothing = scratch.path().join("nothing");
    let absent = Cli::new().run(&["backup", &text(&scratch.path().join("other")), "--data", &text(&nothing)]).await;
    assert!(absent.code == Some(1) && absent.err.contains("docket up --data"), "{absent:?}");
    let full = backup(desk, scratch.path()).await;
    assert!(full.code == Some(1) && full.err.contains("is not empty"), "{full:?}");
    // One that did not finish is none.
    let unfinished = restore(&kept, &scratch.path().join("data")).await;
    assert!(unfinished.code == Some(1) && unfinished.err.contains("is no backup"), "{unfinished:?}");
}

#[tokio::test]
async fn a_flaw_that_the_log_had_is_named_and_kept_and_one_that_it_had_not_is_refused() {
    let (desk, scratch) = (Desk::start(), Scratch::new());
    let writer = Sender::connect(&desk.nats_as("docket-command"), "docket-command").await;
    let foreign = writer.client.request("docket.log.case.foreign", "not an entry".into()).await.expect("it may write");
    assert!(String::from_utf8_lossy(&foreign.payload).contains("\"seq\":2"), "{foreign:?}");
    let kept = scratch.path().join("kept");
    let taken = backup(&desk, &kept).await.succeeded();
    assert!(taken.err.contains("the log itself has a flaw at position 2"), "{taken:?}");
    let restored = restore(&kept, &scratch.path().join("data")).await.succeeded();
    assert!(restored.err.contains("at position 2") && !restored.out.contains("verified"), "{restored:?}");
    let mut changed = manifest(&kept);
    changed["log"].as_object_mut().expect("an object").remove("flaw");
    std::fs::write(kept.join("manifest.json"), changed.to_string()).unwrap();
    let refused = restore(&kept, &scratch.path().join("other")).await;
    assert!(refused.code == Some(1) && refused.err.contains("position 2"), "{refused:?}");
}
