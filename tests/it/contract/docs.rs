//! The pages for readers are complete, and name nothing that does not exist.

use std::collections::BTreeSet;
use std::fs;

use docket_messages::{EntryKind, Event, FailureCode, RejectionCode};
use prost_reflect::{Kind, MessageDescriptor};
use serde_json::Value;

use super::{schema, types};

/// Where `EVENTS.md` tells of the fields that all events of clocks share.
const READING: &str = "The reading of a clock";

#[test]
fn the_page_of_events_has_a_section_for_every_event() {
    let page = page("EVENTS.md");
    let told: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    assert_eq!(told, Event::names().collect());
}

#[test]
fn the_page_of_events_tells_of_every_field_of_an_event_and_no_other() {
    let page = page("EVENTS.md");
    for event in schema::message("Event").fields() {
        let Kind::Message(body) = event.kind() else { panic!("`{}` has no body", event.full_name()) };
        let mut told = fields_told(section(&page, &format!("`{}`", event.json_name())));
        if body.name() == "ClockReading" {
            assert!(told.is_empty(), "`{}` tells what all clock events share", event.json_name());
            told = fields_told(section(&page, READING));
        }
        assert_eq!(told, leaves(&body), "the section of `{}` in EVENTS.md", event.json_name());
    }
}

#[test]
fn the_page_of_events_tells_of_every_field_of_an_entry_and_no_other() {
    let page = page("EVENTS.md");
    let fields = schema::message("Entry").fields().map(|field| field.json_name().to_owned()).collect();
    assert_eq!(fields_told(section(&page, "The entry")), fields);
}

#[test]
fn the_page_of_events_tells_how_what_is_personal_is_sealed() {
    let told = fields_told(section(&page("EVENTS.md"), "What is personal"));
    assert_eq!(told, leaves(&schema::message("Sealed")));
}

#[test]
fn the_page_of_events_shows_every_event() {
    let page = page("EVENTS.md");
    for name in Event::names() {
        let section = section(&page, &format!("`{name}`"));
        let (kind, example) = examples(section).swap_remove(0);
        assert_eq!(kind, "Event");
        assert!(example.get(name).is_some(), "the example of `{name}` shows something else");
    }
}

#[test]
fn the_page_of_the_contract_tells_of_every_code_and_no_other() {
    let page = page("CONTRACT.md");
    let rejections = RejectionCode::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(fields_told(section(&page, "Rejection codes")), rejections);
    let failures = FailureCode::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(fields_told(section(&page, "Failure codes")), failures);
}

#[test]
fn the_page_of_the_contract_gives_the_body_of_every_command() {
    let page = page("CONTRACT.md");
    let commands = section(&page, "Commands to a case");
    let verbs = types::verbs().map(str::to_owned).collect();
    assert_eq!(fields_told(commands), verbs);
    for verb in types::verbs() {
        let row = commands.lines().find(|line| line.starts_with(&format!("| `{verb}` |"))).unwrap();
        let told: Vec<String> = words(row.split('|').nth(2).unwrap());
        let body = schema::message(&types::message_of(verb));
        let fields: Vec<String> = body.fields().map(|field| given(&field)).collect();
        assert_eq!(told, fields, "the row of `{verb}`");
    }
}

#[test]
fn the_table_of_subjects_names_every_kind_of_command_and_of_entry() {
    let page = page("CONTRACT.md");
    let subjects = section(&page, "Subjects");
    for kind in [EntryKind::Case, EntryKind::Policy, EntryKind::Agent, EntryKind::Claim, EntryKind::Customer] {
        assert!(subjects.contains(&format!("`docket.log.{}.", kind.as_str())), "entries of {kind:?}");
    }
    for command in ["case.<verb>", "policy.publish", "agent.presence"] {
        assert!(subjects.contains(&format!("`docket.cmd.<principal>.{command}`")), "{command}");
    }
}

#[test]
fn every_row_of_a_table_belongs_to_one() {
    for name in ["EVENTS.md", "CONTRACT.md", "POLICY.md", "METRICS.md", "OPERATIONS.md"] {
        let page = page(name);
        let lines: Vec<&str> = page.lines().collect();
        for (before, line) in lines.iter().zip(&lines[1..]) {
            let begins = line.starts_with('|') && !before.starts_with('|');
            let after = lines.iter().skip_while(|other| !std::ptr::eq(**other, *line)).nth(1);
            let is_header = after.is_some_and(|after| after.starts_with("|---"));
            assert!(!begins || is_header, "{name}: a row that no header stands above: {line}");
        }
    }
}

#[test]
fn every_example_is_a_message_of_its_kind() {
    for name in ["EVENTS.md", "CONTRACT.md"] {
        for (kind, example) in examples(&page(name)) {
            let json = example.to_string();
            let through = types::through(&kind, &json).unwrap_or_else(|| panic!("{name}: no message `{kind}`: {json}"));
            let back: Value = serde_json::from_str(&through.unwrap_or_else(|error| panic!("{json}: {error}"))).unwrap();
            assert_eq!(back, example, "{name}");
            schema::read(&schema::message(&kind), &json).unwrap_or_else(|error| panic!("{json}: {error}"));
        }
    }
}

#[test]
fn every_link_within_a_page_leads_to_a_heading() {
    for name in ["EVENTS.md", "CONTRACT.md"] {
        let page = page(name);
        let headings: BTreeSet<String> = page.lines().filter(|line| line.starts_with('#')).map(anchor).collect();
        for link in page.split("](#").skip(1).map(|rest| rest.split(')').next().unwrap()) {
            assert!(headings.contains(link), "{name} links to `#{link}`");
        }
    }
}

fn page(name: &str) -> String {
    let file = schema::repository().join("docs").join(name);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What stands below a heading, up to the next one.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let is_heading = |line: &str| line.trim_start_matches('#').strip_prefix(' ') == Some(heading);
    let at = page.match_indices("\n#").find(|(at, _)| is_heading(page[at + 1..].lines().next().unwrap_or_default()));
    let (at, _) = at.unwrap_or_else(|| panic!("there is no heading `{heading}`"));
    let rest = page[at + 1..].split_once('\n').map_or("", |(_, rest)| rest);
    rest.split_once("\n#").map_or(rest, |(section, _)| section)
}

/// The first column of the tables in a section.
fn fields_told(section: &str) -> BTreeSet<String> {
    section.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split('`').next()?.to_owned())).collect()
}

/// The words between back-ticks.
fn words(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The fields of a message by path, those within others for the others.
fn leaves(message: &MessageDescriptor) -> BTreeSet<String> {
    let paths = schema::paths(message);
    let is_leaf = |path: &&String| !paths.iter().any(|other| other.starts_with(&format!("{path}.")));
    // How what is personal is sealed is told once for all.
    let is_of_seal = |path: &&String| path.starts_with("personal.sealed.");
    paths.iter().filter(is_leaf).filter(|path| !is_of_seal(path)).cloned().collect()
}

fn given(field: &prost_reflect::FieldDescriptor) -> String {
    let mark = if schema::is_required(field) { "" } else { "?" };
    format!("{}{mark}", field.json_name())
}

/// The blocks of JSON, each with the name of its message, which stands behind `json`.
fn examples(text: &str) -> Vec<(String, Value)> {
    let blocks = text.split("```json").skip(1).filter_map(|rest| rest.split("```").next());
    let parts = blocks.map(|block| block.split_once('\n').expect("a block has lines"));
    parts.map(|(kind, json)| (kind.trim().to_owned(), serde_json::from_str(json).expect("JSON"))).collect()
}

fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars().filter(|c| c.is_alphanumeric() || "- ".contains(*c)).map(|c| if c == ' ' { '-' } else { c }).collect()
}
