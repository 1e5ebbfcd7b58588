//! What is counted over all cases.

use serde_json::{Value, json};

use super::super::{columns, values};
use super::at;
use crate::support::Sql;

pub(super) async fn queues_and_backlog(sql: &Sql) {
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

pub(super) async fn attainment_and_satisfaction(sql: &Sql) {
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
