//! What a warning or a breach does.

use super::commands::*;
use super::harness::{findings, given_under, policy};
use super::obligations::{PLACE, every_clock, with_every_clock};

const RULES: &str = r#"
[[escalations]]
clock = "first_response"
on = "warning"
notify = ["team lead"]
[[escalations]]
clock = "first_response"
on = "breach"
level = 2
to_queue = "complaints"
notify = ["team lead", "manager"]
[[escalations]]
clock = "ownership"
on = "breach"
queue = ["frontline"]
to_queue = "technical"
[[escalations]]
clock = "ownership"
on = "breach"
queue = ["technical"]
assign = "duty"
"#;

#[test]
fn a_warning_and_a_breach_do_what_the_policy_says_when_they_fall_due() {
    given_under(&every_clock(RULES), [intake().at("mon 09:00"), assign("ana").at("mon 09:05")])
        .when(tick().at("mon 12:00"))
        .then(["clockWarned first_response/1", "notified team lead of first_response/1 by warning"])
        .when(tick().at("mon 15:00"))
        .then([
            "clockBreached first_response/1, mon 14:00",
            "escalated 2 by breach, mon 14:00",
            "routed complaints by breach, mon 14:00",
            "notified team lead manager of first_response/1 by breach, mon 14:00",
        ]);
}

#[test]
fn the_rules_are_those_of_the_policy_that_the_clock_itself_pinned() {
    let rules = "[[escalations]]\nclock = \"next_response\"\non = \"breach\"\nlevel = 2\n";
    let answered = given_under(&every_clock(""), [intake().at("mon 09:00"), respond().at("mon 09:05")]);
    answered
        .under(&[(PLACE, &with_every_clock(rules))])
        .and([receive().at("mon 10:00")])
        .when(tick().at("mon 11:00:00.001"))
        .then([
            "clockWarned next_response/1, mon 10:45",
            "clockBreached next_response/1, mon 11:00",
            "escalated 2 by breach, mon 11:00",
        ]);
}

#[test]
fn a_late_timer_changes_nothing_of_what_an_escalation_sets_going() {
    let on_time = given_under(&every_clock(RULES), [intake().at("mon 09:00")]).and([
        tick().at("mon 09:23"),
        tick().at("mon 09:30:00.001"),
        tick().at("mon 09:53"),
        tick().at("mon 10:00:00.001"),
    ]);
    let late = given_under(&every_clock(RULES), [intake().at("mon 09:00"), tick().at("mon 11:00")]);
    let told = |story: &super::harness::Story| -> Vec<String> {
        story
            .history
            .iter()
            .map(|(at, line)| format!("{} {}", super::moment::tell(*at), line.split(',').next().unwrap()))
            .collect()
    };
    assert_eq!(told(&on_time)[6..], told(&late)[6..]);
    assert_eq!(
        told(&late)[6..],
        [
            "mon 09:22:30 clockWarned ownership/1",
            "mon 09:30 clockBreached ownership/1",
            "mon 09:30 routed technical by breach",
            "mon 09:30 clockCancelled ownership/1 by transfer",
            "mon 09:30 clockStarted ownership/2",
            "mon 09:52:30 clockWarned ownership/2",
            "mon 10:00 clockBreached ownership/2",
            "mon 10:00 assigned duty by breach",
            "mon 10:00 clockMet ownership/2",
        ]
    );
}

#[test]
fn a_level_is_raised_and_never_lowered_by_a_rule() {
    given_under(
        &every_clock(RULES),
        [
            intake().at("mon 09:00"),
            assign("ana").at("mon 09:01"),
            send("escalate", "'reason':'r','level':3").at("mon 09:01"),
        ],
    )
    .when(tick().at("mon 15:00"))
    .then([
        "clockWarned first_response/1, mon 12:00",
        "notified team lead of first_response/1 by warning, mon 12:00",
        "clockBreached first_response/1, mon 14:00",
        "routed complaints by breach, mon 14:00",
        "notified team lead manager of first_response/1 by breach, mon 14:00",
    ]);
}

#[test]
fn a_rule_that_raises_to_the_level_that_the_case_has_changes_nothing() {
    let to_three = "[[escalations]]\nclock = \"first_response\"\non = \"breach\"\nlevel = 3\n";
    let raised = |level: u32| send("escalate", &format!("'reason':'r','level':{level}")).at("mon 09:01");
    let events = |level: u32| {
        let mut story = given_under(&every_clock(to_three), [intake().at("mon 09:00"), assign("ana").at("mon 09:01")]);
        story = story.and([raised(level)]);
        let decision = story.take(&tick().at("mon 14:00:00.001")).unwrap();
        decision.events.iter().filter(|event| event.name() == "escalated").count()
    };
    assert_eq!((events(2), events(3), events(4)), (1, 0, 0));
}

#[test]
fn what_is_told_of_long_ago_escalates_nothing() {
    let to_three = "[[escalations]]\nclock = \"first_response\"\non = \"breach\"\nlevel = 3\n";
    let story = given_under(&every_clock(to_three), [intake().back_at("mon 09:00"), tick().back_at("mon 15:00")]);
    assert_eq!((story.case().facts.escalation_level, story.case().status()), (0, docket_messages::Status::New));
}

#[test]
fn a_breach_by_retarget_escalates_too() {
    given_under(&every_clock(RULES), [intake_as("low").at("mon 09:00"), assign("ana").at("mon 09:01")])
        .when(prioritise("critical").at("mon 11:00"))
        .then([
            "classified critical",
            "clockRetargeted first_response/1",
            "clockBreached first_response/1 by retarget",
            "clockRetargeted resolution/1",
            "escalated 2 by breach",
            "routed complaints by breach",
            "notified team lead manager of first_response/1 by breach",
        ]);
}

#[test]
fn a_clock_escalates_by_the_policy_that_it_pinned() {
    let louder = RULES.replace("level = 2", "level = 5");
    let story = given_under(&every_clock(RULES), [intake().at("mon 09:00"), assign("ana").at("mon 09:01")]);
    let story = story.under(&[(
        PLACE,
        &format!("{}\n{PLACE}", louder.split("[[escalations]]\nclock = \"ownership\"").next().unwrap()),
    )]);
    story.and([tick().at("mon 15:00")]).at_level(2);
}

#[test]
fn what_people_did_long_ago_is_not_escalated() {
    given_under(&every_clock(RULES), [intake().back_at("mon 09:00")]).when(respond().back_at("mon 15:00")).then([
        "clockWarned first_response/1, mon 12:00",
        "clockBreached first_response/1, mon 14:00",
        "responded",
        "clockMet first_response/1",
        "clockStarted update/1",
    ]);
}

#[test]
fn lowering_takes_one_level_at_a_time() {
    given_under(&every_clock(""), [intake(), send("escalate", "'reason':'r','level':2")])
        .when(deescalate())
        .then(["deescalated 1"])
        .when(deescalate())
        .then(["deescalated 0"])
        .when(deescalate())
        .then([]);
}

fn finding(rules: &str) -> String {
    let found = findings(&[(PLACE, &format!("{rules}\n{PLACE}"))]);
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn rules_that_would_send_a_case_round_for_ever_are_refused() {
    let ownership = "[[targets]]\nclock = \"ownership\"\ncalendar = \"office\"\nseconds = 60\n";
    let moves = |from: &str, to: &str| {
        format!("[[escalations]]\nclock = \"ownership\"\non = \"breach\"\nqueue = [\"{from}\"]\nto_queue = \"{to}\"\n")
    };
    let round = format!("{ownership}{}{}", moves("frontline", "billing"), moves("billing", "frontline"));
    let found = finding(&round);
    assert!(found.contains("round for ever: `billing` to `frontline` to `billing`"), "{found}");
    assert!(found.starts_with("line "), "{found}");
    let chain = format!("{ownership}{}{}", moves("frontline", "billing"), moves("billing", "technical"));
    policy(1, &[(PLACE, &format!("{chain}\n{PLACE}"))]);
}

#[test]
fn a_rule_that_never_acts_is_refused() {
    let found = finding("[[escalations]]\nclock = \"update\"\non = \"breach\"\nlevel = 1\n");
    assert!(found.contains("no target starts the clock `update`"), "{found}");
    let found = finding("[[escalations]]\nclock = \"resolution\"\non = \"breach\"\n");
    assert!(found.contains("this rule does nothing"), "{found}");
}
