use std::collections::BTreeSet;
use std::sync::Arc;

use docket_calendar::zones::{Zone, Zones};
use docket_domain::case::{Case, Request, decide};
use docket_domain::policy::{Policies, Policy};
use docket_messages::{CaseCommand, PolicyVersion, Status, Timestamp, Verb};

use super::{Import, ImportError, Options, translate};
use crate::extend::extend;
use crate::story::Story;

mod cases;

const SAMPLE: &str = include_str!("../../../../policies/sample.toml");
const SMALL: &str = include_str!("../../../../tests/fixtures/servicenow-small.csv");

fn options(limit: Option<usize>) -> Options {
    Options { zone: Zone::utc(), limit }
}

fn import_of(text: &str) -> Import {
    translate(text.as_bytes(), &options(None)).unwrap()
}

fn import_in(zone: &str) -> Import {
    let options = Options { zone: Zones::bundled().get(zone).unwrap(), limit: None };
    translate(SMALL.as_bytes(), &options).unwrap()
}

fn import() -> Import {
    import_of(SMALL)
}

fn story<'i>(import: &'i Import, number: &str) -> &'i Story {
    let is_it = |story: &&Story| story.steps[0].id.as_str().starts_with(number);
    import.stories.iter().find(is_it).unwrap_or_else(|| panic!("no story of {number}"))
}

/// The steps of a case in brief: day and time, verb, and what it says.
fn brief(import: &Import, number: &str) -> Vec<String> {
    // Every field that tells something here, in the order of the command; the type and texts are the same for all.
    let said = |command: &CaseCommand| -> String {
        let body = serde_json::from_slice::<serde_json::Value>(&command.body().unwrap()).unwrap();
        let field = |name: &str| body[name].as_str().map(ToOwned::to_owned);
        match (field("impact"), field("urgency"), field("channel")) {
            (Some(impact), Some(urgency), Some(channel)) => format!(" {impact}/{urgency} by {channel}"),
            // Whatever else has a reason has one in free text.
            _ if command.verb() == Verb::Pend => field("reason").map(|reason| format!(" {reason}")).unwrap_or_default(),
            _ => ["category", "subcategory", "impact", "urgency", "queue", "agent", "code"]
                .into_iter()
                .filter_map(|name| Some(format!(" {}", field(name)?)))
                .collect(),
        }
    };
    let brief = |at: Timestamp| at.to_string()[8..16].replace('T', " ");
    let steps = &story(import, number).steps;
    steps
        .iter()
        .map(|step| format!("{} {}{}", brief(step.at), step.command.verb().as_str(), said(&step.command)))
        .collect()
}

fn check(number: &str, expected: &[&str]) {
    assert_eq!(brief(&import(), number), expected, "{number}");
}

fn reasons(import: &Import, number: &str) -> Vec<String> {
    let of_case = import.rejects.iter().filter(|reject| reject.case == number);
    of_case.map(|reject| format!("{}: {}", reject.line, reject.reason)).collect()
}

#[test]
fn every_command_is_accepted_under_the_extended_policy() {
    let import = import();
    let now: Timestamp = "2026-11-22T00:00:00Z".parse().unwrap();
    let document = extend(SAMPLE, &import.vocabulary).unwrap().unwrap();
    let policies =
        Policies::new(Arc::new(Policy::compile(&document, PolicyVersion(1), now, Zones::bundled()).unwrap()));
    let (mut reopens, mut moves) = (0, 0);
    for story in &import.stories {
        let mut case: Option<Case> = None;
        for step in &story.steps {
            let request = Request { now, occurred_at: Some(step.at), expected: None, texts: None, policies: &policies };
            let decision = decide(story.case_id, case.as_ref(), &step.command.clone().into(), &request);
            case = Some(decision.unwrap_or_else(|rejection| panic!("{}: {rejection}", step.id)).case);
        }
        let case = case.unwrap();
        reopens += case.facts.reopen_count;
        moves += case.facts.transfer_count;
        let goes_on = ["INC9000010", "INC9000011", "INC9000012"].map(|number| self::story(&import, number).case_id);
        let CaseCommand::Intake(begins) = &story.steps[0].command else { panic!("{:?}", story.steps[0]) };
        let is_finished = !goes_on.contains(&story.case_id);
        assert_eq!(case.status() == Status::Closed, is_finished, "{}", begins.subject.as_str());
    }
    assert_eq!((reopens, moves), (3, 5));
}

#[test]
fn every_row_leads_to_a_command_or_to_a_reject_and_no_id_comes_twice() {
    let import = import();
    let lines: BTreeSet<u64> =
        import.stories.iter().flat_map(|story| &story.steps).filter_map(|step| step.line).collect();
    let rejected: BTreeSet<u64> = import.rejects.iter().map(|reject| reject.line).collect();
    assert_eq!(lines.union(&rejected).count(), usize::try_from(import.rows).unwrap());
    for story in &import.stories {
        let ids: BTreeSet<&str> = story.steps.iter().map(|step| step.id.as_str()).collect();
        assert_eq!(ids.len(), story.steps.len());
    }
    assert_eq!((import.rows, import.cases, import.newest), (65, 13, "2016-04-02T09:20:00Z".parse().unwrap()));
}

#[test]
fn the_last_row_that_says_so_tells_whether_a_case_kept_its_service_level() {
    let kept = |text: &str| -> Vec<Option<bool>> {
        let import = import_of(text);
        assert_eq!(import.claims.len(), import.stories.len());
        assert_eq!(import.stories, self::import().stories, "it becomes no command");
        import.claims.into_iter().map(|claim| claim.is_kept).take(2).collect()
    };
    assert_eq!(kept(SMALL), [Some(true), Some(true)]);
    let (closed, resolved) = ("INC9000001,Closed,false,0,0,4,", "INC9000001,Resolved,true,0,0,3,");
    let missed = SMALL.replace(&format!("{closed}true"), &format!("{closed}False"));
    assert_ne!(missed, SMALL);
    assert_eq!(kept(&missed), [Some(false), Some(true)]);
    let silent = SMALL.replace(&format!("{closed}true"), &format!("{closed}?"));
    let silent = silent.replace(&format!("{resolved}true"), &format!("{resolved}false"));
    assert_eq!(kept(&silent), [Some(false), Some(true)]);
    assert_eq!(kept(&SMALL.replacen("made_sla", "made_ola", 1)), [None, None]);
}

#[test]
fn an_intake_is_known_by_the_bytes_that_it_once_had() {
    let import = import();
    let first = story(&import, "INC9000001").steps.first().unwrap();
    let once = first.once.as_ref().unwrap().body().unwrap();
    assert_eq!(
        String::from_utf8(once).unwrap(),
        r#"{"caseId":"61e2cc0a-5cd1-5e14-8ec2-dca17faa5a07","type":"incident","subject":"Incident INC9000001","channel":"Phone","customerId":"Caller 1","impact":"medium","urgency":"medium"}"#
    );
    let later = import.stories.iter().flat_map(|story| story.steps.iter().skip(1));
    assert!(later.into_iter().all(|step| step.once.is_none()), "nothing else was said otherwise");
}

#[test]
fn the_same_file_gives_the_same_commands_whatever_its_line_ends_and_limit() {
    let whole = import();
    assert_eq!(import_of(&SMALL.replace('\n', "\r\n")).stories, whole.stories);
    assert_eq!(import_of(&format!("\u{feff}{SMALL}\n")).rejects, whole.rejects);
    assert_eq!(translate(SMALL.as_bytes(), &options(Some(4))).unwrap().stories, whole.stories[..4]);
}

#[test]
fn columns_are_found_by_name_and_missing_ones_are_named() {
    let text = SMALL.replacen("contact_type", "channel", 1).replacen("closed_code", "code", 1);
    let error = translate(text.as_bytes(), &options(None)).unwrap_err();
    assert!(
        matches!(&error, ImportError::MissingColumns { columns } if columns[..] == ["contact_type", "closed_code"])
    );
    assert!(translate("".as_bytes(), &options(None)).is_err());
}

#[test]
fn a_file_whose_lines_run_backwards_is_refused() {
    let (header, rows) = SMALL.split_once('\n').unwrap();
    let backwards: Vec<&str> = rows.lines().rev().collect();
    let error = translate(format!("{header}\n{}\n", backwards.join("\n")).as_bytes(), &options(None)).unwrap_err();
    assert!(matches!(error, ImportError::NewestFirst { line: 3, above: 2 }), "{error}");
}

#[test]
fn a_file_whose_dates_are_month_first_is_refused() {
    let (header, rows) = SMALL.split_once('\n').unwrap();
    let is_date = |field: &str| field.matches('/').count() == 2;
    let swap = |field: &str| match field.splitn(3, '/').collect::<Vec<_>>()[..] {
        [day, month, rest] if is_date(field) => format!("{month}/{day}/{rest}"),
        _ => field.to_owned(),
    };
    let swapped: Vec<String> = rows.lines().map(|row| row.split(',').map(swap).collect::<Vec<_>>().join(",")).collect();
    let error = translate(format!("{header}\n{}\n", swapped.join("\n")).as_bytes(), &options(None)).unwrap_err();
    assert!(matches!(&error, ImportError::MonthFirst { text, .. } if text.starts_with("3/")), "{error}");
    // One such date in a file whose others are day first is a row that cannot be read.
    let one = SMALL.replacen("1/3/2016 09:30", "3/27/2016 09:30", 1);
    assert_eq!(reasons(&import_of(&one), "INC9000001").len(), 1);
}

#[test]
fn rubbish_is_rejected_row_by_row() {
    let header = SMALL.lines().next().unwrap();
    let row = SMALL.lines().nth(1).unwrap();
    let long = format!("{header}\n{row},too,much\nINC1\n{}\n", row.replace("Group 1", &"G".repeat(65)));
    let import = import_of(&long);
    assert_eq!((import.rejects.len(), import.cases, import.rows), (3, 0, 3));
    let mut bytes = long.into_bytes();
    bytes.extend(row.replace("Caller", "\u{e9}").bytes().map(|byte| if byte == 0xa9 { 0xff } else { byte }));
    let import = translate(&bytes[..], &options(None)).unwrap();
    assert_eq!(import.rejects.last().unwrap().reason, "`caller_id` is not UTF-8");
}
