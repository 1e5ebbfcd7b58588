//! An exported history comes in as back-dated commands: once, however often it is imported.

use docket_eventlog::EventLog as _;
use serde_json::{Value, json};

use crate::support::{Command, Desk, Printed, SAMPLE_POLICY, verify};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/servicenow-small.csv");

async fn import(desk: &Desk, more: &[&str]) -> Printed {
    let arguments = [&["import", "servicenow", FIXTURE, "--json"], more].concat();
    desk.cli().run(&arguments).await.succeeded()
}

#[tokio::test]
async fn a_history_is_imported_once_and_what_cannot_be_is_told_by_line() {
    let desk = Desk::start();
    let report = import(&desk, &[]).await.json();
    let count = |key: &str| report[key].as_u64().unwrap();
    assert_eq!((count("rows"), count("cases"), count("refused"), count("repeated")), (65, 13, 0, 0), "{report}");
    assert_eq!((count("accepted"), count("ticked")), (104, 3), "{report}");
    let rejects: Vec<(u64, &str)> = report["rejects"].as_array().unwrap().iter().map(line_and_case).collect();
    let (six, seven, eight, twelve) = ("INC9000006", "INC9000007", "INC9000008", "INC9000012");
    assert_eq!(rejects, [(23, six), (24, six), (29, seven), (37, eight), (60, twelve), (62, twelve), (64, twelve)]);
    cases_are_as_the_file_says(&desk).await;
    // The file does not say what was answered, so nothing is said of it.
    assert_eq!(report["responsesKnown"], false, "{report}");
    let owed = "SELECT count(*) FROM docket.clocks WHERE clock = 'first_response'";
    assert_eq!(desk.sql().await.value(owed).await, 0);
    assert_eq!(desk.sql().await.value("SELECT sum(unanswered) FROM docket.resolutions_daily").await, 0);

    service_levels_are_compared(&desk, &report["serviceLevels"]).await;

    let log = desk.log().await;
    let head = log.head().await.unwrap();
    let again = import(&desk, &[]).await.json();
    assert_eq!(
        (&again["accepted"], &again["repeated"], &again["rejects"]),
        (&json!(0), &json!(104), &report["rejects"])
    );
    assert_eq!(log.head().await.unwrap(), head, "a second run adds nothing");
    verify(&log).await;
}

/// The file says of all cases that they kept their service level; the clocks know better.
async fn service_levels_are_compared(desk: &Desk, levels: &Value) {
    assert_eq!(levels["file"], json!({ "kept": 13, "missed": 0, "undecided": 0 }), "{levels}");
    let by_clocks =
        "SELECT count(*) FILTER (WHERE NOT is_missed AND is_met) AS kept, count(*) FILTER (WHERE is_missed) AS missed,
            count(*) FILTER (WHERE NOT is_missed AND NOT is_met) AS undecided
        FROM (SELECT case_id, coalesce(bool_or(breached_at < '2016-04-02T09:20:00Z'), false) AS is_missed,
                bool_or(met_at IS NOT NULL) AS is_met
            FROM docket.clocks WHERE clock = 'resolution' GROUP BY case_id)";
    assert_eq!(levels["docket"], desk.sql().await.rows(by_clocks).await[0], "{levels}");
    let (kept, missed) = (&levels["docket"]["kept"], &levels["docket"]["missed"]);
    let differ = levels["differ"].as_array().unwrap();
    assert_eq!((&levels["agree"], &json!(differ.len())), (kept, missed), "{levels}");
    // It was never solved within three working days, and is still open.
    let eleventh = differ.iter().find(|one| one["case"] == "INC9000011").expect("a difference");
    assert_eq!((&eleventh["file"], &eleventh["docket"]), (&json!("kept"), &json!("missed")), "{levels}");
}

fn line_and_case(reject: &Value) -> (u64, &str) {
    (reject["line"].as_u64().unwrap(), reject["case"].as_str().unwrap())
}

/// By hand, from the file.
async fn cases_are_as_the_file_says(desk: &Desk) {
    let sql = desk.sql().await;
    let rows = sql
        .rows(
            "SELECT to_char(opened_at, 'MM-DD HH24:MI') AS opened, status, queue, assignee, priority, channel,
                to_char(resolved_at, 'MM-DD HH24:MI') AS resolved, to_char(closed_at, 'MM-DD HH24:MI') AS closed,
                reopen_count AS reopens, reassign_count AS reassigns, transfer_count AS transfers,
                resolution_code AS resolution
            FROM docket.cases ORDER BY opened_at",
        )
        .await;
    let columns = [
        "opened",
        "status",
        "queue",
        "assignee",
        "resolved",
        "closed",
        "reopens",
        "reassigns",
        "transfers",
        "resolution",
    ];
    let found: Vec<Value> = rows.iter().map(|row| columns.iter().map(|column| row[column].clone()).collect()).collect();
    assert_eq!(
        found,
        [
            json!(["03-01 09:00", "closed", "Group 1", "Resolver 1", "03-01 11:00", "03-06 11:00", 0, 0, 0, "code 2"]),
            json!(["03-01 10:00", "closed", "Group 2", "Resolver 3", "03-01 10:05", "03-06 11:00", 0, 1, 1, "code 3"]),
            json!(["03-02 08:00", "closed", null, null, null, "03-02 08:20", 0, 0, 0, null]),
            json!(["03-02 09:00", "closed", "Group 1", null, "03-02 09:30", "03-07 10:00", 0, 0, 0, "code 2"]),
            json!(["03-03 12:00", "closed", "Group 3", null, "03-03 12:00", "03-08 12:00", 0, 0, 0, "code 2"]),
            json!(["03-04 09:00", "closed", "Group 2", null, "03-04 10:00", "03-09 10:00", 0, 0, 1, "code 2"]),
            json!(["03-07 09:00", "closed", "Group 2", "Resolver 1", "03-08 10:00", "03-13 10:00", 1, 0, 1, "code 2"]),
            json!(["03-08 09:00", "closed", null, null, "03-14 10:00", "03-19 10:00", 1, 0, 0, "code 2"]),
            json!(["03-09 09:00", "closed", null, null, "03-09 16:00", "03-14 16:00", 1, 0, 0, "code 2"]),
            json!(["03-10 09:00", "open", "Group 1", "Resolver 2", null, null, 0, 1, 2, null]),
            json!(["03-11 09:00", "open", null, null, null, null, 0, 0, 0, null]),
            json!(["03-27 02:30", "open", null, null, null, null, 0, 0, 0, null]),
            json!(["03-28 09:00", "closed", "Group 1", "Resolver 1", "03-28 09:20", "04-02 09:20", 0, 0, 0, "code 2"]),
        ]
    );
    // Callers, agents and groups of the file are pseudonyms; the rest of a row's words are the policy's.
    assert_eq!(sql.value("SELECT count(DISTINCT customer_id) FROM docket.cases").await, 13);
}

#[tokio::test]
async fn a_part_of_a_history_can_come_first_and_its_zone_counts() {
    let desk = Desk::start();
    let part = import(&desk, &["--limit", "3", "--tz", "Europe/Lisbon"]).await.json();
    assert_eq!((&part["cases"], &part["rows"]), (&json!(3), &json!(11)), "{part}");
    let whole = import(&desk, &["--tz", "Europe/Lisbon"]).await.json();
    let count = |report: &Value, key: &str| report[key].as_u64().unwrap();
    assert_eq!(count(&whole, "repeated"), count(&part, "accepted") - count(&part, "ticked"), "{whole}");
    assert_eq!(count(&whole, "cases"), 13);
    let opened = desk.sql().await;
    let opened = opened.rows("SELECT opened_at FROM docket.cases ORDER BY opened_at OFFSET 11 LIMIT 1").await;
    // 02:30 does not exist in Lisbon on that night: it is an hour later, 01:30 UTC being 02:30 summer time.
    assert_eq!(opened[0]["opened_at"], "2016-03-27T01:30:00+00:00");
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_another_zone_is_refused_the_second_time() {
    let desk = Desk::start();
    let head = async || desk.log().await.head().await.unwrap();
    let before = head().await;
    let printed = import(&desk, &["--dry-run"]).await;
    let report = printed.json();
    assert_eq!(
        (&report["commands"], &report["ticks"], &report["cases"]),
        (&json!(101), &json!(3), &json!(13)),
        "{report}"
    );
    assert_eq!(report["rejects"].as_array().unwrap().len(), 7);
    assert!(printed.err.contains("+ [queues.\"Group 1\"]"), "{printed:?}");
    assert_eq!(head().await, before, "nothing was sent");

    import(&desk, &["--limit", "5"]).await;
    let before = head().await;
    let again = desk.cli().run(&["import", "servicenow", FIXTURE, "--tz", "America/Sao_Paulo"]).await;
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.err.contains("imported before with other times"), "{again:?}");
    assert!(again.err.contains("opened at 2016-03-01T09:00:00.000Z"), "{again:?}");
    assert_eq!(head().await, before, "nothing was sent");
    let nowhere = desk.cli().run(&["import", "servicenow", FIXTURE, "--tz", "Europe/Atlantis"]).await;
    assert!(nowhere.code == Some(1) && nowhere.err.contains("`Europe/Atlantis` is not a time zone"), "{nowhere:?}");
}

#[tokio::test]
async fn a_file_that_was_imported_with_other_intakes_once_adds_none_when_it_comes_again() {
    let desk = Desk::start();
    // The same words under other numbers, so that the policy has them.
    let other = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(other.path(), std::fs::read_to_string(FIXTURE).unwrap().replace("INC9", "INC8")).unwrap();
    desk.cli().run(&["import", "servicenow", &other.path().to_string_lossy()]).await.succeeded();
    let importer = desk.sender("importer").await;
    // As intakes were written before they said that responses are unknown; the second is not the one of the file.
    let once = [
        (
            r#"{"caseId":"61e2cc0a-5cd1-5e14-8ec2-dca17faa5a07","type":"incident","subject":"Incident INC9000001","channel":"Phone","customerId":"Caller 1","impact":"medium","urgency":"medium"}"#,
            "INC9000001-0-201603010902-intake",
            "2016-03-01T09:00:00Z",
        ),
        (
            r#"{"caseId":"6f432245-7ad1-5335-b2fe-656fac8bba88","type":"incident","subject":"Something else","channel":"Phone","impact":"medium","urgency":"medium"}"#,
            "INC9000002-0-201603011005-intake",
            "2016-03-01T10:00:00Z",
        ),
    ];
    for (body, id, at) in once {
        importer.must(&Command::raw("case", "intake", body).id(id).at(at)).await;
    }
    let report = import(&desk, &["--limit", "2"]).await.json();
    assert_eq!((&report["repeated"], &report["refused"]), (&json!(1), &json!(1)), "{report}");
    let reason = report["rejects"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("`intake` was refused") && reason.contains("command_id_reused"), "{reason}");
    let again = import(&desk, &["--limit", "2"]).await.json();
    assert_eq!((&again["accepted"], &again["refused"]), (&json!(0), &json!(1)), "{again}");
}

#[tokio::test]
async fn an_import_of_which_nothing_is_taken_fails_and_lists_why() {
    let desk = Desk::start();
    let sample = std::fs::read_to_string(SAMPLE_POLICY).unwrap();
    let document = sample.replacen(
        "[roles.importer]\ncommands = [\"case.*\", ",
        "[roles.importer]\ncommands = [\"case.get\", ",
        1,
    );
    assert_ne!(document, sample);
    let policy = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(policy.path(), document).unwrap();
    desk.cli().run(&["policy", "publish", &policy.path().to_string_lossy()]).await.succeeded();
    let imported = desk.cli().run(&["import", "servicenow", FIXTURE, "--limit", "2", "--json"]).await;
    assert_eq!(imported.code, Some(1), "{imported:?}");
    let report = imported.json();
    assert_eq!((&report["accepted"], &report["repeated"]), (&json!(0), &json!(0)), "{report}");
    let rejects = report["rejects"].as_array().unwrap();
    let forbidden = |one: &Value| one["reason"].as_str().unwrap().contains("forbidden");
    assert!(!rejects.is_empty() && rejects.iter().all(forbidden), "{report}");
}

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/helpdesk-small.csv");
const MAPPING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/helpdesk-small.toml");

#[tokio::test]
async fn any_csv_of_events_is_imported_by_a_mapping_and_adds_up() {
    let desk = Desk::start();
    let run = async |more: &[&str]| {
        let arguments = [&["import", "csv", EVENTS, "--mapping", MAPPING, "--json"], more].concat();
        desk.cli().run(&arguments).await.succeeded()
    };
    let tried = run(&["--dry-run"]).await;
    assert!(tried.err.contains("+ [queues.\"Team Field\"]"), "{tried:?}");
    assert_eq!(tried.json()["rejects"].as_array().unwrap().len(), 1, "{tried:?}");
    assert_eq!(desk.sql().await.value("SELECT count(*) FROM docket.cases").await, 0, "nothing was sent");
    let report = run(&[]).await.json();
    let count = |key: &str| report[key].as_u64().unwrap();
    assert_eq!((count("rows"), count("cases"), count("accepted"), count("refused")), (13, 3, 25, 0), "{report}");
    let months = json!([
        { "month": "2026-03", "status": "new", "file": 1, "docket": 1 },
        { "month": "2026-03", "status": "closed", "file": 1, "docket": 1 },
        { "month": "2026-04", "status": "new", "file": 1, "docket": 1 },
    ]);
    assert_eq!(report["months"], months);
    assert_eq!(report["rejects"][0]["reason"], "`9` of `grade` is not among the words of the mapping");
    let first =
        "SELECT queue, assignee, priority, reopen_count, transfer_count FROM docket.cases ORDER BY opened_at LIMIT 1";
    let expected =
        json!({ "queue": "Team Depot", "assignee": "Ben", "priority": "high", "reopen_count": 1, "transfer_count": 2 });
    assert_eq!(desk.sql().await.rows(first).await, [expected]);
    let log = desk.log().await;
    let head = log.head().await.unwrap();
    let again = run(&[]).await.json();
    assert_eq!(again["repeated"], 23, "{again}");
    assert_eq!(log.head().await.unwrap(), head, "a second run adds nothing");
    // Nothing of a mapping that fits no case is sent.
    let other = desk.folder().path().join("other.toml");
    let text = std::fs::read_to_string(MAPPING).unwrap();
    std::fs::write(
        &other,
        text.replace("\"small\"", "\"other\"").replace("urgency = \"medium\"", "urgency = \"dire\""),
    )
    .unwrap();
    let refused = desk.cli().run(&["import", "csv", EVENTS, "--mapping", other.to_str().unwrap()]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("`matrix.urgency` lacks `dire`"), "{refused:?}");
    // A refund wants the number of an order.
    let refund = text.replace("\"small\"", "\"other\"").replace("type = \"incident\"", "type = \"refund\"");
    std::fs::write(&other, refund).unwrap();
    let refused = desk.cli().run(&["import", "csv", EVENTS, "--mapping", other.to_str().unwrap()]).await;
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("no case of the file could be opened, so nothing was sent; line 2"), "{refused:?}");
    assert!(refused.err.contains("orderNumber"), "{refused:?}");
}
