//! Agents who claim cases and are given them, on real engines.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{
    Command, Desk, SAMPLE_POLICY, Sender, Sql, accepted, entries, eventually, fresh, intake, refused,
};

fn presence(agent: &str, presence: &str) -> Command {
    let body = json!({ "agent": agent, "presence": presence }).to_string();
    Command::raw("agent", "presence", body).id(&fresh())
}

fn publish(document: &str) -> Command {
    Command::raw("policy", "publish", json!({ "document": document }).to_string()).id(&fresh())
}

fn claim(queue: &str, agent: &str) -> Command {
    Command::case("claim", &json!({ "queue": queue, "agent": agent }))
}

async fn open(desk: &Sender, impact: &str, urgency: &str) -> String {
    let mut body = intake("question");
    (body["impact"], body["urgency"]) = (json!(impact), json!(urgency));
    desk.must(&Command::case("intake", &body)).await["caseId"].as_str().expect("an id").to_owned()
}

async fn assignee(desk: &Sender, case: &str) -> Value {
    desk.case(case, None).await["case"]["assignee"].clone()
}

/// Waits until a case was offered to somebody, for the n-th time.
async fn offered(sql: &Sql, case: &str, times: usize) -> String {
    eventually("an offer", async || {
        let query = format!(
            "SELECT detail->>'agent' AS agent FROM docket.case_timeline
             WHERE case_id = '{case}' AND event = 'offered' ORDER BY version"
        );
        let rows = sql.rows(&query).await;
        rows.get(times - 1).and_then(|row| row["agent"].as_str()).map(str::to_owned)
    })
    .await
}

#[tokio::test]
async fn of_many_agents_who_claim_from_one_queue_each_gets_a_case_and_none_gets_one_twice() {
    const CASES: usize = 150;
    let desk = Desk::start();
    let sender = desk.sender("desk").await;
    let opened = futures::stream::iter(0..CASES).map(|_| sender.open_case()).buffer_unordered(32);
    let opened: BTreeSet<String> = opened.collect().await;
    // More agents than cases, all at once.
    let claims = futures::stream::iter(0..CASES + 20).map(|number| {
        let (sender, claim) =
            (sender.clone(), claim("frontline", &format!("agent {number}")).id(&format!("c-{number}")));
        async move { (number, sender.insist(&claim).await, sender.insist(&claim).await) }
    });
    let claims: Vec<(usize, Value, Value)> = claims.buffer_unordered(64).collect().await;
    let mut taken = BTreeMap::new();
    for (number, reply, again) in &claims {
        if let Some(case) = reply["accepted"]["caseId"].as_str() {
            assert_eq!(again["accepted"], reply["accepted"], "a claim that is sent again meets the same case");
            assert_eq!(again["repeated"], true);
            assert_eq!(taken.insert(case.to_owned(), *number), None, "nobody gets a case twice");
        } else {
            assert_eq!(refused(reply), ("queue_empty", Some("queue")));
        }
    }
    assert_eq!(taken.keys().cloned().collect::<BTreeSet<_>>(), opened, "nobody is starved while there are cases");
    let all = entries(&desk.log().await).await;
    let assigned = all.iter().flat_map(|(_, entry)| &entry.events).filter(|event| event.name() == "assigned").count();
    assert_eq!(assigned, CASES);
}

#[tokio::test]
async fn the_next_case_is_the_most_urgent_and_of_those_the_oldest() {
    let desk = Desk::start();
    let sender = desk.sender("desk").await;
    let first = open(&sender, "low", "low").await;
    let second = open(&sender, "low", "low").await;
    let urgent = open(&sender, "high", "high").await;
    for expected in [&urgent, &first, &second] {
        let accepted = sender.must(&claim("frontline", "ana")).await;
        assert_eq!(accepted["caseId"], expected.as_str());
        assert_eq!(assignee(&sender, expected).await, "ana");
    }
    assert_eq!(refused(&sender.send(&claim("frontline", "ana")).await), ("queue_empty", Some("queue")));
    assert_eq!(refused(&sender.send(&claim("nowhere", "ana")).await), ("unknown_value", Some("queue")));
    let nothing = Command::case("claim", &json!({ "agent": "ana" }));
    assert_eq!(refused(&sender.send(&nothing).await), ("bad_request", Some("queue")));
    // What is given back can be had again, by its name as well.
    sender.must(&Command::case("unassign", &json!({ "caseId": first }))).await;
    sender.must(&Command::case("claim", &json!({ "caseId": first, "agent": "ben" }))).await;
    assert_eq!(
        refused(&sender.send(&Command::case("claim", &json!({ "caseId": first, "agent": "ana" }))).await).0,
        "case_taken"
    );
    // A submission may claim, too.
    let third = open(&sender, "low", "low").await;
    sender.submit(&claim("frontline", "eve")).await;
    eventually("the submission is decided", async || (assignee(&sender, &third).await == "eve").then_some(())).await;
}

#[tokio::test]
async fn a_queue_offers_its_cases_to_those_who_are_online_one_after_the_other() {
    let desk = Desk::start();
    let (sender, sql) = (desk.sender("desk").await, desk.sql().await);
    let agents = "skills = [\"french\"]\n";
    let listed = "[agents.ana]\ncapacity = 2\n[agents.ben]\ncapacity = 1\n[agents.eve]\ncapacity = 9\n";
    let sample = std::fs::read_to_string(SAMPLE_POLICY).expect("the sample policy");
    assert!(sample.contains("channels = "));
    let document = sample.replacen("channels = ", &format!("{agents}channels = "), 1).replacen(
        "[queues.frontline]\n",
        &format!("{listed}[queues.frontline]\npush = true\noffer_seconds = 3600\n"),
        1,
    );
    desk.sender("admin").await.must(&publish(&document)).await;
    let case = sender.open_case().await;
    // Nobody is there; then two are, and one of them takes nothing new on.
    sender.must(&presence("eve", "busy")).await;
    sender.must(&presence("ana", "online")).await;
    assert_eq!(offered(&sql, &case, 1).await, "ana");
    assert_eq!(refused(&sender.send(&claim("frontline", "ben")).await), ("agent_offline", Some("agent")));
    sender.must(&presence("ben", "online")).await;
    assert_eq!(
        refused(&sender.send(&claim("frontline", "ben")).await),
        ("queue_empty", Some("queue")),
        "it is offered"
    );
    sender.must(&Command::case("declineOffer", &json!({ "caseId": case, "agent": "ana" }))).await;
    assert_eq!(offered(&sql, &case, 2).await, "ben");
    sender.must(&Command::case("acceptOffer", &json!({ "caseId": case, "agent": "ben" }))).await;
    assert_eq!(assignee(&sender, &case).await, "ben");
    // Ben is full, so the next is Ana's, and so is the one after it; the last waits until somebody has room.
    assert_eq!(refused(&sender.send(&claim("frontline", "ben")).await), ("agent_full", Some("agent")));
    let more = [sender.open_case().await, sender.open_case().await, sender.open_case().await];
    assert_eq!((offered(&sql, &more[0], 1).await, offered(&sql, &more[1], 1).await), ("ana".into(), "ana".into()));
    sender.must(&Command::case("resolve", &json!({ "caseId": case, "code": "solved", "steps": "Done." }))).await;
    assert_eq!(offered(&sql, &more[2], 1).await, "ben");
    let agents = sql.rows("SELECT agent, presence, cases FROM docket.agents ORDER BY agent").await;
    let expected = json!([
        { "agent": "ana", "presence": "online", "cases": 0 },
        { "agent": "ben", "presence": "online", "cases": 0 },
        { "agent": "eve", "presence": "busy", "cases": 0 },
    ]);
    assert_eq!(Value::from(agents), expected);
}

#[tokio::test]
async fn a_claim_whose_service_was_killed_meets_the_same_case() {
    // The policy, the intake, what the claim proposes; then the case is given.
    let mut desk = Desk::start_with(&[("FAILPOINTS", "command::before-append=3*off->panic")]);
    let sender = desk.sender("desk").await;
    let case = sender.open_case().await;
    let claim = claim("frontline", "ana").id("claim-1");
    let silence = tokio::time::timeout(std::time::Duration::from_secs(5), sender.insist(&claim)).await;
    assert!(silence.is_err(), "nobody lived to answer");
    desk.kill();
    desk.start_again();
    let sender = desk.sender("desk").await;
    // One that is more urgent has come meanwhile.
    open(&sender, "high", "high").await;
    assert_eq!(accepted(&sender.insist(&claim).await)["caseId"], case.as_str());
    assert_eq!(assignee(&sender, &case).await, "ana");
    let all = entries(&desk.log().await).await;
    let proposed = all.iter().flat_map(|(_, entry)| &entry.events).filter(|event| event.name() == "caseProposed");
    assert_eq!(proposed.count(), 1);
}

#[tokio::test]
async fn who_may_not_claim_is_told_nothing_of_the_queue() {
    let desk = Desk::shared();
    let auditor = desk.sender("admin").await;
    assert_eq!(refused(&auditor.send(&claim("frontline", "ana")).await).0, "forbidden");
    assert_eq!(refused(&auditor.send(&presence("ana", "online")).await).0, "forbidden");
    let back = claim("frontline", "ana").at("2026-01-01T00:00:00Z");
    assert_eq!(refused(&desk.sender("importer").await.send(&back).await), ("bad_request", Some("caseId")));
}

#[tokio::test]
async fn a_presence_that_is_said_again_changes_nothing() {
    let desk = Desk::shared().sender("desk").await;
    let agent = "Zoë the first".replace('ë', "e");
    let online = presence(&agent, "online").id("p-1");
    assert_eq!(desk.must(&online).await["version"], 1);
    assert_eq!(desk.send(&online).await["repeated"], true);
    assert_eq!(desk.must(&presence(&agent, "online")).await["version"], 1);
    assert_eq!(desk.must(&presence(&agent, "offline")).await["version"], 2);
    assert_eq!(refused(&desk.send(&presence(&agent, "busy").id("p-1")).await).0, "command_id_reused");
    let wrong = Command::raw("agent", "presence", r#"{"agent":"ana","presence":"away"}"#).id(&fresh());
    assert_eq!(refused(&desk.send(&wrong).await).0, "bad_request");
    let unknown = Command::raw("agent", "fire", r#"{"agent":"ana"}"#).id(&fresh());
    assert_eq!(refused(&desk.send(&unknown).await).0, "unknown_command");
}

#[tokio::test]
async fn a_customer_is_asked_once_in_a_while_on_whatever_case() {
    let desk = Desk::start();
    let sender = desk.sender("desk").await;
    let sample = std::fs::read_to_string(SAMPLE_POLICY).expect("the sample policy");
    let document = sample.replacen("[surveys.csat]\n", "[surveys.csat]\nsuppress_days = 30\n", 1);
    desk.sender("admin").await.must(&publish(&document)).await;
    let resolved = async |customer: &str| {
        let mut body = intake("question");
        body["customerId"] = json!(customer);
        let case = sender.must(&Command::case("intake", &body)).await["caseId"].as_str().expect("an id").to_owned();
        sender.must(&Command::case("resolve", &json!({ "caseId": case, "code": "solved", "steps": "Done." }))).await;
        case
    };
    let ask = |case: &str, survey: &str| Command::case("requestSurvey", &json!({ "caseId": case, "survey": survey }));
    // Of many cases that ask at once, one does.
    let mut cases = Vec::new();
    for _ in 0..8 {
        cases.push(resolved("C-1").await);
    }
    let asked =
        futures::future::join_all(cases.iter().map(|case| async { sender.send(&ask(case, "csat")).await })).await;
    let yes = asked.iter().filter(|reply| reply["accepted"].is_object()).count();
    assert_eq!(yes, 1, "{asked:?}");
    for no in asked.iter().filter(|reply| !reply["accepted"].is_object()) {
        assert_eq!(refused(no), ("survey_suppressed", Some("survey")));
    }
    // Another survey, and another customer, are another matter.
    sender.must(&ask(&cases[0], "nps")).await;
    let other = resolved("C-2").await;
    sender.must(&ask(&other, "csat")).await;
}
