//! The command line as people and scripts use it: exit codes, errors in one readable line, JSON that can be relied on.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::support::{Cli, Command, Desk, SAMPLE_POLICY, Scratch, fresh, intake};

#[tokio::test]
async fn wrong_usage_exits_with_2_and_help_has_an_example() {
    let cli = Cli::new();
    let wrong: [&[&str]; 7] = [
        &[],
        &["dance"],
        &["send"],
        &["case", "show"],
        &["case", "show", "17"],
        &["log", "--to", "noon"],
        &["demo", "--cases", "many"],
    ];
    for arguments in wrong {
        let printed = cli.run(arguments).await;
        assert_eq!(printed.code, Some(2), "{arguments:?}: {printed:?}");
        assert!(printed.out.is_empty() && !printed.err.is_empty(), "{arguments:?}: {printed:?}");
    }
    let subcommands: [&[&str]; 12] = [
        &[],
        &["demo"],
        &["up"],
        &["serve"],
        &["send"],
        &["log"],
        &["case", "show"],
        &["policy", "check"],
        &["policy", "publish"],
        &["policy", "show"],
        &["import", "servicenow"],
        &["doctor"],
    ];
    for subcommand in subcommands {
        let help = cli.run(&[subcommand, &["--help"]].concat()).await.succeeded();
        assert!(help.out.contains("Example"), "{subcommand:?} has no example: {}", help.out);
    }
}

#[tokio::test]
async fn without_a_desk_a_client_says_what_to_do_in_one_line() {
    let folder = Scratch::new();
    let nowhere = folder.path().join("nowhere");
    let data = nowhere.to_str().unwrap();
    for arguments in
        [["send", "case", "intake", "{}"].as_slice(), &["log"], &["policy", "show"], &["case", "show", &fresh()]]
    {
        let printed = Cli::new().run(&[arguments, &["--data", data]].concat()).await;
        assert_eq!(printed.code, Some(1), "{arguments:?}: {printed:?}");
        assert_eq!(printed.err.lines().count(), 1, "{arguments:?}: {printed:?}");
        assert!(printed.err.contains(&format!("docket up --data {data}")), "{arguments:?}: {printed:?}");
    }
    let nobody = Cli::new().with("DOCKET_NATS_URL", "nats://127.0.0.1:1").run(&["log"]).await;
    assert_eq!((nobody.code, nobody.err.lines().count()), (Some(1), 1), "{nobody:?}");
    assert!(nobody.err.contains("nats://127.0.0.1:1"), "{nobody:?}");
}

#[tokio::test]
async fn a_refused_command_exits_with_1_and_prints_the_reply() {
    let cli = Desk::shared().cli();
    for (body, code) in [("{", "bad_request"), (r#"{"subjekt":"x"}"#, "bad_request")] {
        let refused = cli.run(&["send", "case", "intake", body]).await;
        assert_eq!((refused.code, &refused.json()["rejected"]["code"]), (Some(1), &json!(code)), "{refused:?}");
    }
    let body = intake("question").to_string();
    let by_input = cli.run_with_input(&["send", "case", "intake", "-"], body.as_bytes()).await.succeeded();
    assert_eq!(by_input.json()["accepted"]["version"], 5);
    let data = Desk::shared().folder().path().to_str().unwrap();
    let by_folder = Cli::new().run(&["send", "case", "intake", &body, "--data", data]).await.succeeded();
    assert!(by_folder.json()["accepted"].is_object());
}

#[tokio::test]
async fn a_broken_policy_is_shown_at_its_lines() {
    let sample = include_str!("../../policies/sample.toml");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let broken = sample.replacen("calendar = \"office\"", "calendar = \"attic\"", 1);
    file.write_all(broken.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let line = 1 + broken.lines().position(|line| line.contains("attic")).unwrap();
    for verb in ["check", "publish"] {
        let checked = Desk::shared().cli().run(&["policy", verb, path]).await;
        assert_eq!(checked.code, Some(1), "{checked:?}");
        assert!(checked.err.contains(&format!("{path}:{line}")) && checked.err.contains("attic"), "{checked:?}");
    }
    let good = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/sample.toml");
    assert!(Cli::new().run(&["policy", "check", good]).await.succeeded().out.contains("is consistent"));
    assert_eq!(Desk::shared().cli().run(&["policy", "show"]).await.succeeded().out.trim(), sample.trim());
    assert_eq!(Desk::shared().cli().run(&["policy", "show", "99"]).await.code, Some(1));
}

#[tokio::test]
async fn the_log_is_read_whole_by_case_and_by_range() {
    let desk = Desk::shared();
    let sender = desk.sender("desk").await;
    let case = sender.open_case().await;
    let first = sender.case(&case, None).await["case"]["position"].as_u64().unwrap();
    let noted = sender.must(&Command::case("note", &json!({ "caseId": case, "text": "x" }))).await;
    let last = noted["position"].as_u64().unwrap();
    let log = async |more: &[&str]| desk.cli().run(&[&["log", "--json"], more].concat()).await.succeeded().lines();
    let positions =
        |lines: &[Value]| -> Vec<u64> { lines.iter().map(|line| line["position"].as_u64().unwrap()).collect() };
    let of_case = log(&["--case", &case]).await;
    assert_eq!(positions(&of_case), [first, last]);
    assert_eq!(of_case[0]["subject"], format!("case.{case}"));
    assert_eq!((&of_case[0]["entry"]["verb"], &of_case[0]["entry"]["v"]), (&json!("intake"), &json!(1)));
    assert_eq!(positions(&log(&["--case", &case, "--to", &first.to_string()]).await), [first]);
    assert_eq!(positions(&log(&["--case", &case, "--from", &last.to_string()]).await), [last]);
    let whole = log(&["--to", &last.to_string()]).await;
    assert_eq!(positions(&whole), (1..=last).collect::<Vec<_>>());
    assert_eq!(whole[0]["entry"]["kind"], "policy");
    let at = of_case[0]["entry"]["at"].as_str().unwrap();
    assert!(log(&["--case", &case, "--to", at]).await.len() < 3);
    assert_eq!(log(&["--to", "2000-01-01T00:00:00Z"]).await, [] as [Value; 0]);
    let beyond = (last + 1_000_000).to_string();
    assert_eq!(log(&["--from", &beyond]).await, [] as [Value; 0]);
    let text = desk.cli().run(&["log", "--case", &case]).await.succeeded().out;
    assert!(text.lines().count() == 2 && text.contains("opened, classified, routed"), "{text}");
}

#[tokio::test]
async fn a_policy_diff_says_what_changes_from_the_one_in_force() {
    let (desk, folder) = (Desk::shared(), Scratch::new());
    let changed = folder.path().join("desk.toml");
    let sample = std::fs::read_to_string(SAMPLE_POLICY).expect("the sample policy");
    std::fs::write(&changed, sample.replacen("seconds = 7200", "seconds = 5400", 1)).expect("a file of ours");
    let changed = changed.to_string_lossy();
    let said = desk.cli().run(&["policy", "diff", "1", &changed]).await.succeeded();
    let expected = "targets: for the clock `first_response` of priority `high`: 1 h 30 min of `office` instead of 2 h of \
                    `office`\n";
    assert_eq!((&*said.out, &*said.err), (expected, "1 change\n"));
    // Two files need no desk.
    let same = Cli::new().run(&["policy", "diff", &changed, &changed]).await.succeeded();
    assert_eq!((&*same.out, &*same.err), ("", "0 changes\n"));
    let absent = Cli::new().run(&["policy", "diff", "absent.toml", &changed]).await;
    assert!(absent.code == Some(1) && absent.err.contains("could not read absent.toml"), "{absent:?}");
}

#[tokio::test]
async fn a_simulation_says_which_cases_another_policy_would_change() {
    let (desk, folder) = (Desk::start(), Scratch::new());
    let sender = desk.sender("desk").await;
    let (kept, late) = (sender.open_case().await, sender.open_case().await);
    for case in [&kept, &late] {
        sender.must(&Command::case("respond", &json!({ "caseId": case, "text": "We look into it." }))).await;
    }
    sender.must(&Command::case("resolve", &json!({ "caseId": kept, "code": "solved", "steps": "None." }))).await;
    let simulate = async |policy: &str, more: &[&str]| {
        desk.cli().run(&[&["policy", "simulate", policy, "--json"], more].concat()).await.succeeded().json()
    };
    // The policy that was in force changes nothing.
    let same = simulate("current", &[]).await;
    assert_eq!((&same["changed"], &same["cases"], &same["entries"]), (&json!([]), &json!(2), &json!(5)), "{same}");
    // Every queue is another one, and an hour after it came a case that is not solved is late.
    let changed = folder.path().join("desk.toml");
    let sample = std::fs::read_to_string(SAMPLE_POLICY).expect("the sample policy");
    let elsewhere = sample.replace("[[routes]]\nqueue = \"frontline\"", "[[routes]]\nqueue = \"technical\"");
    let shorter = elsewhere.replace("calendar = \"office\"\nseconds = 153000", "calendar = \"always\"\nseconds = 3600");
    std::fs::write(&changed, shorter).expect("a file of ours");
    let in_two_hours = (chrono::Utc::now() + chrono::TimeDelta::hours(2)).to_rfc3339();
    let report = simulate(&changed.to_string_lossy(), &["--to", &in_two_hours]).await;
    let of = |case: &str| -> Value {
        let all = report["changed"].as_array().expect("a list");
        all.iter().find(|changed| changed["caseId"] == case).expect("it changes")["what"].clone()
    };
    assert_eq!(of(&kept), json!(["queue technical instead of frontline"]), "{report}");
    assert_eq!(
        of(&late),
        json!(["queue technical instead of frontline", "resolution/1 breached instead of open"]),
        "{report}"
    );
    let workload = &report["workload"];
    assert_eq!(workload[0], json!({ "queue": "frontline", "priority": "low", "before": 2, "after": 0 }), "{report}");
    let text = desk.cli().run(&["policy", "simulate", &changed.to_string_lossy()]).await.succeeded().out;
    assert!(text.contains("2 of 2 cases change; 5 entries were replayed"), "{text}");
    let cli = desk.cli();
    let none =
        cli.run(&["policy", "simulate", "current", "--from", &in_two_hours, "--to", "2020-01-01T00:00:00Z"]).await;
    assert!(none.code == Some(1) && none.err.contains("nothing lies between"), "{none:?}");
}

#[tokio::test]
async fn the_rules_are_measured_without_engines() {
    let measured = Cli::new().run(&["bench", "domain", "--events", "10", "--json"]).await.succeeded().json();
    let decisions = measured["decisions"].as_array().expect("decisions");
    assert!(decisions.iter().all(|one| one["events"] == 10 && one["perSecond"].as_f64() > Some(0.0)), "{measured}");
    assert!(decisions.iter().any(|one| one["verb"] == "resolve"), "{measured}");
    assert_eq!(measured["deadlines"].as_array().map(Vec::len), Some(3), "{measured}");
}

#[tokio::test]
async fn the_demo_shows_everything_as_one_json_object() {
    let shown = Cli::new().run(&["demo", "--cases", "50", "--json"]).await.succeeded().json();
    assert_eq!((&shown["cases"], &shown["verified"]), (&json!(50), &json!(true)), "{shown}");
    let (commands, entries) = (shown["commands"].as_u64().unwrap(), shown["entries"].as_u64().unwrap());
    assert!(commands >= 100 && entries > commands, "{commands} {entries}");
    let arrays: [(&str, &[&str]); 12] = [
        ("queues", &["queue", "open", "unassigned", "pending", "oldestOpenedAt", "oldestAge", "atRisk", "breached"]),
        ("backlogAging", &["queue", "priority", "type", "bucket", "cases"]),
        ("clocks", &["clock", "state"]),
        ("slaAttainment", &["day", "queue", "priority", "clock", "met", "breached", "attainment"]),
        ("csat", &["day", "queue", "responses", "satisfied", "csat", "average"]),
        ("surveys", &["survey", "requested", "answered", "average", "favourable", "unfavourable"]),
        ("effort", &["queue", "cases", "seconds"]),
        ("articles", &["article", "attached", "solved"]),
        ("agents", &["agent", "presence", "cases"]),
        ("splits", &["caseId", "followUp"]),
        ("escalations", &["level", "cases"]),
        ("merges", &["caseId", "mergedInto"]),
    ];
    for (array, columns) in arrays {
        let items = shown[array].as_array().unwrap_or_else(|| panic!("no `{array}`"));
        assert!(!items.is_empty(), "{array}");
        for column in columns {
            assert!(items[0].get(column).is_some(), "{array} has no `{column}`: {}", items[0]);
        }
    }
    let surveys: Vec<&str> =
        shown["surveys"].as_array().unwrap().iter().filter_map(|row| row["survey"].as_str()).collect();
    // Which of the others are among so few cases depends on the day.
    assert!(
        surveys.contains(&"csat") && surveys.iter().all(|survey| ["ces", "csat", "nps"].contains(survey)),
        "{shown}"
    );
    assert!(surveys.is_sorted(), "{shown}");
}

#[tokio::test]
async fn a_calendar_file_in_which_no_day_is_found_is_an_error_and_changes_no_policy() {
    let folder = Scratch::new();
    let (file, policy) = (folder.path().join("nl.ics"), folder.path().join("desk.toml"));
    let lunch = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260601T120000Z\r\nEND:VEVENT\r\n";
    std::fs::write(&file, format!("BEGIN:VCALENDAR\r\n{lunch}END:VCALENDAR\r\n")).unwrap();
    std::fs::write(&policy, "[calendars.office]\nzone = \"UTC\"\n").unwrap();
    let [file, policy] = [&file, &policy].map(|path| path.to_str().unwrap());
    let arguments = ["policy", "holidays", file, "--from", "2026", "--into", policy, "--calendar", "office"];
    let printed = Cli::new().run(&arguments).await;
    assert_eq!(printed.code, Some(1), "{printed:?}");
    assert!(printed.err.contains("1 events have a time of day"), "{printed:?}");
    assert!(printed.err.contains("no event closes a whole day from 2026 to 2028"), "{printed:?}");
    assert_eq!(std::fs::read_to_string(policy).unwrap(), "[calendars.office]\nzone = \"UTC\"\n");
}
