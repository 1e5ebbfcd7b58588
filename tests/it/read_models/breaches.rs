//! What became of clocks stays so, and belongs to the queue in which they ran.
//!
//! Times are of March 2025, in UTC: the office is open 07:30-11:30 and 12:30-17:00 then. A high case has two hours to its
//! first response; an owner has an hour here.

use serde_json::{Value, json};

use super::{columns, values};
use crate::support::{Command, Desk, SAMPLE_POLICY, Sender, Sql, eventually, fresh};

const OWNERSHIP: &str = "[[targets]]\nclock = \"ownership\"\ncalendar = \"office\"\nseconds = 3600\n";

async fn desk_with_owners() -> Desk {
    let desk = Desk::start();
    let sample = std::fs::read_to_string(SAMPLE_POLICY).expect("the sample policy");
    let document = sample.replacen("[pend_reasons.", &format!("{OWNERSHIP}[pend_reasons."), 1);
    let publish = Command::raw("policy", "publish", json!({ "document": document }).to_string()).id(&fresh());
    desk.sender("admin").await.must(&publish).await;
    desk
}

/// Sends a back-dated command to a case, and hands back its position.
async fn tell(sender: &Sender, case: &str, at: &str, verb: &str, mut body: Value) -> u64 {
    body["caseId"] = case.into();
    let command = Command::case(verb, &body).at(&format!("2025-{at}:00Z"));
    sender.must(&command).await["position"].as_u64().expect("a position")
}

async fn open(sender: &Sender, at: &str) -> String {
    let case = fresh();
    let body =
        json!({ "type": "incident", "subject": "It hurts", "channel": "web", "impact": "high", "urgency": "medium" });
    tell(sender, &case, at, "intake", body).await;
    case
}

async fn attainment(sql: &Sql, position: u64) -> Vec<Value> {
    sql.await_position(position).await;
    let rows =
        sql.rows("SELECT * FROM docket.sla_attainment WHERE day < '2026-01-01' ORDER BY day, clock, queue").await;
    rows.iter().map(|row| values(row, &columns("sla_attainment")[..6]).into()).collect()
}

#[tokio::test]
async fn a_breach_stays_in_the_attainment_of_its_day_when_the_case_is_withdrawn() {
    let desk = desk_with_owners().await;
    let (importer, sql) = (desk.sender("importer").await, desk.sql().await);
    let case = open(&importer, "03-03T08:00").await;
    tell(&importer, &case, "03-03T08:10", "route", json!({ "queue": "technical" })).await;
    let position = tell(&importer, &case, "03-03T13:00", "close", json!({ "code": "withdrawn" })).await;
    // Two hours to the answer and one to an owner had passed; the resolution was in time when it was cancelled.
    let breached = [
        json!(["2025-03-03", "technical", "high", "first_response", 0, 1]),
        json!(["2025-03-03", "technical", "high", "ownership", 0, 1]),
    ];
    assert_eq!(attainment(&sql, position).await, breached);
    let ended = "SELECT clock, state, breached_at IS NOT NULL AS late FROM docket.clocks ORDER BY clock";
    let state = async |sql: &Sql| -> Vec<Value> {
        sql.rows(ended).await.iter().map(|row| values(row, &["clock", "state", "late"]).into()).collect()
    };
    let [first, own, last] = ["first_response", "ownership", "resolution"];
    let c = "cancelled";
    assert_eq!(state(&sql).await, [json!([first, c, true]), json!([own, c, true]), json!([last, c, false])]);
    // It comes back: the clocks run on, and what was breached was so once.
    tell(&importer, &case, "03-04T08:00", "reopen", json!({ "reason": "It came back" })).await;
    let position = tell(&importer, &case, "03-04T08:10", "assign", json!({ "agent": "ana" })).await;
    assert_eq!(attainment(&sql, position).await[..2], breached);
    assert_eq!(state(&sql).await[..2], [json!([first, "running", true]), json!([own, "met", true])]);
}

#[tokio::test]
async fn a_merge_takes_a_breach_out_and_taking_it_back_brings_it_in_again() {
    let desk = desk_with_owners().await;
    let (importer, live, sql) = (desk.sender("importer").await, desk.sender("desk").await, desk.sql().await);
    let case = open(&importer, "03-03T08:00").await;
    let position = tell(&importer, &case, "03-03T13:00", "note", json!({ "text": "Late." })).await;
    let breached = json!(["2025-03-03", null, "high", "first_response", 0, 1]);
    assert_eq!(attainment(&sql, position).await[0], breached);
    let survivor = live.open_case().await;
    live.must(&Command::case("merge", &json!({ "caseId": case, "into": survivor }))).await;
    eventually("it counts no longer", async || attainment(&sql, position).await.is_empty().then_some(())).await;
    live.must(&Command::case("unmerge", &json!({ "caseId": case, "reason": "By mistake." }))).await;
    eventually("it counts again", async || (attainment(&sql, position).await.first() == Some(&breached)).then_some(()))
        .await;
}

#[tokio::test]
async fn an_outcome_belongs_to_the_queue_in_which_the_clock_ran_and_to_none_if_there_was_none() {
    let desk = desk_with_owners().await;
    let (importer, sql) = (desk.sender("importer").await, desk.sql().await);
    let case = open(&importer, "03-03T08:00").await;
    tell(&importer, &case, "03-03T08:10", "respond", json!({ "text": "We look at it." })).await;
    tell(&importer, &case, "03-03T08:20", "route", json!({ "queue": "frontline" })).await;
    let took = json!({ "agent": "ana", "queue": "technical" });
    tell(&importer, &case, "03-03T08:50", "assign", took).await;
    tell(&importer, &case, "03-03T09:00", "resolve", json!({ "code": "solved", "steps": "Sent a new one." })).await;
    let position = tell(&importer, &case, "03-03T09:10", "close", json!({ "code": "completed" })).await;
    assert_eq!(
        attainment(&sql, position).await,
        [
            json!(["2025-03-03", null, "high", "first_response", 1, 0]),
            json!(["2025-03-03", "frontline", "high", "ownership", 1, 0]),
            json!(["2025-03-03", "technical", "high", "resolution", 1, 0]),
        ]
    );
}

#[tokio::test]
async fn a_resolved_case_that_is_merged_says_the_same_in_the_table_and_when_it_is_asked_for() {
    let desk = Desk::shared();
    let (live, sql) = (desk.sender("desk").await, desk.sql().await);
    let (case, survivor) = (live.open_case().await, live.open_case().await);
    live.must(&Command::case("resolve", &json!({ "caseId": case, "code": "solved", "steps": "Called." }))).await;
    live.must(&Command::case("merge", &json!({ "caseId": case, "into": survivor }))).await;
    let row = eventually("the table has the merge", async || {
        sql.rows(&format!("SELECT * FROM docket.cases WHERE case_id = '{case}' AND status = 'merged'")).await.pop()
    })
    .await;
    let view = live.case(&case, None).await["case"].take();
    assert!(view["resolvedAt"].is_string() && view["resolutionCode"] == "solved", "{view}");
    super::assert_same(&row, &view, &columns("cases"));
}

#[tokio::test]
async fn cases_that_were_resolved_without_an_answer_are_counted() {
    let desk = Desk::start();
    let (importer, sql) = (desk.sender("importer").await, desk.sql().await);
    let solved = || json!({ "code": "solved", "steps": "Called." });
    let answered = open(&importer, "03-03T08:00").await;
    tell(&importer, &answered, "03-03T08:10", "respond", json!({ "text": "We look at it." })).await;
    tell(&importer, &answered, "03-03T08:20", "resolve", solved()).await;
    let silent = open(&importer, "03-03T08:00").await;
    tell(&importer, &silent, "03-03T08:10", "respond", json!({ "text": "We got it.", "automatic": true })).await;
    tell(&importer, &silent, "03-03T08:20", "resolve", solved()).await;
    // What comes after it does not make it answered.
    tell(&importer, &silent, "03-03T08:30", "reopen", json!({ "reason": "It came back" })).await;
    tell(&importer, &silent, "03-03T08:40", "respond", json!({ "text": "Sorry." })).await;
    let unknown = fresh();
    let body = json!({ "type": "incident", "subject": "It hurt", "channel": "web", "impact": "high", "urgency": "medium",
        "responsesUnknown": true });
    tell(&importer, &unknown, "03-03T08:00", "intake", body).await;
    let position = tell(&importer, &unknown, "03-03T08:20", "resolve", solved()).await;
    sql.await_position(position).await;
    let rows = sql.rows("SELECT * FROM docket.resolutions_daily").await;
    let names = ["day", "queue", "priority", "type", "resolved", "responses_known", "unanswered", "unanswered_rate"];
    assert_eq!(
        rows.iter().map(|row| Value::from(values(row, &names))).collect::<Vec<_>>(),
        [json!(["2025-03-03", null, "high", "incident", 3, 2, 1, 0.5])]
    );
    let first = "SELECT count(*) FROM docket.clocks WHERE clock = 'first_response' AND case_id =";
    assert_eq!(sql.value(&format!("{first} '{unknown}'")).await, 0);
    let state = "SELECT state FROM docket.clocks WHERE clock = 'first_response' AND case_id =";
    assert_eq!(sql.value(&format!("{state} '{answered}'")).await, "met");
}
