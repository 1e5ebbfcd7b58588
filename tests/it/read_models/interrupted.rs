//! A projection that is killed goes on where it was: its tables are those of one that was never disturbed.

use docket_messages::Position;
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::{Command, Desk, Process, Scratch, Sql, drive, eventually, get, histories, intake, rebuild};

const TABLES: [&str; 7] =
    ["cases", "case_history", "case_timeline", "clocks", "survey_answers", "agent_presence", "sla_attainment"];

/// The connections that hold the worker's place.
const HOLDERS: &str = "SELECT pid FROM pg_locks WHERE granted AND relation = 'docket_access.worker_place'::regclass";

/// Everything that the schema holds, in one order.
async fn tables(sql: &Sql, schema: &str) -> Vec<(String, Vec<Value>)> {
    let mut all = Vec::new();
    for table in TABLES.map(|table| format!("{schema}.{table}")).into_iter().chain([format!("{schema}_private.texts")])
    {
        let rows = sql.rows(&format!("SELECT * FROM {table} AS row ORDER BY row::text")).await;
        let name = table.split('.').next_back().unwrap_or_default().to_owned();
        all.push((name, rows));
    }
    all
}

fn assert_equal(found: &[(String, Vec<Value>)], expected: &[(String, Vec<Value>)], when: &str) {
    for ((name, found), (_, expected)) in found.iter().zip(expected) {
        assert_eq!(found.len(), expected.len(), "{when}: rows of {name}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(found, expected, "{when}: {name}");
        }
    }
}

/// The tables that one pass over the whole log makes, in a schema of its own.
async fn undisturbed(desk: &Desk, position: u64) -> Vec<(String, Vec<Value>)> {
    rebuild(desk.nats(), desk.postgres(), Position(position)).await;
    tables(&desk.sql().await, "again").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_desk_goes_on_and_has_the_tables_of_one_that_was_not() {
    let mut desk = Desk::start();
    let histories = histories(120);
    let online = json!({ "agent": "ana", "presence": "online" }).to_string();
    desk.sender("desk").await.must(&Command::raw("agent", "presence", online).id("p-1")).await;
    for half in [&histories[..40], &histories[..80]] {
        drive(&desk.sender("importer").await, half).await;
        // The read models may be anywhere between nothing and everything now.
        desk.kill();
        desk.start_again();
    }
    let last = drive(&desk.sender("importer").await, &histories).await;
    let sql = desk.sql().await;
    sql.await_position(last).await;
    let before = tables(&sql, "docket").await;
    assert!(before.iter().all(|(_, rows)| !rows.is_empty()));
    assert_equal(&before, &undisturbed(&desk, last).await, "against an undisturbed projection");

    desk.kill();
    desk.start_again();
    let sql = desk.sql().await;
    assert_eq!(sql.value("SELECT position FROM docket.position").await, last, "it does not begin again");
    assert_equal(&tables(&sql, "docket").await, &before, "after another crash");
    let position = desk.sender("desk").await;
    position.open_case().await;
    sql.await_position(last + 1).await;
    assert!(desk.stop().success());
}

/// Ends the connection of the worker, as if Postgres had; hands back its process id.
async fn end_worker(sql: &Sql) -> Value {
    let worker = sql.value(&format!("{HOLDERS} LIMIT 1")).await;
    sql.run(&format!("SELECT pg_terminate_backend({worker})")).await.unwrap();
    worker
}

#[tokio::test]
async fn a_worker_that_lost_its_connection_comes_back_though_nothing_happens() {
    let desk = Desk::start();
    let sql = desk.sql().await;
    let last = desk.sender("desk").await.must(&Command::case("intake", &intake("question"))).await;
    sql.await_position(last["position"].as_u64().unwrap()).await;
    let worker = end_worker(&sql).await;
    eventually("another connection takes its place and reports", async || {
        let now = sql.rows(HOLDERS).await;
        let reports = sql.value("SELECT lag_seconds FROM docket.position").await;
        (now.iter().any(|holder| holder["pid"] != worker) && !reports.is_null()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_stands_by_is_ready_and_takes_the_place_of_one_that_is_gone() {
    let desk = Desk::start();
    let sql = desk.sql().await;
    sql.await_position(1).await;
    let (folder, nats) = (Scratch::new(), desk.nats_as("docket-projection"));
    let serve = ["serve", "--roles", "projection", "--nats", &nats, "--postgres", desk.postgres()];
    let other = Process::start(folder.path(), &serve);
    let is = async |server: &str, state: &str| {
        eventually(state, async || {
            let (status, body) = get(server, "/readyz").await;
            (status == "200" && body.contains(&format!("projection: {state}\n"))).then_some(())
        })
        .await;
    };
    is(other.ready("http"), "standing by").await;
    // It cannot come back before the other one has its place.
    desk.signal(Signal::SIGSTOP);
    end_worker(&sql).await;
    is(other.ready("http"), "running").await;
    desk.signal(Signal::SIGCONT);
    is(desk.http(), "standing by").await;
    drop(other);
    is(desk.http(), "running").await;
    let last = desk.sender("desk").await.must(&Command::case("intake", &intake("question"))).await;
    sql.await_position(last["position"].as_u64().unwrap()).await;
}
