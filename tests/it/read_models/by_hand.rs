//! Three cases of March 2025, with every number computed by hand.
//!
//! The office is in Amsterdam, an hour ahead of UTC, and open 08:30-12:30 and 13:30-18:00, so 07:30-11:30 and
//! 12:30-17:00 in the times below. Monday is the 3rd.

mod facts;
mod reports;

use serde_json::{Value, json};

use crate::support::{Command, Desk, Sender, Sql};

const A: &str = "0199a7a0-0000-7000-8000-00000000000a";
const B: &str = "0199a7a0-0000-7000-8000-00000000000b";
const C: &str = "0199a7a0-0000-7000-8000-00000000000c";
/// Stands in every text that is personal.
const CANARY: &str = "Canary-7f3a";

fn opening(case_type: &str, impact: &str, urgency: &str) -> Value {
    json!({
        "type": case_type, "subject": format!("{CANARY} subject"), "description": format!("{CANARY} description"),
        "channel": "email", "customerId": "C-1", "category": "product", "subcategory": "defect", "impact": impact,
        "urgency": urgency, "language": "nl", "tier": "gold", "fields": { "orderNumber": CANARY, "amount": 12 },
    })
}

/// What happened, case by case.
fn script() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let text = format!("{CANARY} text");
    vec![
        (A, "03-03T08:00", "intake", opening("incident", "high", "medium")),
        (A, "03-03T08:10", "route", json!({ "queue": "technical", "reason": text })),
        (A, "03-03T08:20", "assign", json!({ "agent": "ana" })),
        (A, "03-03T08:30", "respond", json!({ "text": text })),
        (A, "03-03T09:00", "pend", json!({ "reason": "awaiting_customer" })),
        (A, "03-03T12:00", "receive", json!({ "text": text })),
        (A, "03-03T13:00", "assign", json!({ "agent": "bob", "queue": "billing" })),
        (A, "03-04T09:00", "note", json!({ "text": text })),
        (A, "03-04T11:00", "resolve", json!({ "code": "solved", "steps": text })),
        (A, "03-05T10:00", "requestSurvey", json!({ "survey": "csat" })),
        (A, "03-05T12:00", "answerSurvey", json!({ "survey": "csat", "score": 4, "comment": text })),
        (A, "03-06T10:00", "close", json!({ "code": "completed", "comment": text })),
        (B, "03-05T08:00", "intake", opening("question", "low", "low")),
        (B, "03-05T08:05", "route", json!({ "queue": "frontline" })),
        (C, "03-06T09:00", "intake", opening("incident", "medium", "medium")),
        (C, "03-06T09:10", "route", json!({ "queue": "technical" })),
        (C, "03-06T09:20", "assign", json!({ "agent": "ana" })),
        (C, "03-06T09:30", "pend", json!({ "reason": "awaiting_vendor", "until": "2025-03-07T09:00:00Z" })),
        (C, "03-06T09:40", "escalate", json!({ "reason": text })),
    ]
}

async fn tell(importer: &Sender) -> u64 {
    let mut position = 0;
    for (case, at, verb, mut body) in script() {
        body["caseId"] = case.into();
        let command = Command::case(verb, &body).at(&format!("2025-{at}:00Z"));
        position = importer.must(&command).await["position"].as_u64().unwrap();
    }
    position
}

/// An instant of March 2025 as SQL tells it.
fn at(time: &str) -> Value {
    format!("2025-{time}:00+00:00").into()
}

#[tokio::test]
async fn every_number_is_as_computed_by_hand() {
    let desk = Desk::start();
    let position = tell(&desk.sender("importer").await).await;
    let sql = desk.sql().await;
    sql.await_position(position).await;
    facts::cases(&sql, position).await;
    facts::history(&sql).await;
    facts::timeline(&sql).await;
    facts::clocks(&sql).await;
    reports::queues_and_backlog(&sql).await;
    reports::attainment_and_satisfaction(&sql).await;
    nothing_personal(&sql).await;
}

async fn nothing_personal(sql: &Sql) {
    let relations = sql
        .rows("SELECT relname FROM pg_class WHERE relnamespace = 'docket'::regnamespace AND relkind IN ('r', 'v', 'm')")
        .await;
    assert!(relations.len() >= 9);
    for relation in relations {
        let name = relation["relname"].as_str().unwrap();
        let found =
            sql.value(&format!("SELECT count(*) FROM docket.{name} AS row WHERE row::text ILIKE '%{CANARY}%'")).await;
        assert_eq!(found, 0, "docket.{name} holds something personal");
    }
    let texts = sql.rows(&format!("SELECT DISTINCT field FROM docket_private.texts WHERE case_id = '{A}' AND text LIKE '%{CANARY}%' ORDER BY field")).await;
    let fields: Vec<&str> = texts.iter().map(|text| text["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["comment", "description", "fields.orderNumber", "reason", "steps", "subject", "text"]);
    let texts = sql.value(&format!("SELECT count(*) FROM docket_private.texts WHERE case_id = '{A}'")).await;
    assert_eq!(texts, 10, "subject, description, field, reason, answer, message, note, steps, two comments");
}
