//! A command id is remembered for ever: in the case itself, not in a window, and not in a process.

use serde_json::json;

use crate::support::{Command, PrivateNats, intake, refused};

#[tokio::test]
async fn a_repeated_command_gets_its_first_answer_even_after_the_service_was_replaced() {
    let (nats, mut service) = PrivateNats::serving().await;
    let desk = nats.sender("desk").await;
    let opening = Command::case("intake", &intake("question"));
    let opened = desk.send(&opening).await;
    let case = opened["accepted"]["caseId"].clone();
    let assign = Command::case("assign", &json!({ "caseId": case, "agent": "ana" }));
    let assigned = desk.send(&assign).await;
    desk.must(&Command::case("assign", &json!({ "caseId": case, "agent": "bob" }))).await;
    for round in ["at once", "after a restart", "after a crash"] {
        match round {
            "after a restart" => service.restart(),
            "after a crash" => service.kill_and_restart(),
            _ => {}
        }
        for (command, first) in [(&opening, &opened), (&assign, &assigned)] {
            let again = desk.insist(command).await;
            assert_eq!(again, json!({ "accepted": first["accepted"], "repeated": true }), "{round}");
        }
        let other_body =
            Command::case("assign", &json!({ "caseId": case, "agent": "eve" })).id(assign.own_id().unwrap());
        assert_eq!(refused(&desk.send(&other_body).await).0, "command_id_reused", "{round}");
        let other_verb = Command::case("note", &json!({ "caseId": case, "text": "x" })).id(assign.own_id().unwrap());
        assert_eq!(refused(&desk.send(&other_verb).await).0, "command_id_reused", "{round}");
    }
    let state = desk.case(case.as_str().unwrap(), None).await;
    assert_eq!((&state["case"]["assignee"], &state["case"]["version"]), (&json!("bob"), &json!(7)), "{state}");
    drop(service);
    nats.stop().await;
}

#[tokio::test]
async fn a_rejected_command_is_not_remembered() {
    let desk = crate::support::Desk::shared().sender("desk").await;
    let case = desk.open_case().await;
    let wrong = Command::case("route", &json!({ "caseId": case, "queue": "attic" }));
    assert_eq!(refused(&desk.send(&wrong).await).0, "unknown_value");
    let right = Command::case("route", &json!({ "caseId": case, "queue": "billing" })).id(wrong.own_id().unwrap());
    let reply = desk.send(&right).await;
    assert!(reply["accepted"].is_object() && reply.get("repeated").is_none(), "{reply}");
}
