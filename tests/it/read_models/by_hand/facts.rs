//! What happened to each case, and where it stands.

use serde_json::{Value, json};

use super::super::{columns, values};
use super::{A, at};
use crate::support::Sql;

#[expect(clippy::too_many_lines, reason = "a row for each case, a value for each column")]
pub(super) async fn cases(sql: &Sql, position: u64) {
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

pub(super) async fn history(sql: &Sql) {
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

pub(super) async fn timeline(sql: &Sql) {
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

#[expect(clippy::too_many_lines, reason = "a row for each clock, a value for each column")]
pub(super) async fn clocks(sql: &Sql) {
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
