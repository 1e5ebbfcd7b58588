//! `case.get`: one case, now or then, folded from the log.

use serde_json::{Value, json};

use crate::support::{Command, Desk, SAMPLE_POLICY, Sender, fresh, intake, refused};

/// A case of the past in three steps; their positions.
async fn three_steps(importer: &Sender) -> (String, Vec<u64>) {
    let case = fresh();
    let mut body = intake("incident");
    body["caseId"] = case.clone().into();
    let commands = [
        Command::case("intake", &body).at("2026-01-05T10:00:00Z"),
        Command::case("assign", &json!({ "caseId": case, "agent": "ana", "queue": "technical" }))
            .at("2026-01-05T10:30:00Z"),
        Command::case("resolve", &json!({ "caseId": case, "code": "solved", "steps": "x" })).at("2026-01-05T12:00:00Z"),
    ];
    let mut positions = Vec::new();
    for command in &commands {
        positions.push(importer.must(command).await["position"].as_u64().unwrap());
    }
    (case, positions)
}

#[tokio::test]
async fn a_case_is_told_now_as_of_a_position_and_as_of_a_time() {
    let desk = Desk::shared();
    let importer = desk.sender("importer").await;
    let (case, positions) = three_steps(&importer).await;
    let moments: [(Option<Value>, &str, u64); 9] = [
        (None, "resolved", positions[2]),
        (Some(positions[2].into()), "resolved", positions[2]),
        (Some((positions[2] - 1).into()), "open", positions[1]),
        (Some(positions[0].into()), "new", positions[0]),
        (Some(positions[1].to_string().into()), "open", positions[1]),
        (Some(json!(1_000_000_000)), "resolved", positions[2]),
        (Some("2026-01-05T12:00:00Z".into()), "resolved", positions[2]),
        (Some("2026-01-05T11:59:59.999Z".into()), "open", positions[1]),
        (Some("2026-01-05T11:00:00+01:00".into()), "new", positions[0]),
    ];
    for (as_of, status, position) in moments {
        let reply = importer.case(&case, as_of.clone()).await;
        let state = &reply["case"];
        assert_eq!((&state["status"], &state["position"]), (&json!(status), &json!(position)), "{as_of:?}: {reply}");
        let mut show = vec!["case".to_owned(), "show".to_owned(), case.clone(), "--json".to_owned()];
        if let Some(as_of) = &as_of {
            show.extend(["--as-of".to_owned(), as_of.as_str().map_or_else(|| as_of.to_string(), str::to_owned)]);
        }
        let show: Vec<&str> = show.iter().map(String::as_str).collect();
        assert_eq!(desk.cli().run(&show).await.succeeded().json(), *state, "{as_of:?}");
    }
}

#[tokio::test]
async fn a_deadline_that_has_passed_is_told_though_nobody_has_recorded_it() {
    let importer = Desk::shared().sender("importer").await;
    let body = intake("question");
    let opened = importer.must(&Command::case("intake", &body).at("2026-01-05T10:00:00Z")).await;
    let case = opened["caseId"].as_str().unwrap();
    let now = importer.case(case, None).await["case"].clone();
    assert_eq!((&now["version"], &now["position"]), (&opened["version"], &opened["position"]));
    assert_eq!(now["clocks"][0]["breachedAt"], now["clocks"][0]["dueAt"]);
    let then = importer.case(case, Some("2026-01-05T10:00:01Z".into())).await["case"].clone();
    assert_eq!(then["clocks"][0].get("breachedAt"), None, "{then}");
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_says_why() {
    let desk = Desk::shared();
    let importer = desk.sender("importer").await;
    let (case, positions) = three_steps(&importer).await;
    let nobody = importer.case(&fresh(), None).await;
    assert_eq!(refused(&nobody), ("case_not_found", Some("caseId")));
    let too_early = importer.case(&case, Some((positions[0] - 1).into())).await;
    assert_eq!(refused(&too_early), ("case_not_found", Some("caseId")));
    let long_ago = importer.case(&case, Some("2026-01-05T09:59:59Z".into())).await;
    assert_eq!(refused(&long_ago), ("case_not_found", Some("caseId")));
    let stranger = desk.sender("stranger").await.case(&case, None).await;
    assert_eq!(refused(&stranger), ("forbidden", None));
    assert_eq!(desk.sender("auditor").await.case(&case, None).await["case"]["status"], "resolved");
    for (query, body, code) in [
        ("case.get", "{".to_owned(), "bad_request"),
        ("case.get", json!({ "caseId": case, "asof": 1 }).to_string(), "bad_request"),
        ("case.get", json!({ "caseId": case, "asOf": "noon" }).to_string(), "bad_request"),
        ("case.list", "{}".to_owned(), "unknown_command"),
        ("policy.list", "{}".to_owned(), "unknown_command"),
        ("policy.get", r#"{"version":1}"#.to_owned(), "bad_request"),
    ] {
        assert_eq!(refused(&importer.ask(query, body.clone()).await).0, code, "{query} {body}");
    }
}

#[tokio::test]
async fn whoever_may_publish_a_policy_is_told_the_one_in_force() {
    let desk = Desk::start();
    let sample = include_str!("../../policies/sample.toml");
    for principal in ["importer", "admin"] {
        let told = desk.sender(principal).await.ask("policy.get", "{}".to_owned()).await;
        assert_eq!(told, json!({ "policy": { "version": 1, "document": sample } }), "{principal}");
    }
    for principal in ["webshop", "desk", "stranger"] {
        let refusal = desk.sender(principal).await.ask("policy.get", "{}".to_owned()).await;
        assert_eq!(refused(&refusal), ("forbidden", None), "{principal}");
    }
    desk.cli().run(&["policy", "publish", SAMPLE_POLICY]).await.succeeded();
    let told = desk.sender("admin").await.ask("policy.get", "{}".to_owned()).await;
    assert_eq!(told["policy"]["version"], 2, "{told}");
}
