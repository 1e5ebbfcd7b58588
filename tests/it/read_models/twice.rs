//! Every number twice: by SQL, and by a fold of the log in another language that shares no code with Docket
//! (`tests/metrics/`).

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use crate::support::{
    Cli, Command, Desk, SAMPLE_POLICY, Scratch, Sender, Sql, drive, eventually, fresh, histories, python,
};

const RELATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/metrics/relations.py");
/// What is asked for over a period is asked for between these.
const MOMENTS: [&str; 4] =
    ["2026-04-25T00:00:00Z", "2026-05-05T10:00:00Z", "2026-05-20T22:00:00Z", "2026-06-20T00:00:00Z"];

/// The rows of a query as lists, in the order of their columns.
async fn rows(transaction: &mut sqlx::PgTransaction<'_>, query: &str) -> Vec<Value> {
    let lists = format!("SELECT (SELECT json_agg(value) FROM json_each(row_to_json(row))) FROM ({query}) AS row");
    let rows = sqlx::query_scalar(AssertSqlSafe(lists)).fetch_all(&mut **transaction).await;
    rows.unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// How often each row is there. `1` and `1.0` are one number.
fn counted(rows: Vec<Value>) -> BTreeMap<String, u32> {
    let plain = |value: Value| match value.as_f64() {
        Some(number) => format!("{number}"),
        None => value.to_string(),
    };
    rows.into_iter().fold(BTreeMap::new(), |mut all, row| {
        let Value::Array(values) = row else { panic!("no row: {row}") };
        *all.entry(values.into_iter().map(plain).collect::<Vec<_>>().join(" | ")).or_default() += 1;
        all
    })
}

/// Asserts that SQL says what the fold of a log up to a position says. Hands back how many queries had rows; nothing if
/// the read models show another position, since time passes and with it entries are made.
async fn told_twice(sql: &Sql, log: &Path, position: &Value, moments: &[&str]) -> Option<usize> {
    let mut transaction = sql.pool.begin().await.expect("a transaction");
    let begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL TimeZone TO 'UTC'";
    sqlx::raw_sql(begin).execute(&mut *transaction).await.expect("a transaction of one moment");
    let now = "SELECT (extract(epoch FROM now()) * 1000000)::bigint";
    let now: i64 = sqlx::query_scalar(now).fetch_one(&mut *transaction).await.expect("the time");
    let shown = &rows(&mut transaction, "SELECT position FROM docket.position").await[0][0];
    if shown != position {
        return None;
    }
    let millis =
        |text: &&str| chrono::DateTime::parse_from_rfc3339(text).expect("a time").timestamp_millis().to_string();
    let mut arguments = vec![RELATIONS.to_owned(), log.to_str().expect("a name").to_owned(), now.to_string()];
    arguments.extend(moments.iter().map(millis));
    let folded = python(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), None).await;
    let mut with_rows = 0;
    for line in folded.lines() {
        let mut told: Value = serde_json::from_str(line).expect("JSON");
        let Value::Array(expected) = told["rows"].take() else { panic!("no rows: {told}") };
        let query = told["query"].as_str().expect("a query");
        with_rows += usize::from(!expected.is_empty());
        let (read, expected) = (counted(rows(&mut transaction, query).await), counted(expected));
        let only = |one: &BTreeMap<String, u32>, other: &BTreeMap<String, u32>| -> Vec<String> {
            one.iter()
                .filter(|(row, count)| other.get(*row) != Some(count))
                .map(|(row, _)| row.clone())
                .take(5)
                .collect()
        };
        assert!(
            read == expected,
            "{query}\nonly SQL has {:#?}\nonly the fold has {:#?}",
            only(&read, &expected),
            only(&expected, &read)
        );
    }
    Some(with_rows)
}

async fn publish(desk: &Desk, zone: &str) {
    let sample = std::fs::read_to_string(SAMPLE_POLICY).unwrap();
    let document = sample.replacen("[lifecycle]", &format!("[reporting]\nzone = \"{zone}\"\n[lifecycle]"), 1);
    let publish = Command::raw("policy", "publish", json!({ "document": document }).to_string()).id(&fresh());
    desk.sender("admin").await.must(&publish).await;
}

async fn merge(sender: &Sender, verb: &str, case: &str, more: Value) {
    let mut body = json!({ "caseId": case });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    sender.must(&Command::case(verb, &body)).await;
}

/// Asserts it of the log of a desk. Hands back how many queries had rows.
async fn assert_told_twice(cli: &Cli, sql: &Sql, moments: &[&str]) -> usize {
    let folder = Scratch::new();
    let file = folder.path().join("log.jsonl");
    eventually("a log that stands still for a moment", async || {
        let lines = cli.run(&["log", "--json"]).await.succeeded().out;
        let mut last: Value = serde_json::from_str(lines.lines().last().expect("an entry")).expect("JSON");
        let position = last["position"].take();
        sql.await_position(position.as_u64().expect("a position")).await;
        std::fs::write(&file, lines).expect("a file of ours");
        told_twice(sql, &file, &position, moments).await
    })
    .await
}

#[tokio::test]
async fn every_number_is_what_another_fold_of_the_log_makes_it() {
    let desk = Desk::start();
    publish(&desk, "Australia/Lord_Howe").await;
    let histories = histories(150);
    let importer = desk.sender("importer").await;
    drive(&importer, &histories).await;
    // Cases that nobody has resolved: one goes on in another one, and one does no more.
    let case = |number: usize| histories[number].case.as_str();
    merge(&importer, "merge", case(3), json!({ "into": case(9) })).await;
    merge(&importer, "merge", case(15), json!({ "into": case(21) })).await;
    merge(&importer, "unmerge", case(15), json!({ "reason": "Two customers." })).await;
    let sql = desk.sql().await;
    let with_rows = assert_told_twice(&desk.cli(), &sql, &MOMENTS).await;
    assert!(with_rows > 250, "only {with_rows} queries have rows");
    // Another zone, in which everything is of another day.
    publish(&desk, "America/New_York").await;
    assert_told_twice(&desk.cli(), &sql, &MOMENTS).await;
}

/// `DOCKET_DATA=DIR DOCKET_MOMENTS=2016-01-01T00:00:00Z,… cargo test -p docket --test it -- --ignored every_number`
#[tokio::test]
#[ignore = "of a desk that runs in a folder, with a log of real cases"]
async fn every_number_of_a_running_desk_is_what_another_fold_of_its_log_makes_it() {
    let folder = std::path::PathBuf::from(std::env::var_os("DOCKET_DATA").expect("DOCKET_DATA names a folder"));
    let moments = std::env::var("DOCKET_MOMENTS").expect("DOCKET_MOMENTS names moments");
    let endpoints = std::fs::read(folder.join("endpoints.json")).expect("a desk that runs");
    let endpoints: Value = serde_json::from_slice(&endpoints).expect("JSON");
    let address = |of: &str| endpoints[of].as_str().expect("an address");
    let (nats, postgres) = (address("nats"), address("postgres"));
    let cli = Cli::new().with("DOCKET_NATS_URL", nats).with("DOCKET_POSTGRES_URL", postgres);
    let moments: Vec<&str> = moments.split(',').collect();
    let with_rows = assert_told_twice(&cli, &Sql::connect(postgres).await, &moments).await;
    println!("{with_rows} queries have rows, and all say what the fold says");
}
