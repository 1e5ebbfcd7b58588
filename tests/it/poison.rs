//! An entry that cannot be applied stops the read models loudly, and nothing else.

use docket_messages::AnyEntry;
use serde_json::{Value, json};

use crate::support::{Command, Desk, Sender, entries, eventually};

/// Something that is no entry, written by somebody who must not write. Returns its position.
async fn write_into_the_log(desk: &Desk, subject: &str, payload: &str) -> u64 {
    let service = Sender::connect(&desk.nats_as("docket-command"), "docket-command").await;
    let context = async_nats::jetstream::new(service.client);
    let published = context.publish(subject.to_owned(), payload.to_owned().into()).await.unwrap();
    published.await.unwrap().sequence
}

async fn doctor(desk: &Desk) -> (Option<i32>, Value) {
    let examined = desk.cli().run(&["doctor", "--json"]).await;
    (examined.code, examined.json())
}

fn finding<'r>(report: &'r Value, what: &str) -> &'r Value {
    report["findings"].as_array().unwrap().iter().find(|finding| finding["what"] == what).unwrap()
}

/// The read models stand before the position, and everybody who asks is told why.
async fn stands_at(desk: &Desk, position: u64, cause: &str) {
    let report = eventually("the doctor complains of the poison", async || {
        let (code, report) = doctor(desk).await;
        let message = finding(&report, "read models")["message"].as_str()?.to_owned();
        (code == Some(1) && message.contains(&format!("position {position}"))).then_some(message)
    });
    let message = report.await;
    assert!(message.contains(cause) && message.contains("docket log --from"), "{message}");
    let sql = desk.sql().await;
    assert_eq!(sql.value("SELECT position FROM docket.position").await, position - 1);
    let waits = sql.value("SELECT pending_since IS NOT NULL FROM docket_private.checkpoint").await;
    assert_eq!(waits, true, "what cannot be applied waits");
    assert_eq!(desk.get("/healthz").await.0, "200", "commands go on, so it is worth keeping");
    for path in ["/healthz/projection", "/readyz/projection", "/readyz"] {
        let (code, body) = desk.get(path).await;
        assert_eq!(code, "503", "{body}");
        assert!(body.contains("halted") && body.contains(&position.to_string()), "{body}");
    }
}

#[tokio::test]
async fn the_read_models_stand_at_a_poisoned_entry_and_commands_go_on() {
    let mut desk = Desk::start();
    let sender = desk.sender("desk").await;
    let case = sender.open_case().await;
    assert_eq!(doctor(&desk).await.0, Some(0), "{:?}", doctor(&desk).await.1);
    let poison = write_into_the_log(&desk, "docket.log.case.0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01", r#"{"v":9}"#).await;
    stands_at(&desk, poison, "9").await;
    let noted = sender.must(&Command::case("note", &json!({ "caseId": case, "text": "x" }))).await;
    assert_eq!(noted["position"], poison + 1);
    let other = sender.open_case().await;
    assert_eq!(sender.case(&other, None).await["case"]["status"], "new");
    let to_the_poisoned = json!({ "caseId": "0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01", "text": "x" });
    let failed = sender.send(&Command::case("note", &to_the_poisoned)).await;
    assert_eq!(
        (&failed["failed"]["code"], &failed["failed"]["retryable"]),
        (&json!("log_unreadable"), &json!(false)),
        "{failed}"
    );
    let sql = desk.sql().await;
    let early = sql.run(&format!("SELECT docket.await_position({}, interval '100 ms')", poison + 1)).await;
    assert!(early.unwrap_err().contains(&format!("at position {}", poison - 1)));
    assert_eq!(sql.value("SELECT count(*) FROM docket.cases").await, 1, "nothing behind the poison is applied");
    desk.kill();
    desk.start_again();
    stands_at(&desk, poison, "9").await;
    desk.sender("desk").await.must(&Command::case("note", &json!({ "caseId": case, "text": "y" }))).await;
    assert!(desk.stop().success(), "and it stops cleanly");
}

/// A desk with one case, and the bytes of its only entry.
async fn with_one_entry() -> (Desk, String, String) {
    let desk = Desk::start();
    let case = desk.sender("desk").await.open_case().await;
    let (_, entry): (_, AnyEntry) = entries(&desk.log().await).await.pop().unwrap();
    let payload = String::from_utf8(entry.encode().unwrap()).unwrap();
    (desk, case, payload)
}

#[tokio::test]
async fn an_entry_on_a_subject_that_is_not_its_own_is_poison_too() {
    let (desk, case, payload) = with_one_entry().await;
    let poison = write_into_the_log(&desk, "docket.log.case.0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d02", &payload).await;
    stands_at(&desk, poison, &case).await;
    desk.sender("desk").await.must(&Command::case("note", &json!({ "caseId": case, "text": "x" }))).await;
}

#[tokio::test]
async fn an_entry_that_somebody_wrote_a_second_time_is_poison_too() {
    let (desk, case, payload) = with_one_entry().await;
    let poison = write_into_the_log(&desk, &format!("docket.log.case.{case}"), &payload).await;
    let sender = desk.sender("desk").await;
    let note = sender.send(&Command::case("note", &json!({ "caseId": case, "text": "x" }))).await;
    assert_eq!(note["failed"]["code"], "log_unreadable", "nothing is built on a broken chain: {note}");
    let sql = desk.sql().await;
    eventually("the worker meets it, whatever else is written meanwhile", async || {
        sender.open_case().await;
        let halted = sql.value("SELECT halted_at FROM docket_private.checkpoint").await;
        (halted == poison).then_some(())
    })
    .await;
    stands_at(&desk, poison, "the case is at version 5").await;
}

#[tokio::test]
async fn a_poisoned_entry_is_told_though_no_other_comes_after_it() {
    let (desk, case, payload) = with_one_entry().await;
    let poison = write_into_the_log(&desk, &format!("docket.log.case.{case}"), &payload).await;
    stands_at(&desk, poison, "the case is at version 5").await;
}
