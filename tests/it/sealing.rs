//! The log is sealed, and what was sealed is noticed when it is gone or another.

use std::path::PathBuf;

use docket_eventlog::EventLog;
use docket_evidence::checkpoint::{SignedCheckpoint, Vouched};
use docket_evidence::leaf::{Leaf, Message};
use docket_evidence::policy::Policy;
use docket_evidence::proof::InclusionProof;
use docket_evidence::tree::{Subtree, prove, verify};
use docket_messages::Position;
use docket_sealing::{Hashes, Keys};
use serde_json::{Value, json};

use crate::support::{
    Command, Desk, NO_POSTGRES, Process, Scratch, Sender, Sql, copy_folder, eventually, fresh, intake, sealer_stands,
};

/// The newest checkpoint, once it covers a position.
async fn checkpoint_of(desk: &Desk, position: u64) -> SignedCheckpoint {
    eventually("the log is sealed so far", async || {
        let printed = desk.cli().run(&["evidence", "checkpoint"]).await;
        let signed = SignedCheckpoint::parse(printed.out.as_bytes()).ok()?;
        (signed.checkpoint().size >= position).then_some(signed)
    })
    .await
}

async fn open_case(desk: &Desk) -> u64 {
    let opened = desk.sender("desk").await.must(&Command::case("intake", &intake("question"))).await;
    opened["position"].as_u64().expect("a position")
}

/// The folder of the sealer, and what it signs with.
fn sealer(desk: &Desk) -> (PathBuf, Keys) {
    let folder = desk.folder().path().join("sealer");
    let files = std::fs::read_dir(&folder).expect("the sealer's").map(|file| file.expect("a file").path());
    let key = files.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "key")).expect("a key");
    let text = std::fs::read_to_string(&key).expect("keys");
    (key.with_extension(""), Keys::parse(&text).expect("keys"))
}

/// The leaf of an entry, by the server's own account of it and not by Docket's reading.
async fn leaf(desk: &Desk, position: u64) -> Leaf {
    use base64::Engine as _;
    let client = Sender::connect(desk.nats(), "docket-operator").await.client;
    let asked = json!({ "seq": position }).to_string();
    let answer = client.request("$JS.API.STREAM.MSG.GET.DOCKET_LOG", asked.into()).await.expect("an answer");
    let stored: Value = serde_json::from_slice(&answer.payload).expect("JSON");
    let message = &stored["message"];
    let decode = |part: &str| {
        let text = message[part].as_str().unwrap_or_default();
        base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
    };
    let (block, payload) = (String::from_utf8(decode("hdrs")).expect("headers"), decode("data"));
    let lines = block.split("\r\n").skip(1).filter(|line| !line.is_empty());
    let headers: Vec<(&str, &str)> =
        lines.map(|line| line.split_once(':').expect("a header")).map(|(name, value)| (name, value.trim())).collect();
    let time = chrono::DateTime::parse_from_rfc3339(message["time"].as_str().expect("a time")).expect("a time");
    Leaf::of(&Message {
        sequence: position,
        time: time.timestamp_nanos_opt().expect("a time"),
        subject: message["subject"].as_str().expect("a subject"),
        headers: &headers,
        payload: &payload,
    })
    .expect("a leaf")
}

#[tokio::test]
async fn what_is_in_the_log_is_proven_to_whoever_trusts_the_key() {
    let desk = Desk::start();
    let mut last = 0;
    for _ in 0..5 {
        last = open_case(&desk).await;
    }
    checkpoint_of(&desk, last).await;
    let (_, keys) = sealer(&desk);
    let [log, _, quantum] = keys.verifiers();
    let policy = Policy::parse(format!("log {log}\nlog {quantum}\nquorum none\n").as_bytes()).unwrap();
    let folder = Scratch::new();
    for position in [1, 2, last] {
        let file = folder.path().join(format!("{position}.tlog-proof"));
        let number = position.to_string();
        desk.cli().run(&["evidence", "prove", &number, "--out", file.to_str().unwrap()]).await.succeeded();
        let proof = InclusionProof::parse(&std::fs::read(&file).unwrap()).unwrap();
        let leaf = leaf(&desk, position).await;
        assert_eq!((proof.index, proof.verify(leaf.hash())), (position - 1, Ok(())));
        assert!(policy.judge(&proof.checkpoint).is_ok());
        let other = Leaf { time: leaf.time + 1, ..leaf };
        assert!(proof.verify(other.hash()).is_err(), "a nanosecond later");
    }
    let beyond = desk.cli().run(&["evidence", "prove", "99999", "--out", "nowhere"]).await;
    assert!(beyond.code == Some(1) && beyond.err.contains("is sealed up to position"), "{beyond:?}");
    let doctor = desk.cli().run(&["doctor"]).await.succeeded();
    assert!(doctor.out.contains(&format!("sealed up to position {last}")), "{doctor:?}");
    let sql = desk.sql().await;
    let head = checkpoint_of(&desk, last).await;
    eventually("the seal stands in SQL", async || {
        let seals = "SELECT position, root, checkpoint FROM docket.seals ORDER BY sealed_at DESC LIMIT 1";
        let rows = sql.rows(seals).await;
        let newest = rows.first()?;
        (newest["position"] == head.checkpoint().size
            && newest["root"] == head.checkpoint().root.to_string()
            && newest["checkpoint"] == head.to_string())
        .then_some(())
    })
    .await;
    let metrics = desk.get("/metrics").await.1;
    assert!(metrics.contains(&format!("docket_sealed_position {last}")), "{metrics}");
}

#[tokio::test]
async fn seals_of_the_log_that_stood_here_before_hide_none_of_this_one() {
    let mut desk = Desk::start();
    checkpoint_of(&desk, open_case(&desk).await).await;
    let kept = |origin: &'static str| {
        format!("SELECT count(*)::int AS n FROM docket_access.seals WHERE {}starts_with(origin, 'x.example/')", origin)
    };
    let sql = Sql::connect(&desk.superuser()).await;
    eventually("the first seals are kept", async || (sql.value(&kept("NOT ")).await != 0).then_some(())).await;
    // As in a database that has outlived a longer log, with a table from before logs were told apart.
    let longer = "ALTER TABLE docket_access.seals DROP COLUMN origin CASCADE;
        ALTER TABLE docket_access.seals ADD CONSTRAINT seals_pkey PRIMARY KEY (number);
        UPDATE docket_access.seals SET checkpoint = 'x.example/before' || chr(10) || checkpoint;
        INSERT INTO docket_access.seals SELECT number, 7, 'root', now(), 'x.example/before' || chr(10)
        FROM generate_series(1, 1000) AS number ON CONFLICT DO NOTHING";
    sql.run(longer).await.unwrap();
    desk.kill();
    desk.start_again();
    let last = open_case(&desk).await;
    checkpoint_of(&desk, last).await;
    let sql = Sql::connect(&desk.superuser()).await;
    eventually("the new seals are kept", async || {
        let newest = format!("SELECT count(*)::int AS n FROM docket.seals WHERE position = {last} AND root <> 'root'");
        (sql.value(&newest).await != 0).then_some(())
    })
    .await;
    assert_eq!(sql.value(&kept("")).await, 1000);
}

#[tokio::test]
async fn a_sealer_that_is_started_again_goes_on_and_its_heads_are_consistent() {
    let mut desk = Desk::start();
    let first = checkpoint_of(&desk, open_case(&desk).await).await;
    let (hashes, keys) = sealer(&desk);
    assert!(matches!(first.vouched_by(keys.verifiers()[1]), Ok(Some(Vouched::At(_)))), "it says when that was");
    assert!(matches!(first.vouched_by(keys.verifiers()[2]), Ok(Some(Vouched::At(_)))), "the first of the slow beat");
    desk.kill();
    desk.start_again();
    let second = checkpoint_of(&desk, open_case(&desk).await).await;
    // Also when there are no hashes any more.
    desk.stop();
    std::fs::remove_dir_all(&hashes).unwrap();
    desk.start_again();
    let third = checkpoint_of(&desk, open_case(&desk).await).await;
    let mut hashes = Hashes::open_to_read(&hashes).unwrap();
    for (older, newer) in [(&first, &second), (&second, &third), (&first, &third)] {
        let (older, newer) = (older.checkpoint(), newer.checkpoint());
        assert!(older.size < newer.size && older.origin == newer.origin);
        let of = Subtree::new(0, older.size).unwrap();
        let proof = prove(&mut hashes, of, newer.size).unwrap().unwrap();
        assert_eq!(verify(of, older.root, newer.size, newer.root, &proof), Ok(()));
    }
}

#[tokio::test]
async fn a_log_that_is_shorter_or_another_than_the_one_that_was_sealed_is_not_sealed() {
    let mut desk = Desk::start();
    let kept = open_case(&desk).await;
    checkpoint_of(&desk, kept).await;
    assert!(desk.stop().success());
    let stream = desk.folder().path().join("nats/jetstream/DOCKET/streams/DOCKET_LOG");
    let older = Scratch::new();
    copy_folder(&stream, older.path());
    desk.start_again();
    open_case(&desk).await;
    let sealed = open_case(&desk).await;
    let last = checkpoint_of(&desk, sealed).await;
    assert!(desk.stop().success());
    // Somebody puts an old copy of the log back, and leaves the seals.
    std::fs::remove_dir_all(&stream).unwrap();
    copy_folder(older.path(), &stream);
    desk.start_again();
    let why = sealer_stands(&desk).await;
    assert!(why.contains(&format!("the log ends at position {kept}, and was sealed up to {sealed}")), "{why}");
    let (_, health) = desk.get("/healthz").await;
    assert!(health.contains("command: halted: the log ends at position"), "nothing is written behind it: {health}");
    let sent = desk.cli().run(&["send", "case", "intake", &intake("question").to_string()]).await;
    assert!(sent.code == Some(1) && sent.err.contains("no command service answers"), "{sent:?}");
    let doctor = desk.cli().run(&["doctor"]).await;
    assert!(doctor.code == Some(1) && doctor.out.contains("entries are gone"), "{doctor:?}");
    // Others take the places of those that are gone, and more come.
    let service = Sender::connect(&desk.nats_as("docket-command"), "docket-command").await;
    let context = async_nats::jetstream::new(service.client);
    let entry = EventLog::entry_at(&desk.log().await, Position(kept)).await.unwrap().unwrap();
    for _ in kept..sealed + 2 {
        let subject = format!("docket.log.case.{}", fresh());
        context.publish(subject, entry.payload.clone()).await.unwrap().await.unwrap();
    }
    desk.stop();
    desk.start_again();
    let why = sealer_stands(&desk).await;
    assert!(
        why.contains(&format!(
            "is not the one that was sealed: the first entry that differs is at position {}",
            kept + 1
        )),
        "{why}"
    );
    let again = desk.cli().run(&["evidence", "checkpoint"]).await.succeeded();
    assert_eq!(again.out.trim_end(), last.to_string().trim_end(), "nothing more was signed");
}

#[tokio::test]
async fn a_sealer_of_its_own_needs_the_key_of_this_log() {
    let desk = Desk::start();
    let last = open_case(&desk).await;
    let (sealed, folder) = (checkpoint_of(&desk, last).await, Scratch::new());
    let nats = desk.nats_as("docket-sealer");
    let serve = ["serve", "--nats", &nats, "--postgres", NO_POSTGRES, "--roles", "sealer"];
    let without = desk.cli().run(&serve).await;
    assert!(without.code == Some(2) && without.err.contains("needs --key"), "{without:?}");
    let out = folder.path().to_str().unwrap();
    let made = desk.cli().run(&["evidence", "keygen", "--name", "desk.example/other", "--out", out]).await.succeeded();
    assert!(made.out.contains("log desk.example/other+") && made.out.contains("quorum none"), "{made:?}");
    let key = folder.path().join("desk.example_other.key");
    let again = desk.cli().run(&["evidence", "keygen", "--name", "desk.example/other", "--out", out]).await;
    assert!(again.code == Some(1) && again.err.contains("never overwritten"), "{again:?}");
    let policy = std::fs::read(folder.path().join("desk.example_other.policy")).unwrap();
    assert!(Policy::parse(&policy).is_ok());
    let with_key = [&serve[..], &["--key", key.to_str().unwrap()]].concat();
    let other = Process::start(folder.path(), &with_key);
    let word = sealed.checkpoint().origin.as_str().rsplit('/').next().unwrap().to_owned();
    eventually("it says whose key it wants", async || {
        other.logged().contains(&format!("this log is `{word}`")).then_some(())
    })
    .await;
    let witness = ["evidence", "keygen", "--name", "witness.example", "--for", "witness", "--out", out];
    let witness = desk.cli().run(&witness).await.succeeded();
    assert!(witness.out.contains("witness w1 witness.example+"), "{witness:?}");
}
