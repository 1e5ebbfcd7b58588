//! Parents and what they pass on, and parts that go on by themselves.

use docket_messages::{CaseEvent, Event, IntakeEvent};
use futures::StreamExt as _;
use serde_json::{Value, json};

use crate::support::{Command, Desk, Sender, Sql, accepted, entries, eventually, fresh, intake, refused, verify};

/// Cases of one disturbance.
const CHILDREN: usize = 400;
const AT_ONCE: usize = 64;

fn case(verb: &str, case: &str, more: &Value) -> Command {
    let mut body = json!({ "caseId": case });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    Command::case(verb, &body)
}

/// Opens children of a parent.
async fn open_children(desk: &Sender, parent: &str, count: usize) -> Vec<String> {
    let opened = futures::stream::iter(0..count).map(|_| async {
        let mut body = intake("incident");
        body["parentId"] = json!(parent);
        let accepted = desk.must(&Command::case("intake", &body)).await;
        accepted["caseId"].as_str().expect("an id").to_owned()
    });
    opened.buffer_unordered(AT_ONCE).collect().await
}

/// Waits until everything that a parent has begun to pass on has been passed on, and the read models know it.
async fn passed_on(sql: &Sql, parent: &str, times: usize) -> Vec<Value> {
    eventually("the children have been told", async || {
        let query = format!(
            "SELECT detail FROM docket.case_timeline WHERE case_id = '{parent}' AND event = 'passedOn' ORDER BY version"
        );
        let rows = sql.rows(&query).await;
        (rows.len() >= times).then_some(rows)
    })
    .await
}

async fn count(sql: &Sql, condition: &str) -> Value {
    sql.value(&format!("SELECT count(*) FROM docket.cases WHERE {condition}")).await
}

#[tokio::test]
async fn a_parent_passes_on_to_hundreds_of_children_what_happens_to_it() {
    let desk = Desk::start();
    let (sender, sql) = (desk.sender("desk").await, desk.sql().await);
    let parent = sender.open_case().await;
    let children = open_children(&sender, &parent, CHILDREN).await;
    // Two are over before the parent is accepted, and one comes too late to hear of the first answer.
    sender.must(&case("resolve", &children[0], &json!({ "code": "solved", "steps": "By itself." }))).await;
    sender.must(&case("cancel", &children[1], &json!({ "reason": "Spam." }))).await;
    sender.must(&case("respond", &parent, &json!({ "text": "Nobody hears of this." }))).await;
    sender.must(&case("acceptParent", &parent, &json!({}))).await;
    sender.must(&case("respond", &parent, &json!({ "text": "We are looking into it." }))).await;
    let told = passed_on(&sql, &parent, 1).await;
    assert_eq!((&told[0]["detail"]["taken"], &told[0]["detail"]["refused"]), (&json!(CHILDREN - 2), &json!(2)));
    let late = open_children(&sender, &parent, 1).await;
    sender.must(&case("classify", &parent, &json!({ "impact": "high", "urgency": "high" }))).await;
    sender.must(&case("resolve", &parent, &json!({ "code": "workaround", "steps": "Restarted the exchange." }))).await;
    let told = passed_on(&sql, &parent, 3).await;
    assert_eq!(told[2]["detail"]["taken"], CHILDREN - 1);
    let of_parent = format!("parent_id = '{parent}'");
    let answered = format!("{of_parent} AND first_response_at IS NOT NULL");
    assert_eq!(count(&sql, &answered).await, CHILDREN - 2);
    let solved = format!("{of_parent} AND priority = 'critical' AND resolution_code = 'workaround'");
    assert_eq!(count(&sql, &solved).await, CHILDREN - 1);
    let credited =
        format!("{of_parent} AND case_id IN (SELECT case_id FROM docket.case_times WHERE first_responder = 'desk')");
    assert_eq!(count(&sql, &credited).await, CHILDREN - 2, "who answered in the parent has answered in its children");
    let own = sender.case(&children[0], None).await;
    assert_eq!(own["case"]["resolutionCode"], "solved", "what was solved by itself stays so");
    let unheard = format!("case_id = '{}' AND first_response_at IS NULL", late[0]);
    assert_eq!(count(&sql, &unheard).await, 1, "nothing is told retroactively");
    let texts = "SELECT count(*) FROM docket_private.texts WHERE text = 'Restarted the exchange.'";
    assert_eq!(sql.value(texts).await, CHILDREN, "the steps go with the code");
    verify(&desk.log().await).await;
}

#[tokio::test]
async fn closing_the_parent_closes_its_children_and_a_killed_service_tells_each_of_them_once() {
    // It dies in the midst of telling them: after the policy, two entries each for a parent and eight children that link,
    // and the closing.
    let mut desk = Desk::start_with(&[("FAILPOINTS", "command::after-append=37*off->panic")]);
    let sender = desk.sender("desk").await;
    let parent = sender.open_case().await;
    let children = open_children(&sender, &parent, 8).await;
    sender.must(&case("acceptParent", &parent, &json!({}))).await;
    let closing = case("close", &parent, &json!({ "code": "withdrawn" }));
    // Whether it lived to answer does not matter: it is in the log.
    let _ = sender.try_send(&closing).await;
    sender.insist(&case("note", &parent, &json!({ "text": "Is it over?" }))).await;
    desk.kill();
    desk.start_again();
    let (sender, sql) = (desk.sender("desk").await, desk.sql().await);
    accepted(&sender.insist(&closing).await);
    passed_on(&sql, &parent, 1).await;
    let all = entries(&desk.log().await).await;
    for child in &children {
        let of_child = all.iter().filter(|(_, entry)| entry.of == *child).flat_map(|(_, entry)| &entry.events);
        let closed = of_child.filter(|event| event.name() == "closed").count();
        assert_eq!(closed, 1, "{child}");
    }
}

#[tokio::test]
async fn a_link_that_cannot_be_is_refused_at_once_and_each_for_its_own_reason() {
    let desk = Desk::shared().sender("desk").await;
    let (parent, child, other) = (desk.open_case().await, desk.open_case().await, desk.open_case().await);
    let link = |from: &str, to: &str, relation: &str| case("link", from, &json!({ "to": to, "relation": relation }));
    desk.must(&link(&child, &parent, "parent")).await;
    assert_eq!(desk.case(&child, None).await["case"]["parentId"], parent.as_str());
    assert_eq!(refused(&desk.send(&link(&child, &child, "parent")).await), ("same_case", Some("to")));
    assert_eq!(refused(&desk.send(&link(&child, &other, "parent")).await), ("has_parent", Some("to")));
    assert_eq!(refused(&desk.send(&link(&child, &other, "child")).await), ("parent_cycle", Some("to")));
    assert_eq!(refused(&desk.send(&link(&other, &child, "parent")).await), ("parent_cycle", Some("to")));
    assert_eq!(refused(&desk.send(&link(&parent, &other, "parent")).await), ("parent_cycle", Some("to")));
    assert_eq!(refused(&desk.send(&link(&other, &fresh(), "parent")).await), ("case_not_found", Some("to")));
    desk.must(&case("cancel", &parent, &json!({ "reason": "A mistake." }))).await;
    assert_eq!(refused(&desk.send(&link(&other, &parent, "parent")).await), ("wrong_status", Some("to")));
    // An intake is not lost over its parent.
    let mut orphan = intake("question");
    orphan["parentId"] = json!(fresh());
    let orphan = desk.must(&Command::case("intake", &orphan)).await["caseId"].as_str().expect("an id").to_owned();
    let all = entries(&Desk::shared().log().await).await;
    let told: Vec<&str> =
        all.iter().filter(|(_, entry)| entry.of == orphan).flat_map(|(_, e)| &e.events).map(|e| e.name()).collect();
    assert_eq!(told.last(), Some(&"linkRefused"));
}

#[tokio::test]
async fn of_two_cases_that_ask_each_other_to_be_the_parent_none_is_its_own_grandparent() {
    let desk = Desk::shared().sender("desk").await;
    for _ in 0..20 {
        let (one, other) = (desk.open_case().await, desk.open_case().await);
        let link = |from: &str, to: &str| case("link", from, &json!({ "to": to, "relation": "parent" }));
        let (forth, back) = (link(&one, &other), link(&other, &one));
        futures::future::join(desk.send(&forth), desk.send(&back)).await;
        let parents = [desk.case(&one, None).await, desk.case(&other, None).await];
        let linked = parents.iter().filter(|case| case["case"]["parentId"].is_string()).count();
        assert!(linked <= 1, "{parents:?}");
    }
}

#[tokio::test]
async fn a_part_of_a_case_goes_on_as_a_case_of_its_own() {
    let desk = Desk::shared().sender("desk").await;
    let mut opened = intake("incident");
    opened["customerId"] = json!("C-77");
    let whole = desk.must(&Command::case("intake", &opened)).await["caseId"].as_str().expect("an id").to_owned();
    let split =
        case("split", &whole, &json!({ "subject": "The invoice, too", "type": "question", "category": "billing" }));
    desk.must(&split).await;
    assert_eq!(desk.send(&split).await["repeated"], true);
    let all = entries(&Desk::shared().log().await).await;
    let takes_it_up = |event: &Event| {
        matches!(event, Event::Case(CaseEvent::Intake(IntakeEvent::Opened(opened)))
            if opened.follow_up_of.is_some_and(|of| of.to_string() == whole))
    };
    let part = all.iter().find(|(_, entry)| entry.events.iter().any(takes_it_up)).map(|(_, entry)| entry.of.clone());
    let part = desk.case(&part.expect("the part was opened"), None).await;
    assert_eq!((&part["case"]["customerId"], &part["case"]["queue"]), (&json!("C-77"), &json!("billing")));
    // What the policy asks of a new case, it asks of a part.
    let refund = case("split", &whole, &json!({ "subject": "The money", "type": "refund" }));
    assert_eq!(refused(&desk.send(&refund).await), ("required_field_missing", Some("fields.orderNumber")));
}
