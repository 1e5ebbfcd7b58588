//! Three cases of March 2025, with every number computed by hand.
//!
//! The office is in Amsterdam, an hour ahead of UTC, and open 08:30-12:30 and 13:30-18:00, so 07:30-11:30 and
//! 12:30-17:00 in the times below. Monday is the 3rd.

use serde_json::{Value, json};

use super::{columns, values};
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
    cases(&sql, position).await;
    history(&sql).await;
    timeline(&sql).await;
    clocks(&sql).await;
    queues_and_backlog(&sql).await;
    attainment_and_satisfaction(&sql).await;
    nothing_personal(&sql).await;
}

async fn cases(sql: &Sql, position: u64) {
    let rows = sql.rows("SELECT * FROM docket.cases ORDER BY case_id").await;
    let null = Value::Null;
    assert_eq!(
        values(&rows[0], &columns("cases")),
        [
            json!(A),
            json!("closed"),
            json!("incident"),
            json!("product"),
            json!("defect"),
            json!("high"),
            json!("medium"),
            json!("high"),
            json!("email"),
            json!("billing"),
            json!("bob"),
            json!("C-1"),
            null.clone(),
            null.clone(),
            at("03-03T08:00"),
            at("03-03T08:30"),
            at("03-04T11:00"),
            at("03-04T11:00"),
            at("03-06T10:00"),
            json!(0),
            json!(1),
            json!(1),
            json!(0),
            json!("solved"),
            json!("completed"),
            json!(4),
            json!(23),
            json!(13),
        ]
    );
    let others = [
        "status",
        "priority",
        "queue",
        "assignee",
        "escalation_level",
        "first_response_at",
        "resolved_at",
        "csat",
        "version",
    ];
    assert_eq!(
        values(&rows[1], &others),
        [
            json!("new"),
            json!("low"),
            json!("frontline"),
            null.clone(),
            json!(0),
            null.clone(),
            null.clone(),
            null.clone(),
            json!(5),
        ]
    );
    assert_eq!(
        values(&rows[2], &others),
        [
            json!("pending_third_party"),
            json!("moderate"),
            json!("technical"),
            json!("ana"),
            json!(1),
            null.clone(),
            null.clone(),
            null,
            json!(9),
        ]
    );
    assert_eq!((rows.len(), &rows[2]["position"]), (3, &json!(position)));
}

async fn history(sql: &Sql) {
    let rows = sql.rows(&format!("SELECT * FROM docket.case_history WHERE case_id = '{A}' ORDER BY version")).await;
    let found: Vec<Value> = rows.iter().map(|row| values(row, &columns("case_history")[1..7]).into()).collect();
    let (t, b) = ("technical", "billing");
    assert_eq!(
        found,
        [
            json!([4, at("03-03T08:00"), at("03-03T08:10"), "new", null, null]),
            json!([5, at("03-03T08:10"), at("03-03T08:20"), "new", t, null]),
            json!([6, at("03-03T08:20"), at("03-03T09:00"), "open", t, "ana"]),
            json!([10, at("03-03T09:00"), at("03-03T12:00"), "pending_customer", t, "ana"]),
            json!([13, at("03-03T12:00"), at("03-03T13:00"), "open", t, "ana"]),
            json!([15, at("03-03T13:00"), at("03-04T11:00"), "open", b, "bob"]),
            json!([20, at("03-04T11:00"), at("03-06T10:00"), "resolved", b, "bob"]),
            json!([23, at("03-06T10:00"), null, "closed", b, "bob"]),
        ]
    );
    assert!(rows.iter().all(|row| values(row, &["priority", "type", "category"]) == ["high", "incident", "product"]));
}

async fn timeline(sql: &Sql) {
    let rows = sql.rows(&format!("SELECT * FROM docket.case_timeline WHERE case_id = '{A}' ORDER BY version")).await;
    let told: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", &row["at"].as_str().unwrap()[5..19], row["event"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            "03-03T08:00:00 opened",
            "03-03T08:00:00 classified",
            "03-03T08:00:00 clockStarted",
            "03-03T08:00:00 clockStarted",
            "03-03T08:10:00 routed",
            "03-03T08:20:00 assigned",
            "03-03T08:30:00 responded",
            "03-03T08:30:00 clockMet",
            "03-03T09:00:00 pended",
            "03-03T09:00:00 clockPaused",
            "03-03T12:00:00 messageReceived",
            "03-03T12:00:00 resumed",
            "03-03T12:00:00 clockResumed",
            "03-03T13:00:00 routed",
            "03-03T13:00:00 assigned",
            "03-04T08:22:30 clockWarned",
            "03-04T09:00:00 noted",
            "03-04T10:30:00 clockBreached",
            "03-04T11:00:00 resolved",
            "03-04T11:00:00 clockMet",
            "03-05T10:00:00 surveyRequested",
            "03-05T12:00:00 surveyAnswered",
            "03-06T10:00:00 closed",
        ]
    );
    let versions: Vec<u64> = rows.iter().map(|row| row["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, (1..=23).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row["by"] == "importer" && row["policy"] == 1 && row["on_behalf_of"].is_null()));
    assert_eq!(rows[5]["detail"], json!({ "agent": "ana", "status": "open" }));
    assert_eq!(rows[1]["detail"]["fields"], json!({ "amount": 12 }), "a field that is not personal stays");
    assert_eq!((&rows[0]["position"], &rows[22]["position"]), (&json!(2), &json!(13)));
}

async fn clocks(sql: &Sql) {
    let rows = sql.rows("SELECT * FROM docket.clocks ORDER BY case_id, clock").await;
    let names = [
        "clock",
        "state",
        "target_seconds",
        "calendar",
        "started_at",
        "due_at",
        "met_at",
        "breached_at",
        "remaining_seconds",
        "elapsed_seconds",
        "business_elapsed_seconds",
    ];
    let found: Vec<Value> = rows.iter().map(|row| values(row, &names).into()).collect();
    let (first, last, office) = ("first_response", "resolution", "office");
    assert_eq!(
        found[0],
        json!([
            first,
            "met",
            7_200,
            office,
            at("03-03T08:00"),
            at("03-03T10:00"),
            at("03-03T08:30"),
            null,
            5_400,
            1_800,
            1_800
        ])
    );
    // An hour on Monday morning, 4.5 hours on Monday afternoon, 3.5 hours on Tuesday: half an hour over 8.5 hours.
    assert_eq!(
        found[1],
        json!([
            last,
            "met",
            30_600,
            office,
            at("03-03T08:00"),
            at("03-04T10:30"),
            at("03-04T11:00"),
            at("03-04T10:30"),
            -1_800,
            86_400,
            32_400
        ])
    );
    // Nobody has recorded these breaches: they are computed when asked for.
    assert_eq!(
        found[2],
        json!([
            first,
            "running",
            30_600,
            office,
            at("03-05T08:00"),
            at("03-06T08:00"),
            null,
            at("03-06T08:00"),
            30_600,
            0,
            0
        ])
    );
    assert_eq!(
        found[3],
        json!([
            last,
            "running",
            153_000,
            office,
            at("03-05T08:00"),
            at("03-12T08:00"),
            null,
            at("03-12T08:00"),
            153_000,
            0,
            0
        ])
    );
    assert_eq!(
        found[4],
        json!([
            first,
            "running",
            14_400,
            office,
            at("03-06T09:00"),
            at("03-06T14:00"),
            null,
            at("03-06T14:00"),
            14_400,
            0,
            0
        ])
    );
    assert_eq!(
        found[5],
        json!([last, "paused", 91_800, office, at("03-06T09:00"), null, null, null, 90_000, 1_800, 1_800])
    );
    assert!(rows.iter().all(|row| row["instance"] == 1 && row["policy"] == 1));
}

async fn queues_and_backlog(sql: &Sql) {
    let rows = sql.rows("SELECT *, oldest_age > interval '300 days' AS old FROM docket.queues ORDER BY queue").await;
    let names = ["queue", "open", "unassigned", "pending", "oldest_opened_at", "at_risk", "breached", "old"];
    let found: Vec<Value> = rows.iter().map(|row| values(row, &names).into()).collect();
    assert_eq!(
        found,
        [
            json!(["frontline", 1, 1, 0, at("03-05T08:00"), 2, 2, true]),
            json!(["technical", 1, 0, 1, at("03-06T09:00"), 1, 1, true]),
        ]
    );
    let backlog = async |relation: &str| -> Vec<Value> {
        let rows = sql.rows(&format!("SELECT * FROM {relation} ORDER BY queue, bucket")).await;
        rows.iter().map(|row| values(row, &columns("backlog_aging")).into()).collect()
    };
    assert_eq!(
        backlog("docket.backlog_aging").await,
        [json!(["frontline", "low", "question", ">=30d", 1]), json!(["technical", "moderate", "incident", ">=30d", 1]),]
    );
    let past = async |time: &str| backlog(&format!("docket.backlog_as_of('2025-{time}Z')")).await;
    assert_eq!(past("03-03T07:59:59").await, [] as [Value; 0]);
    assert_eq!(past("03-03T08:00:00").await, [json!([null, "high", "incident", "<4h", 1])]);
    assert_eq!(past("03-03T11:59:59").await, [json!(["technical", "high", "incident", "<4h", 1])]);
    assert_eq!(past("03-03T12:00:00").await, [json!(["technical", "high", "incident", "4-24h", 1])]);
    assert_eq!(past("03-04T10:59:59").await, [json!(["billing", "high", "incident", "1-3d", 1])]);
    assert_eq!(past("03-04T11:00:00").await, [] as [Value; 0]);
    assert_eq!(
        past("03-06T09:00:00").await,
        [json!(["frontline", "low", "question", "1-3d", 1]), json!([null, "moderate", "incident", "<4h", 1]),]
    );
}

async fn attainment_and_satisfaction(sql: &Sql) {
    let rows = sql.rows("SELECT * FROM docket.sla_attainment ORDER BY day, queue, clock").await;
    let found: Vec<Value> = rows.iter().map(|row| values(row, &columns("sla_attainment")).into()).collect();
    assert_eq!(
        found,
        [
            json!(["2025-03-03", "technical", "high", "first_response", 1, 0, 1]),
            json!(["2025-03-04", "billing", "high", "resolution", 0, 1, 0]),
            json!(["2025-03-06", "frontline", "low", "first_response", 0, 1, 0]),
            json!(["2025-03-06", "technical", "moderate", "first_response", 0, 1, 0]),
            json!(["2025-03-12", "frontline", "low", "resolution", 0, 1, 0]),
        ]
    );
    let rows = sql.rows("SELECT * FROM docket.csat_daily").await;
    assert_eq!(
        values(&rows[0], &columns("csat_daily")),
        [json!("2025-03-05"), json!("billing"), json!(1), json!(1), json!(1), json!(4)]
    );
    assert_eq!(rows.len(), 1);
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
