//! A change of priority or type gives running clocks another target, from the same start.

use docket_messages::{CaseAction, CaseEvent};

use super::commands::*;
use super::harness::{Story, given, given_under, policy};
use crate::policy::Policies;

/// A case that was answered at once, so that only its resolution is at stake.
fn answered(priority: &str) -> Story {
    given([intake_as(priority).at("mon 09:00"), respond().at("mon 09:00")])
}

const RETARGETED: [&str; 2] = ["classified high", "clockRetargeted resolution/1"];

#[test]
fn another_priority_is_counted_from_the_same_start() {
    answered("moderate")
        .when(prioritise("high").at("mon 15:00"))
        .then(RETARGETED)
        .clock("resolution/1", "running, due tue 09:00")
        .and([prioritise("low")])
        .clock("resolution/1", "running, due mon+1 09:00");
}

#[test]
fn a_change_of_type_is_a_retarget_where_targets_ask_for_the_type() {
    let incidents =
        "[[targets]]\nclock = \"resolution\"\ntype = [\"incident\"]\ncalendar = \"office\"\nseconds = 3600\n";
    let first = "[[targets]]\nclock = \"resolution\"\npriority = [\"critical\"]";
    let policies = Policies::new(policy(1, &[(first, &format!("{incidents}{first}"))]));
    given_under(&policies, [intake().at("mon 09:00")])
        .when(send("classify", "'type':'request'"))
        .then(["classified moderate"])
        .when(send("classify", "'type':'incident'"))
        .then(["classified moderate", "clockRetargeted resolution/1"])
        .clock("resolution/1", "running, due mon 10:00");
}

/// Only incidents have targets here: a desk that asks first what a need is.
fn triage() -> Policies {
    let place = "[pend_reasons.awaiting_customer]";
    let begin = super::harness::SAMPLE.find("[[targets]]").unwrap();
    let end = super::harness::SAMPLE.find(place).unwrap();
    let targets = "[[targets]]\nclock = \"first_response\"\ntype = [\"incident\"]\ncalendar = \"office\"\nseconds = 3600\n\
                   [[targets]]\nclock = \"next_response\"\ntype = [\"incident\"]\ncalendar = \"office\"\nseconds = 1800\n\
                   [[targets]]\nclock = \"resolution\"\ntype = [\"incident\"]\ncalendar = \"office\"\nseconds = 14400\n";
    Policies::new(policy(1, &[(&super::harness::SAMPLE[begin..end], targets)]))
}

fn type_is(case_type: &str) -> CaseAction {
    send("classify", &format!("'type':'{case_type}'"))
}

#[test]
fn a_case_that_is_classified_into_a_class_with_targets_gets_its_clocks_counted_from_the_intake() {
    given_under(&triage(), [intake().at("mon 09:00")])
        .clock("first_response/1", "absent")
        .when(type_is("incident").at("mon 09:20"))
        .then([
            "classified moderate",
            "clockStarted first_response/1 by retarget",
            "clockStarted resolution/1 by retarget",
        ])
        .clock("first_response/1", "running, due mon 10:00")
        .clock("resolution/1", "running, due mon 14:00")
        .wakes("mon 09:45");
}

#[test]
fn what_is_late_by_then_is_late_at_the_classification() {
    given_under(&triage(), [intake().at("mon 09:00")])
        .when(type_is("incident").at("mon 11:00"))
        .then([
            "classified moderate",
            "clockStarted first_response/1 by retarget",
            "clockBreached first_response/1 by retarget",
            "clockStarted resolution/1 by retarget",
        ])
        .clock("first_response/1", "running, due mon 10:00, breached mon 11:00");
}

#[test]
fn what_is_owed_no_more_gets_no_clock_and_a_message_without_an_answer_does() {
    given_under(&triage(), [intake().at("mon 09:00"), respond().at("mon 09:10"), receive().at("mon 09:30")])
        .when(type_is("incident").at("mon 09:40"))
        .then([
            "classified moderate",
            "clockStarted next_response/1 by retarget",
            "clockStarted resolution/1 by retarget",
        ])
        .clock("next_response/1", "running, due mon 10:00")
        .and([respond().at("mon 09:50")])
        .clock("next_response/1", "met mon 09:50");
}

#[test]
fn a_later_message_gets_a_clock_of_its_own_though_an_earlier_one_had_one() {
    given_under(&triage(), [intake_with("incident", "moderate", "").at("mon 09:00"), respond().at("mon 09:10")])
        .and([receive().at("mon 09:20"), respond().at("mon 09:30")])
        .and([type_is("question").at("mon 09:40"), receive().at("mon 09:50")])
        .when(type_is("incident").at("mon 10:00"))
        .then([
            "classified moderate",
            "clockResumed resolution/1 by retarget",
            "clockStarted next_response/2 by retarget",
        ])
        .clock("next_response/1", "met mon 09:30")
        .clock("next_response/2", "running, due mon 10:20");
}

#[test]
fn a_case_whose_class_has_no_target_any_more_has_no_clock_unless_it_was_late() {
    let incident = || given_under(&triage(), [intake_with("incident", "moderate", "").at("mon 09:00")]);
    incident()
        .when(type_is("question").at("mon 09:30"))
        .then([
            "classified moderate",
            "clockCancelled first_response/1 by no target",
            "clockCancelled resolution/1 by no target",
        ])
        .wakes("never")
        // And back: it is due when it was due.
        .when(type_is("incident").at("mon 09:40"))
        .then([
            "classified moderate",
            "clockResumed first_response/1 by retarget",
            "clockResumed resolution/1 by retarget",
        ])
        .clock("first_response/1", "running, due mon 10:00")
        .clock("resolution/1", "running, due mon 14:00");
    incident()
        .when(type_is("question").at("mon 10:30"))
        .then([
            "clockWarned first_response/1, mon 09:45",
            "clockBreached first_response/1, mon 10:00",
            "classified moderate",
            "clockCancelled resolution/1 by no target",
        ])
        .clock("first_response/1", "running, due mon 10:00, breached mon 10:00");
}

#[test]
fn a_deadline_that_passed_while_the_class_had_no_target_is_breached_when_it_has_one_again() {
    given_under(
        &triage(),
        [intake_with("incident", "moderate", "").at("mon 09:00"), type_is("question").at("mon 09:30")],
    )
    .when(type_is("incident").at("mon 11:00"))
    .then([
        "classified moderate",
        "clockResumed first_response/1 by retarget",
        "clockResumed resolution/1 by retarget",
        "clockBreached first_response/1 by retarget",
    ])
    .clock("first_response/1", "running, due mon 10:00, breached mon 11:00");
}

#[test]
fn what_was_left_of_the_last_target_counts_when_a_case_without_one_is_reopened() {
    given_under(&triage(), [intake_with("incident", "moderate", "").at("mon 09:00"), respond().at("mon 09:00")])
        .and([type_is("question").at("mon 10:00"), resolve().at("mon 11:00"), reopen().at("mon 12:00")])
        .clock("resolution/1", "cancelled")
        // Three hours, of which half an hour is before the break.
        .clock("resolution/2", "running, due mon 16:00");
    given_under(&triage(), [intake_with("incident", "moderate", "").at("mon 09:00"), respond().at("mon 09:00")])
        .and([resolve().at("mon 10:00"), type_is("question").at("mon 11:00"), reopen().at("mon 12:00")])
        .clock("resolution/2", "running, due mon 16:00");
}

#[test]
fn another_calendar_counts_the_same_start_in_its_own_hours() {
    answered("moderate")
        .when(prioritise("critical").at("mon 10:00"))
        .then(["classified critical", "clockRetargeted resolution/1"])
        .clock("resolution/1", "running, due mon 13:00")
        .and([prioritise("high")])
        .clock("resolution/1", "running, due tue 09:00");
}

#[test]
fn pauses_are_left_out_by_the_new_calendar_too() {
    // Paused from 12:00 to 14:00, half of which the office is closed: two hours by the clock on the wall.
    answered("moderate")
        .and([pend("customer").at("mon 12:00"), resume().at("mon 14:00"), prioritise("critical").at("mon 14:00")])
        .clock("resolution/1", "running, due mon 15:00");
}

#[test]
fn a_deadline_that_has_passed_by_then_is_breached_at_the_retarget() {
    answered("moderate")
        .when(prioritise("critical").at("mon 15:00"))
        .then(["classified critical", "clockRetargeted resolution/1", "clockBreached resolution/1 by retarget"])
        .clock("resolution/1", "running, due mon 13:00, breached mon 15:00");
}

#[test]
fn a_warning_that_has_passed_by_then_comes_with_the_retarget() {
    answered("moderate")
        .when(prioritise("critical").at("mon 12:30"))
        .then(["classified critical", "clockRetargeted resolution/1", "clockWarned resolution/1 by retarget"])
        .wakes("mon 13:00:00.001");
}

#[test]
fn a_breach_is_never_undone_by_a_longer_target() {
    answered("critical")
        .and([tick().at("mon 14:00"), prioritise("low").at("mon 15:00")])
        .clock("resolution/1", "running, due mon+1 09:00, breached mon 13:00")
        .when(tick().at("tue+1 09:00"))
        .then([])
        .clock("resolution/1", "running, due mon+1 09:00, breached mon 13:00");
}

#[test]
fn a_breach_is_told_once_however_often_the_target_changes() {
    answered("critical")
        .and([tick().at("mon 14:00"), prioritise("low").at("mon 15:00")])
        .when(prioritise("high").at("tue 10:00"))
        .then(RETARGETED)
        .clock("resolution/1", "running, due tue 09:00, breached mon 13:00");
}

#[test]
fn a_warning_comes_again_only_if_the_deadline_moved_away() {
    answered("critical")
        .when(tick().at("mon 12:00"))
        .then(["clockWarned resolution/1"])
        .when(send("classify", "'category':'product'").at("mon 12:10"))
        .then(["classified critical"])
        .wakes("mon 13:00:00.001")
        .when(prioritise("high").at("mon 12:20"))
        .then(RETARGETED)
        .when(tick().at("mon 17:00"))
        .then(["clockWarned resolution/1, mon 16:22:30"]);
}

#[test]
fn a_case_may_change_its_priority_while_it_waits() {
    let waiting = answered("moderate").and([pend("customer").at("mon 11:00")]);
    waiting
        .when(prioritise("high").at("tue 11:00"))
        .then(RETARGETED)
        .clock("resolution/1", "paused, 23400 s left")
        .when(resume().at("tue 13:00"))
        .then(["resumed", "clockResumed resolution/1"])
        .clock("resolution/1", "running, due wed 10:30");
}

#[test]
fn a_deadline_passed_before_the_pause_is_breached_at_the_retarget() {
    answered("low")
        .and([pend("customer").at("mon 15:00")])
        .when(prioritise("critical").at("tue 11:00"))
        .then(["classified critical", "clockRetargeted resolution/1", "clockBreached resolution/1 by retarget"])
        .clock("resolution/1", "paused, -7200 s left, breached tue 11:00");
}

#[test]
fn a_retarget_during_a_pause_may_warn_and_the_warning_may_come_again_after_it() {
    let waiting = answered("low").and([pend("customer").at("mon 12:30")]);
    let warned = ["classified critical", "clockRetargeted resolution/1", "clockWarned resolution/1 by retarget"];
    waiting
        .when(prioritise("critical").at("mon 12:40"))
        .then(warned)
        .and([prioritise("high").at("mon 12:50"), resume().at("mon 13:30")])
        .clock("resolution/1", "running, due tue 09:00")
        .wakes("mon 16:22:30");
}

#[test]
fn first_response_is_retargeted_too() {
    given([intake().at("mon 09:00")])
        .when(prioritise("critical").at("mon 09:10"))
        .then(["classified critical", "clockRetargeted first_response/1", "clockRetargeted resolution/1"])
        .clock("first_response/1", "running, due mon 09:30");
}

#[test]
fn a_clock_that_was_met_keeps_its_target() {
    let story = answered("moderate").and([prioritise("critical").at("mon 09:10")]);
    assert_eq!(story.view().clocks[0].target_seconds, 14_400);
    let resolved = answered("moderate").and([resolve().at("mon 10:00")]);
    resolved.when(prioritise("critical").at("mon 15:00")).then(["classified critical"]);
}

#[test]
fn on_one_command_clocks_are_met_then_paused_then_retargeted() {
    let mut story = given([intake().at("mon 09:00")]);
    let mut names = |command: CaseAction| -> Vec<&'static str> {
        story.take(&command.into()).unwrap().events.iter().map(CaseEvent::name).collect()
    };
    assert_eq!(names(pend("customer")), ["pended", "clockPaused"]);
    assert_eq!(names(prioritise("high")), ["classified", "clockRetargeted", "clockRetargeted"]);
    assert_eq!(names(resolve()), ["resolved", "clockMet", "clockCancelled"]);
    assert_eq!(names(reopen()), ["reopened", "clockResumed", "clockStarted"]);
}
