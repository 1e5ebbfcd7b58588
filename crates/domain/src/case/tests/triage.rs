//! A case that is classified only after it was over for a while: that time counts against no clock.

use docket_messages::CaseAction;

use super::commands::*;
use super::harness::{SAMPLE, Story, given_under, policy};
use super::obligations::PLACE;
use crate::policy::Policies;

/// Around the clock, and only for incidents: an hour to an answer, four to the resolution, an owner within an hour, an
/// update every two.
fn triage() -> Policies {
    let (begin, end) = (SAMPLE.find("[[targets]]").unwrap(), SAMPLE.find(PLACE).unwrap());
    let target = |(clock, seconds): (&str, u32)| {
        format!("[[targets]]\nclock = \"{clock}\"\ntype = [\"incident\"]\ncalendar = \"always\"\nseconds = {seconds}\n")
    };
    let lengths = [
        ("first_response", 3600),
        ("next_response", 3600),
        ("resolution", 14_400),
        ("ownership", 3600),
        ("update", 7200),
    ];
    let targets: String = lengths.map(target).concat();
    Policies::new(policy(1, &[(&SAMPLE[begin..end], &targets)]))
}

fn type_is(case_type: &str) -> CaseAction {
    send("classify", &format!("'type':'{case_type}'"))
}

/// A question, which has no target.
fn question() -> Story {
    given_under(&triage(), [intake().at("mon 10:00"), assign("ana").at("mon 10:00")])
}

/// The same steps with an incident from the beginning.
fn incident() -> Story {
    let incident = intake_with("incident", "moderate", "").at("mon 10:00");
    given_under(&triage(), [incident, assign("ana").at("mon 10:00")])
}

/// Another case takes it in, and that is taken back.
fn merged_from_to(from: &str, to: &str) -> [Step; 4] {
    [
        merge().at(from),
        merge_is_settled().at(from),
        send("unmerge", "'reason':'by mistake'").at(to),
        merge_is_settled().at(to),
    ]
}

#[test]
fn a_withdrawn_case_that_comes_back_and_is_then_classified_has_the_time_that_an_incident_has() {
    let back = [close("withdrawn").at("mon 10:10"), reopen().at("mon 14:40")];
    question()
        .and(back.clone())
        .when(type_is("incident").at("mon 14:45"))
        .then([
            "classified moderate",
            "clockStarted first_response/1 by retarget",
            "clockStarted resolution/1 by retarget",
        ])
        .clock("first_response/1", "running, due mon 15:30")
        .clock("resolution/1", "running, due mon 18:30");
    incident()
        .and(back)
        .clock("first_response/1", "running, due mon 15:30")
        .clock("resolution/1", "running, due mon 18:30");
}

#[test]
fn the_reading_of_a_clock_that_starts_by_class_leaves_out_when_the_case_was_over() {
    let mut story = question().and([close("withdrawn").at("mon 10:10"), reopen().at("mon 14:40")]);
    story.take(&type_is("incident").at("mon 14:45")).unwrap();
    let view = story.view();
    let first = view.clocks.iter().find(|clock| clock.clock == docket_messages::ClockName::FirstResponse).unwrap();
    assert_eq!((first.remaining_seconds, first.elapsed_seconds, first.business_elapsed_seconds), (2700, 900, 900));
    // It is at risk when three quarters of the hour have run.
    story.wakes("mon 15:15");
}

#[test]
fn what_is_counted_stays_left_out_when_the_clock_stands_still_later() {
    question()
        .and([close("withdrawn").at("mon 10:10"), reopen().at("mon 14:40"), type_is("incident").at("mon 14:45")])
        .and([pend("customer").at("mon 15:00"), resume().at("mon 15:20")])
        .clock("resolution/1", "running, due mon 18:50")
        .and([resolve().at("mon 16:00"), reopen().at("mon 17:00")])
        .clock("resolution/2", "running, due mon 19:50");
}

#[test]
fn a_merge_that_was_taken_back_counts_against_no_clock_either() {
    question()
        .and(merged_from_to("mon 10:10", "mon 14:40"))
        .and([type_is("incident").at("mon 14:45")])
        .clock("first_response/1", "running, due mon 15:30")
        .clock("resolution/1", "running, due mon 18:30");
}

#[test]
fn a_resolution_that_did_not_hold_counts_against_no_clock_either() {
    let back = [resolve().at("mon 10:10"), reopen().at("mon 10:40")];
    question()
        .and(back.clone())
        .and([type_is("incident").at("mon 10:45")])
        .clock("first_response/1", "running, due mon 11:30")
        .clock("resolution/1", "running, due mon 14:30");
    incident()
        .and(back)
        .clock("first_response/1", "running, due mon 11:30")
        .clock("resolution/2", "running, due mon 14:30");
}

#[test]
fn a_case_that_was_classified_while_it_was_resolved_has_its_clocks_when_it_comes_back() {
    question()
        .and([resolve().at("mon 10:10"), type_is("incident").at("mon 10:30")])
        .clock("first_response/1", "absent")
        .when(reopen().at("mon 10:40"))
        .then(["reopened", "clockStarted first_response/1 by retarget", "clockStarted resolution/1 by retarget"])
        .clock("first_response/1", "running, due mon 11:30")
        .clock("resolution/1", "running, due mon 14:30");
}

#[test]
fn a_clock_that_ended_for_want_of_a_target_leaves_out_when_the_case_was_over_too() {
    for back in [
        [close("withdrawn").at("mon 10:10"), reopen().at("mon 14:40"), note().into(), note().into()],
        merged_from_to("mon 10:10", "mon 14:40"),
    ] {
        incident()
            .and([type_is("question").at("mon 10:05")])
            .and(back)
            .and([type_is("incident").at("mon 14:45")])
            .clock("first_response/1", "running, due mon 15:30");
    }
    // Classified while it was over, it goes on when the case comes back.
    incident()
        .and([type_is("question").at("mon 10:05"), resolve().at("mon 10:10"), type_is("incident").at("mon 10:20")])
        .when(reopen().at("mon 10:40"))
        .then(["reopened", "clockResumed first_response/1 by retarget", "clockResumed resolution/1 by retarget"])
        .clock("first_response/1", "running, due mon 11:30")
        .clock("resolution/1", "running, due mon 14:30");
}

#[test]
fn a_message_that_nobody_answered_before_the_case_ended_counts_from_when_it_came() {
    question()
        .and([respond().at("mon 10:00"), receive().at("mon 10:20"), resolve().at("mon 10:30")])
        .and([type_is("incident").at("mon 10:40")])
        .when(receive().at("mon 11:30"))
        .then([
            "messageReceived",
            "reopened by message",
            "clockStarted next_response/1 by retarget",
            "clockStarted resolution/1 by retarget",
        ])
        .clock("next_response/1", "running, due mon 12:20");
}

#[test]
fn after_a_resolution_no_update_is_owed_until_the_next_response() {
    question()
        .and([respond().at("mon 10:05"), resolve().at("mon 10:10"), reopen().at("mon 10:40")])
        .and([type_is("incident").at("mon 10:45")])
        .clock("update/1", "absent")
        .and([respond().at("mon 11:00")])
        .clock("update/1", "running, due mon 13:00");
}

#[test]
fn a_bots_word_meanwhile_gives_no_more_time_for_an_update_unless_the_policy_says_so() {
    incident()
        .and([respond().at("mon 10:00"), respond_by_bot().at("mon 10:10"), type_is("question").at("mon 10:20")])
        .and([type_is("incident").at("mon 10:30")])
        .clock("update/1", "running, due mon 12:00");
}

#[test]
fn a_wait_for_an_owner_that_a_withdrawal_interrupted_leaves_that_out() {
    given_under(&triage(), [intake().at("mon 10:00"), close("withdrawn").at("mon 10:10"), reopen().at("mon 14:40")])
        .and([type_is("incident").at("mon 14:45")])
        .clock("ownership/1", "running, due mon 15:30");
    given_under(&triage(), [intake().at("mon 10:00"), resolve().at("mon 10:10"), reopen().at("mon 14:40")])
        .and([type_is("incident").at("mon 14:45")])
        .clock("ownership/1", "running, due mon 15:40");
}
