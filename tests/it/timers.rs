//! Timers: what falls due is recorded though nobody sends a command, and dated when it fell due.

use std::io::Write as _;

use docket_engines::{EngineOptions, Postgres, PostgresOptions, locate};
use docket_messages::{AnyEntry, CaseEvent, ClockChange, Event, Timestamp};
use serde_json::json;

use crate::support::{
    Command, Desk, PrivateNats, Process, SAMPLE_POLICY, Scratch, Sql, accepted, entries, eventually, fresh, intake,
};

/// The sample policy with targets of a few seconds for the first response to critical cases.
async fn publish_policy(desk: &Desk, seconds: u32) {
    let sample = include_str!("../../policies/sample.toml");
    let document = sample.replacen("seconds = 1800 ", &format!("seconds = {seconds} "), 1);
    assert_ne!(document, sample);
    publish(desk, &document).await;
}

async fn publish(desk: &Desk, document: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(document.as_bytes()).unwrap();
    desk.cli().run(&["policy", "publish", &file.path().to_string_lossy()]).await.succeeded();
}

async fn open_critical(desk: &Desk) -> String {
    let mut body = intake("incident");
    (body["impact"], body["urgency"]) = (json!("high"), json!("high"));
    let opened = desk.sender("desk").await.must(&Command::case("intake", &body)).await;
    opened["caseId"].as_str().unwrap().to_owned()
}

/// The deadline that the case's first clock got.
fn due_at(entries: &[AnyEntry]) -> Timestamp {
    let started = entries.iter().flat_map(|entry| &entry.events).find_map(|event| {
        let Event::Case(CaseEvent::Clock(ClockChange::Started, reading)) = event else { return None };
        reading.due_at
    });
    started.expect("a clock that is due")
}

/// Waits for the breach in the log: its entry and its moment.
async fn breach(desk: &Desk, case: &str) -> (Vec<AnyEntry>, AnyEntry, Timestamp) {
    let log = desk.log().await;
    eventually("the breach is recorded", async || {
        let all: Vec<AnyEntry> =
            entries(&log).await.into_iter().map(|(_, entry)| entry).filter(|e| e.of == case).collect();
        let breached = |event: &Event| {
            let Event::Case(CaseEvent::Clock(ClockChange::Breached, reading)) = event else { return None };
            Some(reading.at)
        };
        let of = |entry: &AnyEntry| entry.events.iter().find_map(breached);
        let (entry, at) = all.iter().find_map(|entry| Some((entry.clone(), of(entry)?)))?;
        let at = at.unwrap_or(entry.at);
        Some((all, entry, at))
    })
    .await
}

#[tokio::test]
async fn a_breach_is_recorded_by_the_timers_and_dated_at_the_deadline() {
    let desk = Desk::start();
    publish_policy(&desk, 2).await;
    let case = open_critical(&desk).await;
    let (all, entry, at) = breach(&desk, &case).await;
    assert_eq!(at, due_at(&all));
    assert_eq!((entry.by.as_str(), entry.verb.as_str()), ("docket", "tick"));
    assert!(entry.at >= at, "a breach is not recorded before it happened");
    let warned = all.iter().flat_map(|entry| &entry.events).position(|event| event.name() == "clockWarned");
    let breached = all.iter().flat_map(|entry| &entry.events).position(|event| event.name() == "clockBreached");
    assert!(warned.is_some() && warned < breached, "the warning comes first");
    let sql = desk.sql().await;
    let query = format!(
        "SELECT state, breached_at = due_at AS dated FROM docket.clocks WHERE case_id = '{case}' AND clock = 'first_response'"
    );
    let rows = eventually("the breach is in the read models", async || {
        let rows = sql.rows(&format!("{query} AND EXISTS (SELECT FROM docket.case_timeline t WHERE t.case_id = '{case}' AND t.event = 'clockBreached')")).await;
        (!rows.is_empty()).then_some(rows)
    });
    assert_eq!(rows.await, [json!({ "state": "running", "dated": true })]);
}

#[tokio::test]
async fn a_deadline_that_passes_while_nobody_runs_is_recorded_after_the_next_start() {
    let mut desk = Desk::start();
    publish_policy(&desk, 1).await;
    let case = open_critical(&desk).await;
    desk.kill();
    desk.start_again();
    let (all, _, at) = breach(&desk, &case).await;
    assert_eq!(at, due_at(&all));
}

/// Nobody takes the case: from the queue it came to it goes to the next, and from there to somebody on duty.
#[tokio::test]
async fn an_escalation_acts_though_nobody_sends_a_command() {
    let desk = Desk::start();
    let ownership = r#"
        [[targets]]
        clock = "ownership"
        calendar = "always"
        seconds = 1
        [[escalations]]
        clock = "ownership"
        on = "breach"
        queue = ["frontline"]
        to_queue = "technical"
        level = 2
        [[escalations]]
        clock = "ownership"
        on = "breach"
        queue = ["technical"]
        assign = "duty"
        notify = ["manager"]
        [pend_reasons.awaiting_customer]"#;
    let sample = include_str!("../../policies/sample.toml");
    publish(&desk, &sample.replace("[pend_reasons.awaiting_customer]", ownership)).await;
    let case = desk.sender("desk").await.open_case().await;
    let sql = desk.sql().await;
    let row = format!(
        "SELECT 1 FROM docket.cases WHERE case_id = '{case}' AND (queue, assignee, escalation_level, status) =
            ('technical', 'duty', 2, 'open')"
    );
    eventually("the case is with who is on duty", async || (!sql.rows(&row).await.is_empty()).then_some(())).await;
    let told = format!("SELECT detail FROM docket.case_timeline WHERE case_id = '{case}' AND event = 'notified'");
    assert_eq!(sql.value(&told).await["to"], json!(["manager"]));
    // Each is dated when it fell due: a second after the case came into its queue.
    let dated = format!(
        "SELECT bool_and(at = due) FROM (
            SELECT at, (SELECT max(due_at) FROM docket.clocks c WHERE c.case_id = t.case_id AND c.clock = 'ownership'
                AND c.due_at <= t.at) AS due
            FROM docket.case_timeline t WHERE case_id = '{case}' AND event IN ('routed', 'assigned') AND detail ? 'cause')"
    );
    assert_eq!(sql.value(&dated).await, json!(true));
}

#[tokio::test]
async fn a_shorter_auto_close_wakes_resolved_cases_and_closes_none_before_it_was_published() {
    let desk = Desk::start();
    let (importer, sender) = (desk.sender("importer").await, desk.sender("desk").await);
    let ago =
        |hours: i64| (chrono::Utc::now() - chrono::TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let case = importer.must(&Command::case("intake", &intake("question")).at(&ago(50))).await["caseId"].clone();
    let solved = json!({ "caseId": case, "code": "solved", "steps": "Called." });
    importer.must(&Command::case("resolve", &solved).at(&ago(49))).await;
    // Another one is a history that nobody works on.
    let history = importer.must(&Command::case("intake", &intake("question")).at(&ago(50))).await["caseId"].clone();
    let solved = json!({ "caseId": history, "code": "solved", "steps": "Called." });
    importer.must(&Command::case("resolve", &solved).at(&ago(49))).await;
    sender.must(&Command::case("note", &json!({ "caseId": case, "text": "Somebody works on it." }))).await;
    let sample = include_str!("../../policies/sample.toml");
    assert!(sample.contains("after_days = 5"));
    publish(&desk, &sample.replacen("after_days = 5", "after_days = 2", 1)).await;
    let case = case.as_str().expect("an id");
    let view = eventually("it is closed", async || {
        let view = sender.case(case, None).await["case"].take();
        (view["status"] == "closed").then_some(view)
    })
    .await;
    let published = entries(&desk.log().await).await.into_iter().map(|(_, entry)| entry);
    let published = published.filter(|entry| entry.verb == "publish").last().expect("a policy");
    assert_eq!(view["closedAt"], published.at.to_string());
    let history = sender.case(history.as_str().expect("an id"), None).await["case"].take();
    assert_eq!(history["status"], "resolved");
}

/// Two policies come while no timers run: one that closes after two days, and at once another that closes after nine.
#[tokio::test]
async fn a_shorter_auto_close_that_came_while_no_timers_ran_wakes_resolved_cases_when_they_run() {
    let folder = Scratch::new();
    let nats = PrivateNats::start().await;
    let binaries = locate(&EngineOptions::new(folder.path()), &|_| {}).await.expect("the engines' binaries");
    let postgres = Postgres::start(&binaries, &PostgresOptions::new(folder.path())).await.expect("PostgreSQL");
    let (nats_url, postgres_url) = (nats.nats.url(), postgres.url());
    let serve = |roles| ["serve", "--nats", &nats_url, "--postgres", &postgres_url, "--roles", roles];
    let homes = [Scratch::new(), Scratch::new()];
    let _service = Process::start(homes[0].path(), &serve("command,projection"));
    nats.publish_sample_policy().await;
    let (importer, sender) = (nats.sender("importer").await, nats.sender("desk").await);
    let ago = (chrono::Utc::now() - chrono::TimeDelta::hours(50)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let case = importer.must(&Command::case("intake", &intake("question")).at(&ago)).await["caseId"].clone();
    let solved = json!({ "caseId": case, "code": "solved", "steps": "Called." });
    importer.must(&Command::case("resolve", &solved).at(&ago)).await;
    sender.must(&Command::case("note", &json!({ "caseId": case, "text": "Somebody works on it." }))).await;
    let sample = std::fs::read_to_string(SAMPLE_POLICY).unwrap();
    let admin = nats.sender("admin").await;
    let mut position = 0;
    for days in [2, 9] {
        let document = sample.replacen("after_days = 5", &format!("after_days = {days}"), 1);
        let body = json!({ "document": document }).to_string();
        let publish = Command::raw("policy", "publish", body).id(&fresh());
        position = accepted(&admin.send(&publish).await)["position"].as_u64().expect("a position");
    }
    let sql = Sql::connect(&postgres_url).await;
    let are_made = "SELECT to_regproc('docket.await_position') IS NOT NULL";
    eventually("the read models are made", async || (sql.value(are_made).await == true).then_some(())).await;
    sql.await_position(position).await;
    let case = case.as_str().expect("an id");
    assert_eq!(sender.case(case, None).await["case"]["status"], "resolved", "nobody has woken it");

    let _timers = Process::start(homes[1].path(), &serve("timers"));
    let view = eventually("it is closed", async || {
        let view = sender.case(case, None).await["case"].take();
        (view["status"] == "closed").then_some(view)
    })
    .await;
    let log = entries(&nats.log().await).await.into_iter().map(|(_, entry)| entry);
    let published: Vec<AnyEntry> = log.filter(|entry| entry.verb == "publish").collect();
    assert_eq!(published.len(), 3);
    assert_eq!(view["closedAt"], published[1].at.to_string(), "by the rule that held for a moment");
}

/// Whoever tells a history is not interrupted by what was scheduled while a case of it waited for another one.
#[tokio::test]
async fn a_history_that_was_merged_and_taken_back_is_not_woken() {
    let desk = Desk::start();
    publish_policy(&desk, 12).await;
    let importer = desk.sender("importer").await;
    let at = |command: Command, minute: u32| command.at(&format!("2025-03-03T10:{minute:02}:00Z"));
    let of = |verb: &str, case: &str, more: serde_json::Value| {
        let mut body = json!({ "caseId": case });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Command::case(verb, &body)
    };
    let mut cases = Vec::new();
    for minute in 0..2 {
        let opened = importer.must(&at(Command::case("intake", &intake("question")), minute)).await;
        cases.push(opened["caseId"].as_str().unwrap().to_owned());
    }
    let [loser, survivor]: [String; 2] = cases.try_into().unwrap();
    importer.must(&at(of("resolve", &loser, json!({ "code": "solved", "steps": "x" })), 10)).await;
    importer.must(&at(of("merge", &loser, json!({ "into": survivor })), 20)).await;
    importer.must(&at(of("unmerge", &loser, json!({ "reason": "x" })), 30)).await;
    importer.must(&at(of("link", &loser, json!({ "to": survivor, "relation": "parent" })), 40)).await;
    // What was scheduled for it fires before this case is in breach.
    let live = open_critical(&desk).await;
    breach(&desk, &live).await;
    let all = entries(&desk.log().await).await;
    let live_entries = all.iter().filter(|(_, entry)| entry.of == loser && entry.verb == "tick").count();
    assert_eq!(live_entries, 0, "nobody asked it");
    importer.must(&at(of("reopen", &loser, json!({ "reason": "x" })), 50)).await;
}
