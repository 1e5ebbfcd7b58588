//! When a command happened: now, or when a principal that may say so says so.

use serde_json::json;

use crate::support::{Command, Desk, fresh, intake, refused};

fn note(case: &str) -> Command {
    Command::case("note", &json!({ "caseId": case, "text": "x" }))
}

#[tokio::test]
async fn a_history_is_written_in_its_order_and_not_in_the_future() {
    let importer = Desk::shared().sender("importer").await;
    let opened = importer.must(&Command::case("intake", &intake("question")).at("2026-01-05T10:00:00Z")).await;
    let case = opened["caseId"].as_str().unwrap();
    assert_eq!(opened["version"], 4, "the routing rules are not for what happened long ago");
    importer.must(&note(case).at("2026-01-05T11:00:00+01:00")).await;
    let earlier = importer.send(&note(case).at("2026-01-05T09:59:59.999Z")).await;
    assert_eq!(refused(&earlier), ("out_of_order", Some("Docket-Occurred-At")));
    let future = importer.send(&note(case).at("2999-01-01T00:00:00Z")).await;
    assert_eq!(refused(&future), ("bad_request", Some("Docket-Occurred-At")));
    let state = &importer.case(case, None).await["case"];
    assert_eq!((&state["version"], &state["openedAt"]), (&json!(5), &json!("2026-01-05T10:00:00.000Z")));
}

#[tokio::test]
async fn a_case_closed_too_long_ago_does_not_come_back() {
    let desk = Desk::shared();
    let importer = desk.sender("importer").await;
    let case = fresh();
    let mut body = intake("question");
    body["caseId"] = case.clone().into();
    importer.must(&Command::case("intake", &body).at("2026-01-05T10:00:00Z")).await;
    let close = json!({ "caseId": case, "code": "withdrawn" });
    importer.must(&Command::case("close", &close).at("2026-01-05T11:00:00Z")).await;
    let reopen = Command::case("reopen", &json!({ "caseId": case, "reason": "It is back" }));
    let reply = desk.sender("desk").await.send(&reopen).await;
    assert_eq!(refused(&reply), ("reopen_window_passed", None));
    assert!(reply["rejected"]["message"].as_str().unwrap().contains(&format!("`followUpOf` {case}")), "{reply}");
}

#[tokio::test]
async fn a_live_command_first_brings_the_case_up_to_date() {
    let desk = Desk::shared();
    let importer = desk.sender("importer").await;
    let opened = importer.must(&Command::case("intake", &intake("question")).at("2026-01-05T10:00:00Z")).await;
    let case = opened["caseId"].as_str().unwrap();
    let noted = desk.sender("desk").await.must(&note(case)).await;
    assert_eq!(noted["version"], 9, "two warnings and two breaches come before the note");
    let clocks = importer.case(case, None).await["case"]["clocks"].clone();
    for clock in clocks.as_array().unwrap() {
        assert_eq!(clock["breachedAt"], clock["dueAt"], "a breach is dated at its deadline");
    }
}

#[tokio::test]
async fn a_tick_that_finds_nothing_writes_nothing() {
    let importer = Desk::shared().sender("importer").await;
    let opened = importer.must(&Command::case("intake", &intake("question"))).await;
    let tick = Command::case("tick", &json!({ "caseId": opened["caseId"] }));
    assert_eq!(importer.must(&tick).await, opened, "position and version are still those of the intake");
}
