//! Numbers over a period, on a history whose numbers are worked out by hand.
//!
//! A is solved and closed on 2 March 2026, a Monday. B is the same customer's, about the same, on the 5th: it goes to
//! another queue and back, is solved, comes back, and is solved on the 6th. C came on the 5th and is open.

use serde_json::{Value, json};

use crate::support::{Command, Desk, Sender, Sql};

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";
const C: &str = "00000000-0000-4000-8000-00000000000c";
/// All of it.
const MARCH: &str = "'2026-03-01', '2026-04-01'";

/// A back-dated command, by its day and time in March.
async fn tell(sender: &Sender, case: &str, at: &str, verb: &str, mut body: Value) -> u64 {
    body["caseId"] = case.into();
    let command = Command::case(verb, &body).at(&format!("2026-03-{}:00Z", at.replace(' ', "T")));
    sender.must(&command).await["position"].as_u64().expect("a position")
}

fn intake(channel: &str, rest: Value) -> Value {
    let mut body =
        json!({ "type": "question", "subject": "It hurts", "channel": channel, "impact": "low", "urgency": "low" });
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    body
}

async fn desk() -> (Desk, Sql) {
    let frontline = json!({ "queue": "frontline" });
    let desk = Desk::start();
    let sender = desk.sender("importer").await;
    let solved = json!({ "code": "solved", "steps": "Mended" });
    let about_product = json!({ "customerId": "c-1", "category": "product" });
    tell(&sender, A, "02 09:00", "intake", intake("web", about_product.clone())).await;
    tell(&sender, A, "02 09:00", "route", frontline.clone()).await;
    tell(&sender, A, "02 09:30", "receive", json!({ "text": "Hello?" })).await;
    tell(&sender, A, "02 10:00", "respond", json!({ "text": "Try this" })).await;
    tell(&sender, A, "02 10:30", "logEffort", json!({ "seconds": 600, "activity": "call" })).await;
    tell(&sender, A, "02 12:00", "resolve", solved.clone()).await;
    tell(&sender, A, "02 13:00", "close", json!({ "code": "completed" })).await;
    tell(&sender, B, "05 09:00", "intake", intake("web", about_product)).await;
    tell(&sender, B, "05 09:00", "route", frontline.clone()).await;
    tell(&sender, B, "05 09:10", "route", json!({ "queue": "billing" })).await;
    tell(&sender, B, "05 09:20", "route", json!({ "queue": "frontline" })).await;
    tell(&sender, B, "05 09:30", "assign", json!({ "agent": "ana" })).await;
    tell(&sender, B, "05 10:00", "respond", json!({ "text": "Try that" })).await;
    tell(&sender, C, "05 10:05", "intake", intake("phone", json!({ "customerId": "c-2" }))).await;
    tell(&sender, C, "05 10:05", "route", frontline.clone()).await;
    tell(&sender, B, "05 11:00", "resolve", solved.clone()).await;
    tell(&sender, B, "06 09:00", "reopen", json!({ "reason": "It came back" })).await;
    let last = tell(&sender, B, "06 10:00", "resolve", solved).await;
    let analyst = Sql::connect(desk.analyst()).await;
    analyst.await_position(last).await;
    (desk, analyst)
}

#[tokio::test]
async fn times_and_quality_are_as_worked_out_by_hand() {
    let (_desk, sql) = desk().await;
    let rows = async |query: &str| sql.rows(query).await;
    assert_eq!(
        rows(&format!("SELECT * FROM docket.response_times({MARCH}, 'queue')")).await,
        [json!({
            "value": "frontline", "cases": 2, "median_seconds": 3600, "p90_seconds": 3600, "mean_seconds": 3600,
            "business_cases": 2, "median_business_seconds": 3600, "p90_business_seconds": 3600,
            "mean_business_seconds": 3600
        })]
    );
    assert_eq!(
        rows(&format!("SELECT value FROM docket.response_times({MARCH}, 'agent')")).await,
        [json!({ "value": "importer" })]
    );
    assert_eq!(
        rows(&format!("SELECT * FROM docket.resolution_times({MARCH}, 'priority')")).await,
        [json!({
            "value": "low", "cases": 2, "median_seconds": 50400, "p90_seconds": 82080, "mean_seconds": 50400,
            "business_cases": 2, "median_business_seconds": 21600, "p90_business_seconds": 31680,
            "mean_business_seconds": 21600
        })]
    );
    assert_eq!(
        rows(&format!("SELECT value, cases FROM docket.resolution_times({MARCH}, 'agent')")).await,
        [json!({ "value": "ana", "cases": 1 }), json!({ "value": null, "cases": 1 })]
    );
    assert_eq!(
        rows(&format!("SELECT * FROM docket.quality({MARCH}, 'channel')")).await,
        [json!({
            "value": "web", "resolved": 2, "reopened": 1, "reopen_rate": 0.5, "transferred": 1, "transfer_rate": 0.5,
            "ping_pong": 1, "one_touch": 1, "one_touch_rate": 0.5, "mean_handle_seconds": 600, "closed": 1
        })]
    );
    let facts =
        "SELECT first_responder, replies, messages, handle_seconds, ping_pong FROM docket.cases ORDER BY case_id";
    let fact = |responder: Value, replies: u32, messages: u32, handle: u32, ping_pong: bool| json!({ "first_responder": responder, "replies": replies, "messages": messages, "handle_seconds": handle, "ping_pong": ping_pong });
    assert_eq!(
        rows(facts).await,
        [
            fact(json!("importer"), 1, 1, 600, false),
            fact(json!("importer"), 1, 0, 0, true),
            fact(json!(null), 0, 0, 0, false)
        ]
    );
}

#[tokio::test]
async fn times_of_each_case_are_as_worked_out_by_hand() {
    let (_desk, sql) = desk().await;
    // The office of the sample policy is open from 8:30 to 12:30 and from 13:30 to 18:00 in Amsterdam, an hour ahead.
    let expected = [
        json!({
            "case_id": A, "calendar": "office", "first_response_seconds": 3600, "first_response_business_seconds": 3600,
            "first_resolution_seconds": 10800, "first_resolution_business_seconds": 9000, "resolution_seconds": 10800,
            "resolution_business_seconds": 9000, "customer_wait_seconds": 10800, "on_hold_seconds": 0,
            "work_seconds": 10800, "handle_seconds": 600, "replies": 1, "messages": 1, "agents": 0, "queues": 1,
            "ping_pong": false, "one_touch": true, "first_responder": "importer", "all_clocks_met": true,
            "first_response_queue": "frontline", "first_response_priority": "low",
            "first_resolution_queue": "frontline", "first_resolution_priority": "low", "first_resolution_agent": null,
            "resolution_queue": "frontline", "resolution_priority": "low", "resolution_agent": null,
            "first_reopened_at": null
        }),
        json!({
            "case_id": B, "calendar": "office", "first_response_seconds": 3600, "first_response_business_seconds": 3600,
            "first_resolution_seconds": 7200, "first_resolution_business_seconds": 7200, "resolution_seconds": 90000,
            "resolution_business_seconds": 34200, "customer_wait_seconds": 10800, "on_hold_seconds": 0,
            "work_seconds": 10800, "handle_seconds": 0, "replies": 1, "messages": 0, "agents": 1, "queues": 2,
            "ping_pong": true, "one_touch": false, "first_responder": "importer", "all_clocks_met": true,
            "first_response_queue": "frontline", "first_response_priority": "low",
            "first_resolution_queue": "frontline", "first_resolution_priority": "low", "first_resolution_agent": "ana",
            "resolution_queue": "frontline", "resolution_priority": "low", "resolution_agent": "ana",
            "first_reopened_at": "2026-03-06T09:00:00+00:00"
        }),
    ];
    let query = "SELECT * FROM docket.case_times WHERE resolution_seconds IS NOT NULL ORDER BY case_id";
    assert_eq!(sql.rows(query).await, expected);
    let open = "SELECT calendar, resolution_seconds, resolution_business_seconds, one_touch, all_clocks_met,
            work_seconds > 0 AND customer_wait_seconds = work_seconds AS is_counted_up_to_now
        FROM docket.case_times WHERE first_resolution_seconds IS NULL";
    assert_eq!(
        sql.rows(open).await,
        [json!({
            "calendar": "office", "resolution_seconds": null, "resolution_business_seconds": null, "one_touch": null,
            "all_clocks_met": false, "is_counted_up_to_now": true
        })]
    );
}

#[tokio::test]
async fn repeats_and_first_contact_resolution_are_as_worked_out_by_hand() {
    let (_desk, sql) = desk().await;
    assert_eq!(
        sql.rows(
            "SELECT case_id, previous_case_id, customer_id, category, gap_seconds FROM docket.repeat_contacts('7 days')"
        )
        .await,
        [
            json!({ "case_id": B, "previous_case_id": A, "customer_id": "c-1", "category": "product", "gap_seconds": 248400 })
        ]
    );
    let rate =
        async |within: &str| sql.rows(&format!("SELECT * FROM docket.repeat_contact_rate('{within}', {MARCH})")).await;
    assert_eq!(rate("7 days").await, [json!({ "cases": 2, "repeats": 1, "rate": 0.5 })]);
    assert_eq!(rate("2 days").await, [json!({ "cases": 2, "repeats": 0, "rate": 0 })]);
    let first = async |within: &str| {
        sql.rows(&format!("SELECT * FROM docket.first_contact_resolution('{within}', {MARCH})")).await
    };
    let of_frontline = |at_first: u32, rate: Value| json!({ "queue": "frontline", "eligible": 2, "resolved_at_first": at_first, "rate": rate });
    // A has come again after three days, B after 22 hours.
    assert_eq!(first("7 days").await, [of_frontline(0, json!(0))]);
    assert_eq!(first("1 day").await, [of_frontline(1, json!(0.5))]);
    assert_eq!(first("22 hours").await, [of_frontline(2, json!(1))], "a window holds its beginning and not its end");
    assert_eq!(first("100 years").await, [] as [Value; 0], "no window of that length has passed");
}

#[tokio::test]
async fn what_happened_when_is_as_worked_out_by_hand() {
    let (_desk, sql) = desk().await;
    let columns = "opened, resolved, closed, reopened, transferred_in, transferred_out, backlog_at_end";
    let daily = async |day: u32, queue: &str| {
        let query = format!("SELECT {columns} FROM docket.daily WHERE day = '2026-03-{day:02}' AND queue = '{queue}'");
        let row = sql.rows(&query).await.remove(0);
        columns.split(", ").map(|column| row[column].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(daily(2, "frontline").await, [1, 1, 1, 0, 0, 0, 0]);
    assert_eq!(daily(3, "frontline").await, [0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(daily(5, "frontline").await, [2, 1, 0, 0, 1, 1, 1]);
    assert_eq!(daily(5, "billing").await, [0, 0, 0, 0, 1, 1, 0]);
    assert_eq!(daily(6, "frontline").await, [0, 1, 0, 1, 0, 0, 1]);
    let obligations = "SELECT case_id, instance, seconds, business_seconds, answered_by FROM docket.obligations";
    let obligation =
        json!({ "case_id": A, "instance": 1, "seconds": 1800, "business_seconds": 1800, "answered_by": "importer" });
    assert_eq!(sql.rows(obligations).await, [obligation]);
    let efforts = sql.rows("SELECT case_id, agent, activity, seconds FROM docket.efforts").await;
    assert_eq!(efforts, [json!({ "case_id": A, "agent": "importer", "activity": "call", "seconds": 600 })]);
    let queues = format!(
        "SELECT queue, visits, CASE queue WHEN 'billing' THEN seconds END AS seconds FROM docket.time_in_queue WHERE case_id = '{B}' AND seconds > 0 ORDER BY queue"
    );
    assert_eq!(
        sql.rows(&queues).await,
        [
            json!({ "queue": "billing", "visits": 1, "seconds": 600 }),
            json!({ "queue": "frontline", "visits": 2, "seconds": null })
        ]
    );
    let volume = "SELECT local_label, channel, queue, cases, messages
        FROM docket.volume('2026-03-05 09:00Z', '2026-03-05 11:00Z', 'Europe/Amsterdam', '15 minutes')";
    assert_eq!(
        sql.rows(volume).await,
        [
            json!({ "local_label": "2026-03-05 10:00", "channel": "web", "queue": "frontline", "cases": 1, "messages": 0 }),
            json!({ "local_label": "2026-03-05 11:00", "channel": "phone", "queue": "frontline", "cases": 1, "messages": 0 })
        ]
    );
    let drivers = "SELECT category, this_week, mean_before FROM docket.drivers('2026-03-04', 2)";
    assert_eq!(
        sql.rows(drivers).await,
        [
            json!({ "category": "product", "this_week": 2, "mean_before": 0 }),
            json!({ "category": null, "this_week": 1, "mean_before": 0 })
        ]
    );
}

#[tokio::test]
async fn sums_agree_across_relations() {
    let desk = Desk::shared();
    let opened = desk.sender("desk").await.must(&Command::case("intake", &crate::support::intake("question"))).await;
    let sql = desk.sql().await;
    sql.await_position(opened["position"].as_u64().unwrap()).await;
    // One statement, one position.
    let sums = sql
        .rows(
            "SELECT
                (SELECT sum(backlog_at_end) FROM docket.daily WHERE day = (SELECT max(day) FROM docket.daily)) AS of_days,
                (SELECT sum(open) FROM docket.queues) AS of_queues,
                (SELECT count(*) FROM docket.cases WHERE docket.is_active(status)) AS of_cases,
                (SELECT sum(opened) FROM docket.daily) AS opened, (SELECT count(*) FROM docket.cases) AS cases,
                (SELECT coalesce(sum(met + breached), 0) FROM docket.sla_attainment) AS of_attainment,
                (SELECT count(*) FROM docket.outcomes) AS outcomes,
                (SELECT coalesce(sum(met + breached), 0) FROM docket.daily) AS outcomes_of_days,
                (SELECT count(*) FROM docket.contacts WHERE kind = 'intake') AS intakes",
        )
        .await
        .remove(0);
    let same = |names: &[&str]| assert!(names.iter().all(|name| sums[*name] == sums[names[0]]), "{names:?} of {sums}");
    same(&["of_days", "of_queues", "of_cases"]);
    same(&["opened", "cases", "intakes"]);
    same(&["of_attainment", "outcomes", "outcomes_of_days"]);
}

#[tokio::test]
async fn articles_and_scorecards_are_as_worked_out_by_hand() {
    let desk = Desk::start();
    let sender = desk.sender("importer").await;
    let about = |category: &str| json!({ "customerId": "c-1", "category": category });
    let article = |id: &str| json!({ "articleId": id });
    let solved = json!({ "code": "solved", "steps": "Mended" });
    for (case, agent) in [(A, "ana"), (B, "ben")] {
        tell(&sender, case, "02 09:00", "intake", intake("web", about("product"))).await;
        tell(&sender, case, "02 09:00", "route", json!({ "queue": "frontline" })).await;
        tell(&sender, case, "02 09:30", "assign", json!({ "agent": agent })).await;
        tell(&sender, case, "02 10:00", "attach", article("KB-1")).await;
    }
    // A is solved with what was attached; B with something else, when the article was of no use.
    tell(&sender, A, "02 11:00", "respond", json!({ "text": "Try this" })).await;
    tell(&sender, A, "02 12:00", "resolve", solved.clone()).await;
    tell(&sender, B, "02 10:30", "detach", article("KB-1")).await;
    tell(&sender, B, "02 11:00", "attach", json!({ "search": "blinking light" })).await;
    let mut with_article = solved.clone();
    with_article["articleId"] = "KB-2".into();
    tell(&sender, B, "02 12:00", "resolve", with_article).await;
    tell(&sender, C, "05 10:05", "intake", intake("phone", json!({ "category": "billing" }))).await;
    tell(&sender, C, "05 10:05", "route", json!({ "queue": "billing" })).await;
    let last = tell(&sender, C, "05 11:00", "resolve", solved).await;
    let sql = Sql::connect(desk.analyst()).await;
    sql.await_position(last).await;
    let third = 1.0 / 3.0;
    assert_eq!(
        sql.rows(&format!("SELECT * FROM docket.knowledge_use({MARCH})")).await,
        [
            json!({ "article_id": null, "cases": 2, "resolved": 3, "rate": 2.0 * third }),
            json!({ "article_id": "KB-1", "cases": 1, "resolved": 3, "rate": third }),
            json!({ "article_id": "KB-2", "cases": 1, "resolved": 3, "rate": third }),
        ]
    );
    assert_eq!(
        sql.rows(&format!("SELECT * FROM docket.knowledge_gaps({MARCH})")).await,
        [json!({ "category": "product", "searches": 1, "cases": 1, "last_at": "2026-03-02T11:00:00+00:00" })]
    );
    let agents = format!(
        "SELECT agent, resolved, one_touch, responses, resolutions, median_resolution_seconds, clocks_met, clocks_breached
        FROM docket.scorecard_agents({MARCH})"
    );
    let card = |agent: &str, responses: u32, met: u32| json!({ "agent": agent, "resolved": 1, "one_touch": 1, "responses": responses, "resolutions": 1, "median_resolution_seconds": 10800, "clocks_met": met, "clocks_breached": 0 });
    let found = sql.rows(&agents).await;
    // The importer responded, to A: of B the clock of the first response was cancelled before its deadline.
    assert_eq!(found[..2], [card("ana", 0, 2), card("ben", 0, 1)]);
    assert_eq!((found[2]["agent"].as_str(), &found[2]["responses"]), (Some("importer"), &json!(1)));
    let queues = format!("SELECT queue, opened, resolved, backlog FROM docket.scorecard_queues({MARCH})");
    assert_eq!(
        sql.rows(&queues).await,
        [
            json!({ "queue": "billing", "opened": 1, "resolved": 1, "backlog": 0 }),
            json!({ "queue": "frontline", "opened": 2, "resolved": 2, "backlog": 0 })
        ]
    );
}
