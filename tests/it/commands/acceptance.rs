//! What a command that is accepted gets back, and what it leaves in the log.

use docket_eventlog::{EventLog as _, Subject};
use docket_messages::AnyEntry;
use serde_json::json;

use crate::support::{Command, Desk, Printed, accepted, fresh, intake, refused};

#[tokio::test]
async fn an_accepted_command_tells_case_version_and_position_and_nothing_else() {
    let desk = Desk::shared().sender("desk").await;
    let case = fresh();
    let mut body = intake("question");
    body["caseId"] = case.clone().into();
    let reply = desk.send(&Command::case("intake", &body)).await;
    let position = accepted(&reply)["position"].as_u64().unwrap();
    assert!(position > 0);
    assert_eq!(reply, json!({ "accepted": { "caseId": case, "version": 5, "position": position } }));
    let note = desk.send(&Command::case("note", &json!({ "caseId": case, "text": "Seen" }))).await;
    assert_eq!(accepted(&note)["version"], 6);
    assert!(accepted(&note)["position"].as_u64().unwrap() > position);
}

#[tokio::test]
async fn an_intake_without_a_case_id_meets_the_same_case_when_it_is_retried() {
    let desk = Desk::shared().sender("desk").await;
    let command = Command::case("intake", &intake("question"));
    let first = desk.send(&command).await;
    let again = desk.send(&command).await;
    assert_eq!(again, json!({ "accepted": first["accepted"], "repeated": true }));
    let other = Desk::shared().sender("webshop").await.send(&command).await;
    assert_ne!(
        accepted(&other)["caseId"],
        accepted(&first)["caseId"],
        "the same id of somebody else is another command"
    );
}

#[tokio::test]
async fn an_entry_tells_who_asked_for_whom_under_which_policy_and_what_followed() {
    let desk = Desk::shared();
    let sender = desk.sender("desk").await;
    let command = Command::case("intake", &intake("question")).header("Docket-On-Behalf-Of", "ana");
    let command = command.header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let accepted = sender.must(&command).await;
    let case = accepted["caseId"].as_str().unwrap();
    sender.must(&Command::case("note", &json!({ "caseId": case, "text": "Seen" }))).await;
    let log = desk.log().await;
    let recorded = log.read_subject(&Subject::Case(case.parse().unwrap()), None).await.unwrap();
    let entry = AnyEntry::decode(&recorded[0].payload).unwrap();
    assert_eq!(recorded[0].position.get(), accepted["position"]);
    assert_eq!(Some(entry.id.as_str()), command.own_id());
    assert_eq!((entry.verb.as_str(), entry.of.as_str(), entry.by.as_str()), ("intake", case, "desk"));
    assert_eq!(entry.on_behalf_of.as_ref().map(docket_messages::OnBehalfOf::as_str), Some("ana"));
    let events: Vec<&str> = entry.events.iter().map(docket_messages::Event::name).collect();
    assert_eq!(events, ["opened", "classified", "routed", "clockStarted", "clockStarted"]);
    assert!(entry.prev.is_none() && AnyEntry::decode(&recorded[1].payload).unwrap().prev.is_some());
    assert!(entry.wake_at.is_some(), "a live case with clocks wants to be woken");
}

#[tokio::test]
async fn a_command_that_changes_nothing_is_accepted_and_remembered() {
    let desk = Desk::shared().sender("desk").await;
    let case = desk.open_case().await;
    let assign = json!({ "caseId": case, "agent": "ana" });
    let first = desk.must(&Command::case("assign", &assign)).await;
    let nothing = Command::case("assign", &assign);
    let second = desk.must(&nothing).await;
    assert_eq!(second["version"], first["version"]);
    assert!(second["position"].as_u64() > first["position"].as_u64(), "its entry is in the log, without events");
    assert_eq!(desk.send(&nothing).await["repeated"], true);
}

#[tokio::test]
async fn a_whole_life_is_accepted_step_by_step() {
    let desk = Desk::shared().sender("desk").await;
    let case = desk.open_case().await;
    let steps = [
        ("assign", json!({ "agent": "ana", "queue": "technical" })),
        ("respond", json!({ "text": "We are looking at it." })),
        ("pend", json!({ "reason": "awaiting_customer", "until": "2030-01-01T00:00:00Z" })),
        ("receive", json!({ "text": "Here it is.", "channel": "email" })),
        ("unassign", json!({ "reason": "Shift is over" })),
        ("assign", json!({ "agent": "bob" })),
        (
            "classify",
            json!({ "category": "product", "subcategory": "defect", "fields": { "amount": 12.5, "vip": true } }),
        ),
        ("route", json!({ "queue": "frontline", "reason": "Not technical" })),
        ("escalate", json!({ "reason": "No progress", "level": 2 })),
        ("pend", json!({ "reason": "awaiting_vendor" })),
        ("resume", json!({})),
        ("note", json!({ "text": "Vendor called" })),
        ("resolve", json!({ "code": "solved", "steps": "Replaced it", "articleId": "KB-1" })),
        ("receive", json!({ "text": "Thanks", "ack": true })),
        ("reopen", json!({ "reason": "It is back" })),
        ("resolve", json!({ "code": "workaround", "steps": "Restarted it" })),
        ("requestSurvey", json!({ "survey": "csat" })),
        ("answerSurvey", json!({ "survey": "csat", "score": 5, "comment": "Good" })),
        ("close", json!({ "code": "completed", "comment": "Done" })),
        ("note", json!({ "text": "Filed" })),
    ];
    for (verb, mut body) in steps {
        body["caseId"] = case.clone().into();
        let reply = desk.send(&Command::case(verb, &body)).await;
        assert!(reply["accepted"].is_object(), "{verb}: {reply}");
    }
    let state = &desk.case(&case, None).await["case"];
    assert_eq!((&state["status"], &state["closureCode"]), (&json!("closed"), &json!("completed")), "{state}");
}

#[tokio::test]
async fn the_service_answers_to_discovery() {
    let desk = Desk::shared().sender("desk").await;
    let pong = desk.client.request("$SRV.PING.docket", Vec::new().into()).await.unwrap();
    let pong: serde_json::Value = serde_json::from_slice(&pong.payload).unwrap();
    assert_eq!((&pong["name"], &pong["type"]), (&json!("docket"), &json!("io.nats.micro.v1.ping_response")), "{pong}");
    let info = desk.client.request("$SRV.INFO.docket", Vec::new().into()).await.unwrap();
    let info: serde_json::Value = serde_json::from_slice(&info.payload).unwrap();
    let endpoints = info["endpoints"].as_array().unwrap();
    assert!(endpoints.iter().any(|e| e["subject"] == "docket.cmd.>" && e["queue_group"] == "docket"), "{info}");
}

#[tokio::test]
async fn the_command_line_sends_the_same_commands() {
    let cli = Desk::shared().cli();
    let body = intake("question").to_string();
    let id = fresh();
    let send = async || -> Printed {
        cli.run(&["send", "case", "intake", &body, "--as", "desk", "--on-behalf-of", "ana", "--id", &id])
            .await
            .succeeded()
    };
    let (first, second) = (send().await.json(), send().await.json());
    assert_eq!(accepted(&first)["version"], 5);
    assert_eq!(second, json!({ "accepted": first["accepted"], "repeated": true }));
}

#[tokio::test]
async fn headers_of_docket_are_known_in_any_case_and_no_other_is_taken_in() {
    let sender = Desk::shared().sender("desk").await;
    let command = || Command::raw("case", "intake", intake("question").to_string());
    let id = fresh();
    let first = sender.must(&command().header("docket-command-id", &id).header("DOCKET-ON-BEHALF-OF", "ana")).await;
    let again = sender.send(&command().id(&id)).await;
    assert_eq!((&again["accepted"], &again["repeated"]), (&first, &json!(true)));
    let unknown = sender.send(&command().id(&fresh()).header("docket-occured-at", "2026-01-05T10:00:00Z")).await;
    assert_eq!(refused(&unknown), ("bad_request", Some("docket-occured-at")));
    assert!(unknown["rejected"]["message"].as_str().unwrap().contains("`Docket-Occurred-At`"), "{unknown}");
}
