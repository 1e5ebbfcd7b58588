//! A service that is killed when the log has an entry and nobody was told: whoever sends the command again is answered by
//! that entry. Cases and claims have such tests beside their own; here are the other kinds of aggregate.

use serde_json::json;

use crate::support::{Command, Desk, SAMPLE_POLICY, accepted, entries, fresh, intake};

/// Sends `before`, of which all appends succeed; then `command`, whose first append is the last thing that the service
/// does. Returns how many entries of the kind there are when the command was sent again and answered, and whether that
/// was a repetition.
async fn killed_at(appends: usize, before: &[(&str, Command)], command: (&str, Command), kind: &str) -> (usize, bool) {
    let failpoint = format!("command::after-append={appends}*off->panic");
    let mut desk = Desk::start_with(&[("FAILPOINTS", failpoint.as_str())]);
    for (principal, command) in before {
        desk.sender(principal).await.must(command).await;
    }
    let (principal, command) = command;
    let sender = desk.sender(principal).await;
    let silence = tokio::time::timeout(std::time::Duration::from_secs(5), sender.try_send(&command)).await;
    assert!(silence.is_err() || silence.is_ok_and(|reply| reply.is_err()), "nobody lived to answer");
    desk.kill();
    desk.start_again();
    let reply = desk.sender(principal).await.insist(&command).await;
    accepted(&reply);
    let all = entries(&desk.log().await).await;
    let of_kind = all.iter().filter(|(_, entry)| entry.kind.as_str() == kind).count();
    (of_kind, reply["repeated"] == true)
}

#[tokio::test]
async fn a_policy_that_was_published_by_a_service_that_was_killed_is_published_once() {
    let sample = std::fs::read_to_string(SAMPLE_POLICY).expect("the sample policy");
    let body = json!({ "document": format!("{sample}# The second.\n") }).to_string();
    let publish = Command::raw("policy", "publish", body).id(&fresh());
    // The first policy is the desk's own.
    assert_eq!(killed_at(1, &[], ("admin", publish), "policy").await, (2, true));
}

#[tokio::test]
async fn a_presence_that_was_set_by_a_service_that_was_killed_is_set_once() {
    let online = Command::raw("agent", "presence", json!({ "agent": "ana", "presence": "online" }).to_string());
    assert_eq!(killed_at(1, &[], ("desk", online.id(&fresh())), "agent").await, (1, true));
}

#[tokio::test]
async fn a_customer_whose_survey_was_reserved_by_a_service_that_was_killed_is_asked_once() {
    let sample = std::fs::read_to_string(SAMPLE_POLICY).expect("the sample policy");
    let peace = sample.replacen("[surveys.csat]\n", "[surveys.csat]\nsuppress_days = 30\n", 1);
    let publish = Command::raw("policy", "publish", json!({ "document": peace }).to_string()).id(&fresh());
    let (case, mut body) = (fresh(), intake("question"));
    (body["caseId"], body["customerId"]) = (json!(case), json!("C-1"));
    let resolve = json!({ "caseId": case, "code": "solved", "steps": "Done." });
    let before =
        [("admin", publish), ("desk", Command::case("intake", &body)), ("desk", Command::case("resolve", &resolve))];
    let ask = Command::case("requestSurvey", &json!({ "caseId": case, "survey": "csat" }));
    // The customer's entry was there, and the case's was not; so this is the command's first answer.
    assert_eq!(killed_at(4, &before, ("desk", ask), "customer").await, (1, false));
}
