//! The read models say what the log says, now and at any moment of the past.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use serde_json::Value;

use super::{assert_same, columns};
use crate::support::{Desk, History, Sender, Sql, drive, histories};

const CASES: u32 = 150;

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
    cases_and_clocks(&sql, &views).await;
    for history in histories.iter().step_by(25) {
        let shown = desk.cli().run(&["case", "show", &history.case, "--json"]).await.succeeded().json();
        assert!(views.contains(&shown), "the command line tells another story: {shown}");
    }
    backlogs(&sql, &importer, &histories).await;
}

async fn cases_and_clocks(sql: &Sql, views: &[Value]) {
    let by_case = |rows: Vec<Value>| -> BTreeMap<String, Vec<Value>> {
        rows.into_iter().fold(BTreeMap::new(), |mut all, row| {
            all.entry(row["case_id"].as_str().unwrap().to_owned()).or_default().push(row);
            all
        })
    };
    let rows = by_case(sql.rows("SELECT * FROM docket.cases").await);
    let clocks = by_case(sql.rows("SELECT * FROM docket.clocks ORDER BY started_at, clock, instance").await);
    assert_eq!(rows.len(), views.len());
    for view in views {
        let case = view["caseId"].as_str().unwrap();
        assert_same(&rows[case][0], view, &columns("cases"));
        let told = view["clocks"].as_array().unwrap();
        assert_eq!(told.len(), clocks[case].len(), "{view}");
        for clock in told {
            let is_it = |row: &&Value| row["clock"] == clock["clock"] && row["instance"] == clock["instance"];
            let row = clocks[case].iter().find(is_it).unwrap_or_else(|| panic!("no row of {clock}"));
            assert_same(row, clock, &columns("clocks")[1..]);
        }
    }
}

/// The backlog at several moments against a recomputation from the log.
async fn backlogs(sql: &Sql, sender: &Sender, histories: &[History]) {
    let moments = [
        "2026-04-26T00:00:00Z",
        "2026-05-05T11:10:00Z",
        "2026-05-20T18:00:00Z",
        "2026-06-01T00:00:00Z",
        "2026-06-30T12:34:56Z",
    ];
    for moment in moments {
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for case in folded(sender, histories, Some(moment)).await {
            if ["resolved", "closed", "cancelled", "merged"].contains(&case["status"].as_str().unwrap()) {
                continue;
            }
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
