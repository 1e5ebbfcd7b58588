//! The read models say what the log says, now and at any moment of the past.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use serde_json::Value;

use super::{assert_same, columns, values};
use crate::support::{Desk, History, Sender, Sql, drive, histories};

const CASES: u32 = 150;
/// In the course of the histories.
const MOMENTS: [&str; 5] = [
    "2026-04-26T00:00:00Z",
    "2026-05-05T11:10:00Z",
    "2026-05-20T18:00:00Z",
    "2026-06-01T00:00:00Z",
    "2026-06-30T12:34:56Z",
];

/// Every history's case as of a moment, for those that had begun.
async fn folded(sender: &Sender, histories: &[History], as_of: Option<&str>) -> Vec<Value> {
    let asked = futures::stream::iter(histories)
        .map(async |history: &History| sender.case(&history.case, as_of.map(Value::from)).await["case"].take());
    let all: Vec<Value> = asked.buffer_unordered(64).collect().await;
    all.into_iter().filter(|case| !case.is_null()).collect()
}

#[tokio::test]
async fn every_row_is_what_the_log_folds_to() {
    let desk = Desk::start();
    let histories = histories(CASES);
    let importer = desk.sender("importer").await;
    let position = drive(&importer, &histories).await;
    let sql = desk.sql().await;
    sql.await_position(position).await;
    let views = folded(&importer, &histories, None).await;
    assert_eq!(views.len(), CASES as usize);
    let clocks = sql.rows("SELECT * FROM docket.clocks").await;
    assert_rows(&views, sql.rows("SELECT * FROM docket.cases").await, clocks);
    for history in histories.iter().step_by(25) {
        let shown = desk.cli().run(&["case", "show", &history.case, "--json"]).await.succeeded().json();
        assert!(views.contains(&shown), "the command line tells another story: {shown}");
    }
    let live = sql.rows("SELECT * FROM docket.queues ORDER BY queue NULLS LAST").await;
    let as_of_now = sql.rows("SELECT * FROM docket.queues_as_of(now())").await;
    let counts = |rows: &[Value]| -> Vec<Vec<Value>> {
        let columns = columns("queues");
        rows.iter().map(|row| values(row, &columns).into_iter().filter(|value| !value.is_string()).collect()).collect()
    };
    assert_eq!(counts(&as_of_now), counts(&live), "the ages are of two moments");
    for moment in MOMENTS {
        let views = folded(&importer, &histories, Some(moment)).await;
        backlog_as_of(&sql, moment, &views).await;
        queues_as_of(&sql, moment, &views).await;
        let cases = format!(
            "SELECT past.* FROM docket.cases CROSS JOIN LATERAL docket.case_as_of(cases.case_id, '{moment}') AS past"
        );
        let clocks = format!("SELECT * FROM docket.clocks_as_of('{moment}')");
        assert_rows(&views, sql.rows(&cases).await, sql.rows(&clocks).await);
    }
}

/// Asserts that rows of `docket.cases` and of `docket.clocks` say what the views of the log say, and no more.
fn assert_rows(views: &[Value], cases: Vec<Value>, clocks: Vec<Value>) {
    let by_case = |rows: Vec<Value>| -> BTreeMap<String, Vec<Value>> {
        rows.into_iter().fold(BTreeMap::new(), |mut all, row| {
            all.entry(row["case_id"].as_str().unwrap().to_owned()).or_default().push(row);
            all
        })
    };
    let (rows, clocks) = (by_case(cases), by_case(clocks));
    assert_eq!(rows.len(), views.len());
    for view in views {
        let case = view["caseId"].as_str().unwrap();
        // What docket.outcomes, docket.at_risk and docket.queues rely on.
        let runs = view["clocks"].as_array().unwrap().iter().any(|clock| clock["state"] == "running");
        assert!(active(std::slice::from_ref(view)).next().is_some() || !runs, "a clock of a case that is over: {view}");
        assert_same(&rows[case][0], view, &columns("cases"));
        let told = view["clocks"].as_array().unwrap();
        assert_eq!(told.len(), clocks.get(case).map_or(0, Vec::len), "{view}");
        for clock in told {
            let is_it = |row: &&Value| row["clock"] == clock["clock"] && row["instance"] == clock["instance"];
            let row = clocks[case].iter().find(is_it).unwrap_or_else(|| panic!("no row of {clock}"));
            assert_same(row, clock, &columns("clocks")[1..]);
        }
    }
}

/// The cases of the backlog.
fn active(views: &[Value]) -> impl Iterator<Item = &Value> {
    let is_over = |case: &Value| {
        ["resolved", "closed", "cancelled", "merged"].contains(&case["status"].as_str().expect("a status"))
    };
    views.iter().filter(move |case| !is_over(case))
}

async fn backlog_as_of(sql: &Sql, moment: &str, views: &[Value]) {
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for case in active(views) {
        let bucket = bucket(age_seconds(moment, case["openedAt"].as_str().unwrap()));
        let key = format!("{} {} {} {bucket}", case["queue"], case["priority"], case["type"]);
        *expected.entry(key).or_default() += 1;
    }
    let rows = sql.rows(&format!("SELECT * FROM docket.backlog_as_of('{moment}')")).await;
    let key = |row: &Value| {
        format!("{} {} {} {}", row["queue"], row["priority"], row["type"], row["bucket"].as_str().unwrap())
    };
    let found: BTreeMap<String, u64> = rows.iter().map(|row| (key(row), row["cases"].as_u64().unwrap())).collect();
    assert_eq!(found, expected, "{moment}");
    assert!(!expected.is_empty(), "{moment}");
}

async fn queues_as_of(sql: &Sql, moment: &str, views: &[Value]) {
    /// Open, unassigned, pending, breached.
    type Counts = [u64; 4];
    let mut expected: BTreeMap<String, Counts> = BTreeMap::new();
    for case in active(views) {
        let clocks = case["clocks"].as_array().unwrap();
        let is_pending = |clock: &&Value| clock["state"] == "running" || clock["state"] == "paused";
        let breached = clocks.iter().filter(is_pending).filter(|clock| !clock["breachedAt"].is_null());
        let is_pending = case["status"].as_str().unwrap().starts_with("pending");
        let counts = [1, u64::from(case["assignee"].is_null()), u64::from(is_pending), breached.count() as u64];
        let of_queue = expected.entry(case["queue"].to_string()).or_default();
        of_queue.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let rows = sql.rows(&format!("SELECT * FROM docket.queues_as_of('{moment}')")).await;
    let counts =
        |row: &Value| ["open", "unassigned", "pending", "breached"].map(|column| row[column].as_u64().unwrap());
    let found: BTreeMap<String, Counts> = rows.iter().map(|row| (row["queue"].to_string(), counts(row))).collect();
    assert_eq!(found, expected, "{moment}");
}

fn age_seconds(moment: &str, opened_at: &str) -> i64 {
    let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
    (time(moment) - time(opened_at)).num_seconds()
}

fn bucket(age_seconds: i64) -> &'static str {
    match age_seconds / 3_600 {
        ..4 => "<4h",
        4..24 => "4-24h",
        24..72 => "1-3d",
        72..168 => "3-7d",
        168..336 => "7-14d",
        336..720 => "14-30d",
        720.. => ">=30d",
    }
}
