//! Every rejection with its code and path. None of them leaves anything in the log.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{Command, Desk, Sender, entries, fresh, intake, refused};

/// What a command is refused with: its code, its path, and a part of its message.
type Refusal = (&'static str, Option<&'static str>, &'static str);

/// Sends each and compares the refusal; then looks for all of them in the log.
async fn check(principal: &str, table: Vec<(Command, Refusal)>) {
    let desk = Desk::shared();
    let sender = desk.sender(principal).await;
    for (command, (code, path, message)) in &table {
        let reply = sender.send(command).await;
        assert_eq!(refused(&reply), (*code, *path), "{command:?}: {reply}");
        let said = reply["rejected"]["message"].as_str().unwrap();
        assert!(said.contains(message), "{command:?}: {said}");
    }
    let refused: HashSet<&str> = table.iter().filter_map(|(command, _)| command.own_id()).collect();
    for (position, entry) in entries(&desk.log().await).await {
        assert!(!refused.contains(entry.id.as_str()), "a rejected command is in the log at {position}");
    }
}

fn with(case: &str, mut body: Value) -> Value {
    body["caseId"] = case.into();
    body
}

fn changed(field: &str, value: Value) -> Value {
    let mut body = intake("question");
    body[field] = value;
    body
}

fn raw(verb: &str, body: impl Into<Vec<u8>>) -> Command {
    Command::raw("case", verb, body).id(&fresh())
}

#[tokio::test]
async fn a_body_or_header_that_is_not_as_promised_is_a_bad_request() {
    let case = Desk::shared().sender("desk").await.open_case().await;
    let unknown = with(&case, json!({ "raeson": "awaiting_customer" }));
    let mut missing = intake("question");
    missing.as_object_mut().unwrap().remove("subject");
    let table = vec![
        (raw("intake", "{"), ("bad_request", None, "JSON")),
        (raw("intake", ""), ("bad_request", None, "JSON")),
        (raw("intake", "[]"), ("bad_request", None, "")),
        (raw("tick", b"{\"caseId\":\"\xff\xfe\"}".to_vec()), ("bad_request", Some("caseId"), "")),
        (Command::case("pend", &unknown), ("bad_request", Some("raeson"), "did you mean `reason`?")),
        (Command::case("intake", &missing), ("bad_request", Some("subject"), "missing")),
        (Command::case("intake", &changed("subject", json!("  "))), ("bad_request", Some("subject"), "empty")),
        (Command::case("intake", &changed("subject", json!("x".repeat(501)))), ("bad_request", Some("subject"), "500")),
        (Command::case("intake", &changed("subject", json!("a\u{0}b"))), ("bad_request", Some("subject"), "U+0000")),
        (
            Command::case("intake", &changed("customerId", json!("a@b.example"))),
            ("bad_request", Some("customerId"), ""),
        ),
        (Command::case("intake", &changed("caseId", json!("17"))), ("bad_request", Some("caseId"), "UUID")),
        (
            Command::case("intake", &changed("subcategory", json!("usage"))),
            ("bad_request", Some("subcategory"), "category"),
        ),
        (
            Command::case("intake", &changed("fields", json!({ "vip": "yes" }))),
            ("bad_request", Some("fields.vip"), "true or false"),
        ),
        (Command::case("note", &with(&case, json!({ "text": 5 }))), ("bad_request", Some("text"), "")),
        (
            Command::case(
                "pend",
                &with(&case, json!({ "reason": "awaiting_vendor", "until": "2020-01-01T00:00:00Z" })),
            ),
            ("bad_request", Some("until"), ""),
        ),
        (
            Command::case("escalate", &with(&case, json!({ "reason": "x", "level": 10 }))),
            ("bad_request", Some("level"), "9"),
        ),
        (
            Command::case("note", &with(&case, json!({ "text": "x" }))).id("not a token"),
            ("bad_request", Some("Docket-Command-Id"), ""),
        ),
        (
            Command::case("note", &with(&case, json!({ "text": "x" }))).id(&"x".repeat(65)),
            ("bad_request", Some("Docket-Command-Id"), "64"),
        ),
        (
            Command::case("note", &with(&case, json!({ "text": "x" }))).header("Docket-Expect-Version", "-1"),
            ("bad_request", Some("Docket-Expect-Version"), ""),
        ),
        (
            Command::case("note", &with(&case, json!({ "text": "x" }))).header("Docket-Occurred-At", "yesterday"),
            ("bad_request", Some("Docket-Occurred-At"), ""),
        ),
        (
            Command::case("note", &with(&case, json!({ "text": "x" }))).header("Docket-On-Behalf-Of", "a@b.example"),
            ("bad_request", Some("Docket-On-Behalf-Of"), ""),
        ),
    ];
    check("desk", table).await;
}

#[tokio::test]
async fn a_command_without_an_id_or_to_nothing_that_there_is_is_refused() {
    let body = intake("question").to_string();
    let unknown = |kind: &str, verb: &str| Command::raw(kind, verb, body.clone()).id(&fresh());
    let mut table = vec![
        (
            Command::raw("case", "intake", body.clone()),
            ("missing_command_id", Some("Docket-Command-Id"), "Docket-Command-Id"),
        ),
        (unknown("ticket", "intake"), ("unknown_command", None, "case")),
        (unknown("case", "telepathise"), ("unknown_command", None, "intake")),
        (unknown("policy", "withdraw"), ("unknown_command", None, "policy.publish")),
        (unknown("case", "intake.twice"), ("unknown_command", None, "")),
    ];
    for later in ["unlink", "seal", "transfer"] {
        table.push((unknown("case", later), ("unknown_command", None, "")));
    }
    check("desk", table).await;
}

#[tokio::test]
async fn a_word_that_the_policy_does_not_list_is_refused_with_those_that_it_does() {
    let desk = Desk::shared().sender("desk").await;
    let case = desk.open_case().await;
    let intake = |field: &str, value: Value| Command::case("intake", &changed(field, value));
    let to = |verb: &str, body: Value| Command::case(verb, &with(&case, body));
    let table = vec![
        (intake("type", json!("riddle")), ("unknown_value", Some("type"), "`incident`")),
        (intake("channel", json!("pigeon")), ("unknown_value", Some("channel"), "`email`")),
        (intake("impact", json!("huge")), ("unknown_value", Some("impact"), "`high`")),
        (intake("urgency", json!("huge")), ("unknown_value", Some("urgency"), "`high`")),
        (intake("category", json!("weather")), ("unknown_value", Some("category"), "`billing`")),
        (intake("tier", json!("lead")), ("unknown_value", Some("tier"), "`gold`")),
        (intake("fields", json!({ "shoeSize": 43 })), ("unknown_value", Some("fields.shoeSize"), "`orderNumber`")),
        (intake("fields", json!({ "severity": "huge" })), ("unknown_value", Some("fields.severity"), "`major`")),
        (to("route", json!({ "queue": "attic" })), ("unknown_value", Some("queue"), "`frontline`")),
        (to("assign", json!({ "agent": "ana", "queue": "attic" })), ("unknown_value", Some("queue"), "`frontline`")),
        (to("pend", json!({ "reason": "siesta" })), ("unknown_value", Some("reason"), "`awaiting_vendor`")),
        (to("resolve", json!({ "code": "magic", "steps": "x" })), ("unknown_value", Some("code"), "`workaround`")),
        (to("close", json!({ "code": "magic" })), ("unknown_value", Some("code"), "`withdrawn`")),
        (
            to("classify", json!({ "category": "billing", "subcategory": "usage" })),
            ("unknown_value", Some("subcategory"), "`invoice`"),
        ),
    ];
    check("desk", table).await;
}

#[tokio::test]
async fn what_the_state_of_the_case_forbids_is_refused() {
    let desk = Desk::shared().sender("desk").await;
    let (new, solved, cancelled) = (desk.open_case().await, solved(&desk).await, desk.open_case().await);
    desk.must(&Command::case("cancel", &with(&cancelled, json!({ "reason": "Spam" })))).await;
    desk.must(&Command::case("requestSurvey", &with(&solved, json!({ "survey": "nps" })))).await;
    desk.must(&Command::case("answerSurvey", &with(&solved, json!({ "survey": "nps", "score": 0 })))).await;
    let mut complaint = intake("complaint");
    complaint["caseId"] = fresh().into();
    desk.must(&Command::case("intake", &complaint)).await;
    let complaint = complaint["caseId"].as_str().unwrap();
    let solve = json!({ "code": "solved", "steps": "Said sorry" });
    let to = |verb: &str, case: &str, body: Value| Command::case(verb, &with(case, body));
    let note = to("note", &new, json!({ "text": "x" }));
    let table = vec![
        (to("note", &fresh(), json!({ "text": "x" })), ("case_not_found", Some("caseId"), "")),
        (to("intake", &new, intake("question")), ("case_exists", Some("caseId"), "")),
        (to("close", &new, json!({ "code": "completed" })), ("wrong_status", None, "`new`")),
        (to("reopen", &new, json!({ "reason": "x" })), ("wrong_status", None, "`new`")),
        (to("assign", &solved, json!({ "agent": "ana" })), ("wrong_status", None, "`resolved`")),
        (to("respond", &cancelled, json!({ "text": "x" })), ("wrong_status", None, "`cancelled`")),
        (to("receive", &cancelled, json!({ "text": "x" })), ("wrong_status", None, "`cancelled`")),
        (
            Command::case("intake", &intake("refund")),
            ("required_field_missing", Some("fields.orderNumber"), "`refund` needs `orderNumber`"),
        ),
        (to("resolve", complaint, solve), ("required_field_missing", Some("category"), "to be resolved")),
        (
            note.clone().header("Docket-Expect-Version", "1"),
            ("version_conflict", Some("Docket-Expect-Version"), "version 5"),
        ),
        (
            to("answerSurvey", &solved, json!({ "survey": "csat", "score": 5 })),
            ("survey_not_requested", Some("survey"), ""),
        ),
        (to("answerSurvey", &solved, json!({ "survey": "nps", "score": 9 })), ("survey_closed", Some("survey"), "")),
        (
            to("answerSurvey", &solved, json!({ "survey": "csat", "score": 6 })),
            ("bad_request", Some("score"), "1 to 5"),
        ),
    ];
    check("desk", table).await;
    let expected = desk.send(&note.header("Docket-Expect-Version", "5")).await;
    assert_eq!(expected["accepted"]["version"], 6);
}

async fn solved(desk: &Sender) -> String {
    let case = desk.open_case().await;
    desk.must(&Command::case("resolve", &with(&case, json!({ "code": "solved", "steps": "x" })))).await;
    case
}

#[tokio::test]
async fn what_is_not_granted_is_forbidden() {
    let case = Desk::shared().sender("desk").await.open_case().await;
    let note = || Command::case("note", &with(&case, json!({ "text": "x" })));
    let publish = || Command::raw("policy", "publish", r#"{"document":""}"#).id(&fresh());
    let behalf = note().header("Docket-On-Behalf-Of", "ana");
    check("stranger", vec![(note(), ("forbidden", None, "`stranger` `case.note`"))]).await;
    check("auditor", vec![(note(), ("forbidden", None, "`case.note`"))]).await;
    check(
        "webshop",
        vec![
            (behalf, ("forbidden", None, "`delegate`")),
            (note().at("2026-01-01T00:00:00Z"), ("forbidden", None, "`backdate`")),
            (Command::case("tick", &with(&case, json!({}))), ("forbidden", None, "`backdate`")),
            (publish(), ("forbidden", None, "`policy.publish`")),
        ],
    )
    .await;
    let document = json!({ "document": "name = \"Desk\"\nchannels = [\"email\"]\ntelepathy = true\n" }).to_string();
    let invalid = Command::raw("policy", "publish", document).id(&fresh());
    check("admin", vec![(invalid, ("invalid_policy", Some("document"), "3"))]).await;
}
