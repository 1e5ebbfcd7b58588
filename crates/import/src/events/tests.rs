use docket_messages::CaseCommand;

use super::*;
use crate::story::Story;

const SMALL: &str = include_str!("../../../../tests/fixtures/helpdesk-small.csv");
const MAPPING: &str = include_str!("../../../../tests/fixtures/helpdesk-small.toml");

fn try_import(file: &[u8], mapping: &str) -> Result<Import, EventsError> {
    translate(file, &Mapping::read(mapping)?, Zones::bundled(), None)
}

fn import() -> Import {
    try_import(SMALL.as_bytes(), MAPPING).unwrap()
}

fn wrong(file: &[u8], mapping: &str) -> String {
    try_import(file, mapping).unwrap_err().to_string()
}

fn told(story: &Story) -> Vec<String> {
    let step = |step: &crate::story::Step| format!("{} {}", step.at, step.command.verb().as_str());
    story.steps.iter().map(step).collect()
}

#[test]
fn a_line_becomes_what_has_changed_and_what_it_tells() {
    let import = import();
    let told = told(&import.stories[0]);
    let told: Vec<(&str, &str)> = told.iter().map(|one| one.split_once(' ').unwrap()).collect();
    let at = |day: &str, verb| (day.to_owned(), verb);
    let expected = [
        at("2026-03-02T08:00:00.000Z", "intake"),
        at("2026-03-02T08:00:00.000Z", "route"),
        at("2026-03-02T08:10:00.000Z", "assign"),
        at("2026-03-02T08:10:00.000Z", "resume"),
        at("2026-03-02T08:30:00.000Z", "pend"),
        at("2026-03-03T09:00:00.000Z", "classify"),
        at("2026-03-03T09:00:00.000Z", "route"),
        at("2026-03-03T09:00:00.000Z", "assign"),
        at("2026-03-03T09:00:00.000Z", "resume"),
        at("2026-03-03T10:00:00.000Z", "resolve"),
        at("2026-03-04T07:00:00.000Z", "reopen"),
        at("2026-03-04T07:00:00.000Z", "route"),
        at("2026-03-04T07:00:00.000Z", "assign"),
        at("2026-03-04T07:00:00.000Z", "resume"),
        at("2026-03-04T08:00:00.000Z", "resolve"),
        at("2026-03-05T08:00:00.000Z", "close"),
    ];
    assert_eq!(told, expected.iter().map(|(at, verb)| (at.as_str(), *verb)).collect::<Vec<_>>());
    let CaseCommand::Intake(intake) = &import.stories[0].steps[0].command else { panic!() };
    assert_eq!((intake.impact.as_str(), intake.responses_unknown), ("medium", Some(true)));
}

#[test]
fn what_is_missing_comes_later_and_what_has_no_word_is_a_reject() {
    let import = import();
    assert_eq!((import.rows, import.cases, import.responses_known), (13, 3, false));
    let verbs: Vec<&str> = import.stories[1].steps.iter().map(|step| step.command.verb().as_str()).collect();
    assert_eq!(verbs, ["intake", "route", "classify", "note", "note"]);
    let ids: Vec<&str> = import.stories[1].steps.iter().map(|step| step.id.as_str()).collect();
    // 03:30 on the night on which clocks go forward.
    assert_eq!(ids[3..], ["small-T-2-1774747800000-note", "small-T-2-1774747800000-note-2"]);
    let reject = &import.rejects[0];
    assert_eq!((reject.line, reject.case.as_str()), (13, "T-3"));
    assert_eq!(reject.reason, "`9` of `grade` is not among the words of the mapping");
    assert!(import.vocabulary.queues.iter().any(|queue| queue.as_str() == "Team Field"));
}

#[test]
fn a_line_of_no_case_or_of_other_columns_is_a_reject() {
    let (header, rows) = SMALL.split_once('\n').unwrap();
    let odd = format!(
        "{header}\n?,2026-03-02 09:00,created,,Desk,printer,2\nT-9,2026-03-02 08:00,created\n,2026-03-01 09:00,x,,,,\n{rows}"
    );
    let import = try_import(odd.as_bytes(), MAPPING).unwrap();
    let rejects: Vec<(u64, &str)> =
        import.rejects.iter().map(|reject| (reject.line, reject.reason.as_str())).take(3).collect();
    let missing = "`ticket` is missing, so it is not known which case it is of";
    assert_eq!(rejects, [(2, missing), (3, "it has 3 values, and the header 7 columns"), (4, missing)]);
    assert_eq!((import.rows, import.stories), (16, self::import().stories.into_iter().map(shifted).collect()));
}

/// The same, of a file that has three lines more above it.
fn shifted(story: Story) -> Story {
    let later = |mut step: crate::story::Step| {
        step.line = step.line.map(|line| line + 3);
        step
    };
    Story { steps: story.steps.into_iter().map(later).collect(), ..story }
}

#[test]
fn a_file_that_has_grown_or_is_in_another_order_gives_the_same_commands() {
    let whole = import();
    let fewer: String = SMALL.lines().take(6).map(|line| format!("{line}\n")).collect();
    let begun = try_import(fewer.as_bytes(), MAPPING).unwrap();
    assert_eq!(begun.stories[0].steps[..], whole.stories[0].steps[..begun.stories[0].steps.len()]);
    let (header, rows) = SMALL.split_once('\n').unwrap();
    let backwards: Vec<&str> = rows.lines().rev().collect();
    let backwards = format!("{header}\n{}\n", backwards.join("\n"));
    let said = wrong(backwards.as_bytes(), MAPPING);
    assert!(said.contains("is older than line") && said.contains("order = \"newest first\""), "{said}");
    for order in ["newest first", "time"] {
        let mapping = format!("order = \"{order}\"\n{MAPPING}");
        let turned = try_import(backwards.as_bytes(), &mapping).unwrap();
        let ids = |import: &Import| -> Vec<Vec<String>> {
            let mut all: Vec<Vec<String>> = import
                .stories
                .iter()
                .map(|story| story.steps.iter().map(|step| step.id.to_string()).collect())
                .collect();
            all.sort();
            all
        };
        assert_eq!(ids(&turned), ids(&whole), "{order}");
    }
}

#[test]
fn the_encoding_is_that_of_the_mark_or_of_the_mapping() {
    let whole = import();
    let same = |file: &[u8], mapping: &str| assert_eq!(try_import(file, mapping).unwrap().stories, whole.stories);
    same(format!("\u{feff}{SMALL}").as_bytes(), MAPPING);
    same(SMALL.replace('\n', "\r\n").as_bytes(), MAPPING);
    let utf_16: Vec<u8> = format!("\u{feff}{SMALL}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    same(&utf_16, MAPPING);
    same(SMALL.replace(',', ";").as_bytes(), &MAPPING.replace("missing =", "delimiter = \";\"\nmissing ="));
    let latin: Vec<u8> =
        SMALL.replace("Ben", "Ren#").bytes().map(|byte| if byte == b'#' { 0xe9 } else { byte }).collect();
    assert!(wrong(&latin, MAPPING).contains("line 5 is not UTF-8"), "{}", wrong(&latin, MAPPING));
    let named = MAPPING.replace("missing =", "encoding = \"windows-1252\"\nmissing =");
    let import = try_import(&latin, &named).unwrap();
    let CaseCommand::Assign(assign) = &import.stories[0].steps[7].command else { panic!() };
    assert_eq!(assign.agent.as_str(), "René");
    let named = MAPPING.replace("missing =", "encoding = \"klingon\"\nmissing =");
    assert!(wrong(SMALL.as_bytes(), &named).contains("`klingon` is no encoding"));
}

#[test]
fn a_column_with_two_formats_is_refused_whole() {
    let two = SMALL.replacen("2026-03-04 08:00", "04/03/2026 08:00", 1);
    let said = wrong(two.as_bytes(), MAPPING);
    assert!(said.contains("1 of 13 times in `when`") && said.contains("line 7 has `04/03/2026 08:00`"), "{said}");
    assert!(said.contains("`%d/%m/%Y %H:%M`") && said.contains("two formats in one column"), "{said}");
    let other = MAPPING.replace("%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M");
    let said = wrong(SMALL.as_bytes(), &other);
    assert!(said.contains("13 of 13") && said.contains("which is of the format `%Y-%m-%d %H:%M`;"), "{said}");
    let nowhere = MAPPING.replace("zone = \"Europe/Rome\"\n", "");
    assert!(wrong(SMALL.as_bytes(), &nowhere).contains("the times say no zone"));
    let atlantis = MAPPING.replace("Europe/Rome", "Europe/Atlantis");
    assert!(wrong(SMALL.as_bytes(), &atlantis).contains("`Europe/Atlantis` is not a time zone"));
}

#[test]
fn a_time_that_could_be_misread_is_refused() {
    // `%Y` takes the year 26.
    let said = wrong(SMALL.replace(",2026-", ",26-").as_bytes(), MAPPING);
    assert!(said.contains("13 of 13 times in `when`") && said.contains("`26-03-02 09:00`"), "{said}");
    for part in ["%Y-%m-%d %H", "%Y-%m-%d %I:%M", "%Y-%m-%d %M", "%Y-%m-%d %p"] {
        let said = wrong(SMALL.as_bytes(), &MAPPING.replace("%Y-%m-%d %H:%M", part));
        assert!(said.contains(&format!("`{part}` has a part of the time of day only")), "{said}");
    }
    let said = wrong(SMALL.as_bytes(), &MAPPING.replace("%Y-%m-%d %H:%M", "%Q"));
    assert!(said.contains("`%Q` is no format of times"), "{said}");
    let days = SMALL.replace(" 09:00", "").replace(" 09:10", "");
    let said = wrong(days.as_bytes(), &MAPPING.replace("%Y-%m-%d %H:%M", "%Y-%m-%d"));
    assert!(said.contains("are not of the format `%Y-%m-%d`"), "a time is not left out silently: {said}");
}

#[test]
fn a_quote_that_is_never_closed_swallows_no_lines() {
    let (header, rows) = SMALL.split_once('\n').unwrap();
    let last = header.split(',').count() - 1;
    let open = |line: &str| {
        let mut values: Vec<String> = line.split(',').map(str::to_owned).collect();
        values[last].insert(0, '"');
        values.join(",")
    };
    let (first, rest) = rows.split_once('\n').unwrap();
    let broken = format!("{header}\n{}\n{rest}", open(first));
    assert!(wrong(broken.as_bytes(), MAPPING).contains("a value on line 2 goes on to the end of the file"));
    let long = format!("{broken}{}", "x\n".repeat(1_000));
    assert!(wrong(long.as_bytes(), MAPPING).contains("a value on line 2 is longer than 1000 lines"));
    let none = MAPPING.replace("missing =", "quote = \"\"\nmissing =");
    assert_eq!(try_import(broken.as_bytes(), &none).unwrap().rows, 13, "where quotes mean themselves");
    let two = MAPPING.replace("missing =", "quote = \"ab\"\nmissing =");
    assert!(wrong(SMALL.as_bytes(), &two).contains("`quote` is one character"));
}

#[test]
fn a_column_that_is_there_twice_is_refused() {
    let (header, rows) = SMALL.split_once('\n').unwrap();
    let twice: String = rows.lines().map(|line| format!("{line},2026-03-02 09:00\n")).collect();
    assert!(wrong(format!("{header},when\n{twice}").as_bytes(), MAPPING).contains("two columns `when`"));
}

#[test]
fn a_mapping_that_does_not_fit_says_what_there_is() {
    let said = wrong(SMALL.as_bytes(), &MAPPING.replace("{who}", "{agent}"));
    assert!(said.contains("no column `agent`") && said.contains("it has `ticket`, `when`"), "{said}");
    let other = ["created", "taken", "waiting", "solved", "closed"]
        .iter()
        .fold(MAPPING.to_owned(), |text, word| text.replace(&format!("\"{word}\""), &format!("\"{word}!\"")));
    let said = wrong(SMALL.as_bytes(), &other);
    assert!(said.contains("no line of the file fits a rule") && said.contains("`what` has closed, created"), "{said}");
    let header = SMALL.lines().next().unwrap();
    assert!(wrong(header.as_bytes(), MAPPING).contains("no line below its header"));
    let cases = [
        ("verb = \"asign\"", "verb = \"assign\"", "did you mean `assign`?"),
        ("verb = \"intake\"", "verb = \"close\"", "`intake` is no command that a line can tell"),
        ("verb = \"assign\", agnet", "verb = \"assign\", agent", "`assign` has no field `agnet`; it has"),
        ("caseid = \"ticket\"", "case = \"ticket\"", "unknown field `caseid`"),
        ("subject = \"Ticket {ticket\"", "subject = \"Ticket {ticket}\"", "a column is written as {column}"),
        ("waiting = \"pending\"", "waiting = \"pending_customer\"", "pending_customer"),
    ];
    for (wrong_part, right, words) in cases {
        assert!(MAPPING.contains(right), "{right}");
        let said = wrong(SMALL.as_bytes(), &MAPPING.replacen(right, wrong_part, 1));
        assert!(said.contains(words), "{words}: {said}");
    }
}
