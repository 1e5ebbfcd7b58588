//! Bundles of a real desk, verified with the binary alone; and what somebody did to the log is found.

use std::path::PathBuf;

use docket_bundle::Given;
use docket_eventlog::EventLog as _;
use docket_evidence::checkpoint::SignedCheckpoint;
use docket_evidence::policy::Policy;
use docket_messages::Position;
use serde_json::{Value, json};

use crate::support::{
    Auditor, Cli, Command, Desk, Scratch, Sender, copy_folder, eventually, intake, keep_checkpoint, packages,
    python_lines, sealer_stands,
};

/// A few cases of a customer, one of which is worked on; the id of that one.
async fn work(desk: &Desk, customer: &str) -> String {
    let sender = desk.sender("desk").await;
    let of_customer = |mut body: Value| {
        body["customerId"] = json!(customer);
        body
    };
    let opened = sender.must(&Command::case("intake", &of_customer(intake("question")))).await;
    let case = opened["caseId"].as_str().expect("an id").to_owned();
    sender.must(&Command::case("intake", &of_customer(intake("incident")))).await;
    let steps = [
        ("assign", json!({ "caseId": case, "agent": "ana" })),
        ("respond", json!({ "caseId": case, "text": "Have you tried this?" })),
        ("pend", json!({ "caseId": case, "reason": "awaiting_customer" })),
        ("receive", json!({ "caseId": case, "text": "It works" })),
        ("resolve", json!({ "caseId": case, "code": "solved", "steps": "As described" })),
        ("close", json!({ "caseId": case, "code": "completed" })),
    ];
    for (verb, body) in &steps {
        sender.must(&Command::case(verb, body)).await;
    }
    sender.open_case().await;
    case
}

#[tokio::test]
async fn what_is_disclosed_is_verified_offline_and_connects_to_what_the_auditor_kept() {
    let desk = Desk::start_witnessed();
    let case = work(&desk, "C-1").await;
    let auditor = Auditor::of(&desk).await;
    let kept = keep_checkpoint(&desk, &auditor, "kept").await;
    let other = work(&desk, "C-2").await;
    let refused = desk.cli().run(&["evidence", "export", "--case", &case, "--out", &auditor.path("none")]).await;
    assert!(refused.code == Some(2) && refused.err.contains("--reveal"), "{refused:?}");
    let today = ["--from", "2026-01-01T00:00:00Z", "--to", "2126-01-01T00:00:00Z"];
    let bundles: [(&str, Vec<&str>, u64); 5] = [
        ("case", vec!["--case", &case], 1),
        ("other", vec!["--case", &other], 1),
        ("customer", vec!["--customer", "C-1"], 2),
        ("period", today.to_vec(), 6),
        ("positions", vec!["--positions", "2..3"], 2),
    ];
    for (name, of, cases) in bundles {
        auditor.export(&desk, &of, name).await.succeeded();
        let (code, told) = auditor.verify(name, &["kept"]).await;
        assert_eq!((code, &told["ok"], &told["kept"]), (Some(0), &json!(true), &json!([kept])), "{name}: {told}");
        assert_eq!(told["cases"], cases, "{name}: {told}");
        let witnessed = told["witnessed_by"].as_array().expect("names").iter();
        assert!(witnessed.map(Value::to_string).any(|name| name.contains("/witness/")), "{told}");
        assert!(told["signed_by"].to_string().contains("MlDsa44"), "an export is signed for long: {told}");
    }
    let people = Cli::new();
    let printed = people.run(&["evidence", "verify", &auditor.path("case"), "--policy", &auditor.path("policy")]).await;
    assert!(printed.succeeded().out.ends_with("VERIFIED: all holds\n"));
    // Whom the auditor trusts decides, and not what the bundle says.
    let stranger = ["evidence", "keygen", "--name", "desk.example/other", "--out", &auditor.path("keys")];
    people.run(&stranger).await.succeeded();
    std::fs::copy(auditor.file("keys").join("desk.example_other.policy"), auditor.file("policy")).unwrap();
    let (code, told) = auditor.verify("case", &[]).await;
    assert_eq!(code, Some(11), "{told}");
    let wrong = people.run(&["evidence", "verify", "nowhere", "--policy", &auditor.path("policy")]).await;
    assert!(wrong.code == Some(2) && wrong.err.contains("could not open nowhere"), "{wrong:?}");
}

#[tokio::test]
async fn a_changed_byte_is_found_and_said() {
    let desk = Desk::start();
    let case = work(&desk, "C-1").await;
    let auditor = Auditor::of(&desk).await;
    keep_checkpoint(&desk, &auditor, "kept").await;
    auditor.export(&desk, &["--case", &case], "case").await.succeeded();
    let bundle = std::fs::read(auditor.file("case")).unwrap();
    for part in 1..8 {
        let mut changed = bundle.clone();
        changed[bundle.len() * part / 8] ^= 0x20;
        std::fs::write(auditor.file("changed"), &changed).unwrap();
        let (code, told) = auditor.verify("changed", &[]).await;
        assert!(matches!(code, Some(10..=13)), "{told}");
        assert_eq!((&told["ok"], told["findings"].as_array().map(Vec::is_empty)), (&json!(false), Some(false)));
    }
}

/// The package that the second verifier needs.
const CRYPTOGRAPHY: &str = "50.0.2";
const SECOND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/evidence/verify.py");

#[tokio::test]
async fn a_second_verifier_that_shares_no_code_finds_the_same() {
    let desk = Desk::start_witnessed();
    let case = work(&desk, "C-1").await;
    let auditor = Auditor::of(&desk).await;
    keep_checkpoint(&desk, &auditor, "kept").await;
    let mut files = Vec::new();
    let today = ["--from", "2026-01-01T00:00:00Z", "--to", "2126-01-01T00:00:00Z"];
    let of: [(&str, &[&str]); 4] = [
        ("case", &["--case", &case]),
        ("customer", &["--customer", "C-1"]),
        ("period", &today),
        ("positions", &["--positions", "2..5"]),
    ];
    for (name, of) in of {
        auditor.export(&desk, of, name).await.succeeded();
        files.push(auditor.file(name));
    }
    let whole = std::fs::read(auditor.file("case")).unwrap();
    // A prime, so that all kinds of bytes come by.
    for (number, index) in (0..whole.len()).step_by(41).enumerate() {
        let mut changed = whole.clone();
        match number % 4 {
            0 | 1 => changed[index] ^= 1 << (number % 8),
            2 => drop(changed.remove(index)),
            _ => changed.insert(index, b'0'),
        }
        let file = auditor.file(&format!("changed-{index}"));
        std::fs::write(&file, changed).unwrap();
        files.push(file);
    }
    let list: String = files.iter().map(|file| format!("{}\n", file.display())).collect();
    std::fs::write(auditor.file("list"), list).unwrap();
    let packages = packages("cryptography", CRYPTOGRAPHY).await;
    let (policy, kept) = (auditor.path("policy"), auditor.path("kept"));
    let input = std::fs::File::open(auditor.file("list")).unwrap();
    let second = [SECOND, "--batch", "--policy", &policy, "--checkpoint", &kept];
    let second = python_lines(&second, &packages, input).await;
    assert_eq!(second.len(), files.len());
    let trusted = Policy::parse(&std::fs::read(&policy).unwrap()).unwrap();
    let kept = [SignedCheckpoint::parse(&std::fs::read(&kept).unwrap()).unwrap()];
    for (number, (file, second)) in files.iter().zip(&second).enumerate() {
        let given = Given { policy: &trusted, kept: &kept };
        let opened = std::fs::File::open(file).unwrap();
        let (verified, findings) = docket_bundle::verify(opened, &given, &mut |_, _| {}).unwrap();
        let code = findings.worst().map_or(0, docket_bundle::Kind::code);
        assert_eq!(second["code"], code, "{}: {findings:?} {second}", file.display());
        assert_eq!(code == 0, number < 4, "{}", file.display());
        if code == 0 {
            assert_eq!(second["root"], verified.root);
            assert_eq!(
                (&second["disclosed"], &second["closed"]),
                (&json!(verified.disclosed), &json!(verified.closed))
            );
            assert_eq!(second["kept"], json!(verified.kept));
        }
    }
}

/// Where the server keeps a stream.
fn stream(desk: &Desk, name: &str) -> PathBuf {
    desk.folder().path().join("nats/jetstream/DOCKET/streams").join(name)
}

#[tokio::test]
async fn an_old_copy_of_the_log_and_of_its_seals_is_found_by_what_others_have_seen() {
    let mut desk = Desk::start_witnessed();
    let kept = desk.sender("desk").await;
    kept.open_case().await;
    let auditor = Auditor::of(&desk).await;
    let before = keep_checkpoint(&desk, &auditor, "before").await;
    assert!(desk.stop().success());
    let older = Scratch::new();
    for name in ["DOCKET_LOG", "DOCKET_SEALS"] {
        copy_folder(&stream(&desk, name), &older.path().join(name));
    }
    desk.start_again();
    desk.sender("desk").await.open_case().await;
    let after = keep_checkpoint(&desk, &auditor, "after").await;
    assert!(after > before);
    assert!(desk.stop().success());
    for name in ["DOCKET_LOG", "DOCKET_SEALS"] {
        std::fs::remove_dir_all(stream(&desk, name)).unwrap();
        copy_folder(&older.path().join(name), &stream(&desk, name));
    }
    desk.start_again();
    let why = sealer_stands(&desk).await;
    let ends = format!("the log ends at position {before}, and was sealed up to {after}");
    assert!(why.contains(&ends), "{why}");
    // A bundle of what is left does not contain what the auditor kept.
    auditor.export(&desk, &["--positions", "1..1"], "less").await.succeeded();
    let (code, told) = auditor.verify("less", &["after"]).await;
    assert!(code == Some(12) && told.to_string().contains("your checkpoint is of"), "{told}");
}

/// The entries of a log from a position on, without the one at another, and with the chain of its case made anew.
async fn without(desk: &Desk, from: u64, to: u64, taken_out: u64) -> Vec<(String, Vec<u8>)> {
    let (log, mut entries) = (desk.log().await, Vec::<(String, Vec<u8>)>::new());
    let gone = log.entry_at(Position(taken_out)).await.unwrap().unwrap();
    let case = gone.subject.as_ref().unwrap().to_string();
    let events = |payload: &[u8]| serde_json::from_slice::<Value>(payload).unwrap()["events"].as_array().unwrap().len();
    for position in (from..=to).filter(|position| *position != taken_out) {
        let entry = log.entry_at(Position(position)).await.unwrap().unwrap();
        let subject = entry.subject.as_ref().unwrap().to_string();
        let mut payload = entry.payload.to_vec();
        if subject == case && position > taken_out {
            let mut read: Value = serde_json::from_slice(&payload).unwrap();
            let before = entries.iter().rev().find(|(other, _)| *other == format!("docket.log.{case}")).unwrap();
            read["prev"] = json!(docket_messages::Digest::of(&[&before.1]).to_string());
            read["version"] = json!(read["version"].as_u64().unwrap() - u64::try_from(events(&gone.payload)).unwrap());
            payload = serde_json::to_vec(&read).unwrap();
        }
        entries.push((format!("docket.log.{subject}"), payload));
    }
    entries
}

#[tokio::test]
async fn an_entry_taken_out_is_found_although_every_chain_after_it_was_made_anew() {
    let mut desk = Desk::start();
    let kept = desk.sender("desk").await.open_case().await;
    let auditor = Auditor::of(&desk).await;
    let before = keep_checkpoint(&desk, &auditor, "before").await;
    assert!(desk.stop().success());
    let older = Scratch::new();
    copy_folder(&stream(&desk, "DOCKET_LOG"), older.path());
    desk.start_again();
    work(&desk, "C-1").await;
    desk.sender("desk").await.must(&Command::case("note", &json!({ "caseId": kept, "text": "Seen" }))).await;
    let sealed = keep_checkpoint(&desk, &auditor, "after").await;
    // The answer to the customer never happened.
    let taken_out = before + 4;
    let forged = without(&desk, before + 1, sealed, taken_out).await;
    assert!(desk.stop().success());
    std::fs::remove_dir_all(stream(&desk, "DOCKET_LOG")).unwrap();
    copy_folder(older.path(), &stream(&desk, "DOCKET_LOG"));
    desk.start_again();
    let service = Sender::connect(&desk.nats_as("docket-command"), "docket-command").await;
    let context = async_nats::jetstream::new(service.client);
    let last = forged.last().unwrap().clone();
    for (subject, payload) in forged.into_iter().chain([last]) {
        context.publish(subject, payload.into()).await.unwrap().await.unwrap();
    }
    desk.stop();
    desk.start_again();
    let why = sealer_stands(&desk).await;
    // What was written anew was taken in anew, too, so it differs from the first on.
    let differs = format!("the first entry that differs is at position {}", before + 1);
    assert!(why.contains(&differs), "{why}");
    // The command service hears of it, wherever it runs.
    eventually("no command is decided", async || {
        let (_, body) = desk.get("/healthz/command").await;
        body.contains("command: halted: the sealer has found that").then_some(())
    })
    .await;
    let doctor = desk.cli().run(&["doctor"]).await;
    assert!(doctor.code == Some(1) && doctor.out.contains(&differs), "{doctor:?}");
    let refused = auditor.export(&desk, &["--positions", "1..2"], "none").await;
    assert!(refused.code == Some(1) && refused.err.contains("is not the one that was sealed"), "{refused:?}");
    assert!(!auditor.file("none").exists(), "nothing half-written is left");
}

#[tokio::test]
async fn a_population_is_the_same_whenever_it_is_asked_for_and_so_is_a_sample_of_it() {
    let desk = Desk::start();
    work(&desk, "C-1").await;
    let auditor = Auditor::of(&desk).await;
    let ask = async |arguments: &[&str]| desk.cli().run(&[&["evidence"][..], arguments].concat()).await;
    let part = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("# {name}: ")).map(str::to_owned));
        line.unwrap_or_else(|| panic!("no {name} in {text}"))
    };
    let to = "2126-01-01T00:00:00Z";
    let first = ask(&["population", "--verb", "intake", "--to", to]).await.succeeded().out;
    assert_eq!(
        (part(&first, "count"), first.lines().filter(|line| line.contains(",intake,")).count()),
        ("3".to_owned(), 3)
    );
    let (again, digest) =
        (ask(&["population", "--verb", "intake", "--to", to]).await.succeeded().out, part(&first, "sha256"));
    assert_eq!(part(&again, "sha256"), digest);
    let sample = async |seed: &str| {
        let printed = ask(&["sample", "--n", "2", "--seed", seed]).await.succeeded().out;
        assert_eq!(part(&printed, "sample"), "2 of them");
        printed.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect::<Vec<_>>()
    };
    let chosen = sample("one").await;
    assert_eq!((chosen.len(), sample("one").await), (3, chosen.clone()), "a header and two entries");
    let mut others = Vec::new();
    for seed in ["two", "three", "four", "five"] {
        others.push(sample(seed).await);
    }
    assert!(others.iter().any(|other| *other != chosen), "another seed may choose others");
    // By what happened: an intake has several events, and one of them opens the case.
    let opened = ask(&["population", "--event", "opened"]).await.succeeded().out;
    assert_eq!((part(&opened, "count"), part(&opened, "events counted")), ("3".to_owned(), "3".to_owned()));
    let began = ask(&["population", "--event", "opened,classified"]).await.succeeded().out;
    assert_eq!((part(&began, "count"), part(&began, "events counted")), ("3".to_owned(), "6".to_owned()));
    let early = ask(&["population", "--event", "opened", "--to", "2020-01-01T00:00:00Z"]).await.succeeded().out;
    assert_eq!(part(&early, "count"), "0");
    let wrong = ask(&["population", "--event", "fixed"]).await;
    assert!(wrong.code == Some(2) && wrong.err.contains("there is no event `fixed`"), "{wrong:?}");
    let file = auditor.path("population.csv");
    let said = ask(&["population", "--out", &file]).await.succeeded().out;
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(said.starts_with(&part(&text, "count")), "{said}");
    let wrong = ask(&["population", "--verb", "fix"]).await;
    assert!(wrong.code == Some(2) && wrong.err.contains("there is no verb `fix`"), "{wrong:?}");
}

#[tokio::test]
async fn a_population_is_bound_to_what_the_auditor_trusts_and_has_kept() {
    let desk = Desk::start();
    work(&desk, "C-1").await;
    let auditor = Auditor::of(&desk).await;
    let kept = keep_checkpoint(&desk, &auditor, "kept").await;
    desk.sender("desk").await.open_case().await;
    let stranger = ["evidence", "keygen", "--name", "desk.example/other", "--out", &auditor.path("keys")];
    Cli::new().run(&stranger).await.succeeded();
    let text = std::fs::read_to_string(auditor.file("kept")).unwrap();
    // The same name and signatures, of more entries and of others.
    let root = text.lines().nth(2).unwrap();
    let other = text.replace(root, &format!("{}=", "A".repeat(43)));
    std::fs::write(auditor.file("other"), other).unwrap();
    std::fs::write(auditor.file("more"), text.replace(&format!("\n{kept}\n"), "\n99999\n")).unwrap();
    let policy = auditor.path("policy");
    let ask = async |policy: &[&str], kept: &str| {
        let kept = auditor.path(kept);
        desk.cli().run(&[&["evidence", "population", "--checkpoint", &kept][..], policy].concat()).await
    };
    ask(&["--policy", &policy], "kept").await.succeeded();
    let strangers = auditor.path("keys/desk.example_other.policy");
    for (policy, kept, code, words) in [
        (&["--policy", &strangers][..], "kept", 11, "none of the policy's logs has signed"),
        (&["--policy", &policy], "other", 11, "your checkpoint: "),
        (&[], "other", 10, "is not the one that your checkpoint of"),
        (&[], "more", 12, "your checkpoint is of 99999 entries"),
    ] {
        let printed = ask(policy, kept).await;
        assert!(printed.code == Some(code) && printed.err.contains(words), "{words}: {printed:?}");
        assert_eq!(printed.out, "", "nothing that does not hold is printed");
    }
}

#[tokio::test]
async fn a_log_that_was_restored_is_shown_to_go_on_from_the_one_whose_checkpoint_the_auditor_kept() {
    let (desk, scratch) = (Desk::start(), Scratch::new());
    work(&desk, "C-1").await;
    let auditor = Auditor::of(&desk).await;
    let kept = keep_checkpoint(&desk, &auditor, "kept").await;
    let copy = scratch.path().join("copy").to_string_lossy().into_owned();
    let data = desk.folder().path().to_string_lossy().into_owned();
    Cli::new().run(&["backup", &copy, "--data", &data]).await.succeeded();
    // Those are not in the backup, and lost.
    work(&desk, "C-2").await;
    let lost = keep_checkpoint(&desk, &auditor, "lost").await;
    drop(desk);
    let again = Desk::restored(&copy).await;
    work(&again, "C-3").await;
    work(&again, "C-4").await;
    let other = Auditor::of(&again).await;
    // While its sealer only begins, no checkpoint is of all that.
    keep_checkpoint(&again, &other, "sealed").await;
    let (before, after) = (auditor.file("policy"), other.file("policy"));
    let [old, new] = [&before, &after].map(|file| std::fs::read_to_string(file).expect("a policy"));
    let positions = format!("1..{}", lost + 1);
    auditor.export(&again, &["--positions", &positions], "bundle").await.succeeded();
    // Who trusts the new log alone does not know who signed for the old one.
    std::fs::copy(&after, &before).unwrap();
    let (code, told) = auditor.verify("bundle", &["kept"]).await;
    assert!(code == Some(11) && told["findings"].to_string().contains("your checkpoint"), "{told}");
    let logs: String = old.lines().filter(|line| line.starts_with("log ")).map(|line| format!("{line}\n")).collect();
    std::fs::write(&before, logs + &new).unwrap();
    let (code, told) = auditor.verify("bundle", &["kept"]).await;
    assert_eq!((code, &told["kept"]), (Some(0), &json!([kept])), "{told}");
    let origin = old.split_whitespace().nth(1).and_then(|key| key.split_once('+')).expect("a key").0;
    assert_eq!(told["predecessors"], json!([{ "origin": origin, "size": kept }]));
    let (code, told) = auditor.verify("bundle", &["lost"]).await;
    assert_eq!(code, Some(10), "{told}");
    assert!(told["findings"].to_string().contains("does not go on from, or not from so far"), "{told}");
}
