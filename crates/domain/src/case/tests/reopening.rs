//! A case that comes back: the next instance of its resolution has the time that was left.

use docket_messages::{CaseEvent, ClockChange, RejectionCode, Status};

use super::commands::*;
use super::harness::{given, given_under, policy};
use super::obligations::every_clock;
use crate::policy::Policies;

#[test]
fn reopening_starts_the_next_resolution_with_exactly_what_was_left() {
    let mut story = given([intake().at("mon 09:00"), respond().at("mon 09:10"), resolve().at("mon 10:00:30")]);
    let decision = story.take(&reopen().at("tue 09:00")).unwrap();
    let Some(CaseEvent::Clock(ClockChange::Started, started)) = decision.events.last() else { panic!("{decision:?}") };
    assert_eq!((started.instance, started.target_seconds), (2, 91_800 - 3630));
    story
        .clock("first_response/1", "met mon 09:10")
        .clock("resolution/1", "met mon 10:00:30")
        // Of 25:30:00 hours, 1:00:30 was used; 24:29:30 are left from Tuesday 09:00.
        .clock("resolution/2", "running, due thu 17:29:30");
}

#[test]
fn a_customer_who_objects_reopens_and_one_who_thanks_does_not() {
    given([intake().at("mon 09:00"), resolve().at("mon 10:00")])
        .when(thanks().at("mon 11:00"))
        .then(["messageReceived"])
        .when(receive().at("mon 12:00"))
        .then([
            "messageReceived",
            "reopened by message",
            "clockResumed first_response/1 by reopen",
            "clockStarted resolution/2 by reopen",
        ])
        .is(Status::Open);
}

#[test]
fn reopening_keeps_the_owner_and_counts() {
    let story = given([intake(), assign("ana"), resolve(), reopen(), resolve(), close("completed"), reopen()]);
    let view = story.view();
    assert_eq!((view.assignee.unwrap().as_str(), view.reopen_count), ("ana", 2));
    assert_eq!((view.resolution_code, view.closure_code, view.closed_at), (None, None, None));
}

#[test]
fn reopening_after_a_breach_starts_nothing() {
    given([intake_as("critical").at("mon 09:00"), resolve().at("mon 14:00")])
        .when(reopen().at("mon 15:00"))
        .then(["reopened", "clockResumed first_response/1 by reopen"])
        .clock("resolution/1", "met mon 14:00, breached mon 13:00")
        .clock("resolution/2", "absent");
}

#[test]
fn every_instance_uses_up_the_same_time() {
    given([intake_as("critical").at("mon 09:00"), resolve().at("mon 10:00")])
        .and([reopen().at("mon 12:00"), resolve().at("mon 13:00"), reopen().at("mon 20:00")])
        .clock("resolution/1", "met mon 10:00")
        .clock("resolution/2", "met mon 13:00")
        .clock("resolution/3", "running, due mon 22:00")
        .and([prioritise("high"), prioritise("critical")])
        .clock("resolution/3", "running, due mon 22:00");
}

#[test]
fn a_second_instance_warns_at_three_quarters_of_what_was_left() {
    given([intake_as("critical").at("mon 09:00"), resolve().at("mon 11:00"), reopen().at("mon 12:00")])
        .wakes("mon 13:30")
        .when(tick().at("mon 15:00"))
        .then(["clockWarned resolution/2, mon 13:30", "clockBreached resolution/2, mon 14:00"])
        .clock("resolution/1", "met mon 11:00")
        .clock("resolution/2", "running, due mon 14:00, breached mon 14:00");
}

#[test]
fn what_an_earlier_instance_used_counts_in_a_retarget() {
    given([
        intake_as("critical").at("mon 09:00"),
        respond().at("mon 09:10"),
        resolve().at("mon 11:00"),
        reopen().at("mon 13:30"),
    ])
    .when(prioritise("high").at("mon 14:00"))
    .then(["classified high", "clockRetargeted resolution/2"])
    // 8.5 hours less the two of the first instance, from 13:30.
    .clock("resolution/2", "running, due tue 10:30")
    .and([prioritise("critical")])
    .clock("resolution/2", "running, due mon 15:30");
}

#[test]
fn a_priority_that_was_changed_while_resolved_counts_from_the_reopening() {
    given([intake_as("critical").at("mon 09:00"), resolve().at("mon 11:00"), prioritise("high").at("mon 12:00")])
        .and([reopen().at("mon 13:30")])
        .clock("resolution/2", "running, due tue 10:30");
}

#[test]
fn a_pause_before_the_resolution_stays_left_out() {
    given([intake_as("critical").at("mon 09:00"), pend("customer").at("mon 10:00"), resolve().at("mon 20:00")])
        .and([reopen().at("tue 09:00")])
        .clock("resolution/2", "running, due tue 12:00");
}

#[test]
fn a_withdrawn_case_comes_back_with_what_was_left() {
    given([intake_as("critical").at("mon 09:00"), close("withdrawn").at("mon 10:00")])
        .when(reopen().at("mon 12:00"))
        .then(["reopened", "clockResumed first_response/1 by reopen", "clockResumed resolution/1 by reopen"])
        .clock("first_response/1", "running, due mon 09:30, breached mon 09:30")
        .clock("resolution/1", "running, due mon 15:00")
        .clock("resolution/2", "absent");
}

#[test]
fn what_was_owed_when_a_case_was_withdrawn_is_owed_again_with_the_time_that_was_left() {
    given([intake().at("mon 09:00"), close("withdrawn").at("mon 09:02")])
        .clock("first_response/1", "cancelled")
        .and([reopen().at("mon 09:05")])
        .clock("first_response/1", "running, due mon 14:03")
        .and([respond().at("mon 10:00")])
        .clock("first_response/1", "met mon 10:00");
    given_under(&every_clock(""), [intake().at("mon 09:00"), respond().at("mon 09:00"), receive().at("mon 09:10")])
        .and([close("withdrawn").at("mon 09:12")])
        .when(reopen().at("mon 09:15"))
        .then([
            "reopened",
            "clockResumed next_response/1 by reopen",
            "clockResumed update/1 by reopen",
            "clockResumed resolution/1 by reopen",
            "clockResumed ownership/1 by reopen",
        ])
        .clock("next_response/1", "running, due mon 10:13")
        .clock("ownership/1", "running, due mon 09:33");
}

#[test]
fn the_next_instance_goes_on_under_the_policy_of_the_first() {
    let resolved = given([intake_as("critical").at("mon 09:00"), resolve().at("mon 10:00")]);
    resolved
        .under(&[(
            "seconds = 14400 # four hours\n[[targets]]\nclock = \"resolution\"",
            "seconds = 60\n[[targets]]\nclock = \"resolution\"",
        )])
        .and([reopen().at("mon 12:00")])
        .clock("resolution/2", "running, due mon 15:00");
}

#[test]
fn a_closed_case_comes_back_within_the_window_to_the_second() {
    let closed = given([intake().at("mon 09:00"), resolve().at("mon 10:00"), close("completed").at("mon 11:00")]);
    closed.clone().and([reopen().at("mon+2 11:00")]).is(Status::Open);
    closed.when(reopen().at("mon+2 11:00:01")).then_rejected(
        RejectionCode::ReopenWindowPassed,
        "",
        "more than 14 days ago; intake a follow-up with `followUpOf`",
    );
}

#[test]
fn the_window_counts_from_when_time_closed_the_case() {
    let resolved = given([intake().at("mon 09:00"), resolve().at("mon 10:00")]);
    resolved.clone().when(reopen().at("sat+2 10:00")).then([
        "closed auto_closed by time, sat 10:00",
        "reopened",
        "clockResumed first_response/1 by reopen",
        "clockStarted resolution/2 by reopen",
    ]);
    resolved.when(reopen().at("sat+2 10:00:01")).then_rejected(RejectionCode::ReopenWindowPassed, "", "was closed at");
}

#[test]
fn without_a_window_a_closed_case_stays_closed() {
    let none = Policies::new(policy(1, &[("reopen_closed_within_days = 14", "reopen_closed_within_days = 0")]));
    let steps = [intake().at("mon 09:00"), resolve().at("mon 10:00"), close("completed").at("mon 10:00")];
    given_under(&none, steps).when(reopen().at("mon 10:00:01")).then_rejected(
        RejectionCode::ReopenWindowPassed,
        "",
        "more than 0 days ago",
    );
}

/// The sample with more in its lifecycle.
fn under(more: &str) -> Policies {
    Policies::new(policy(1, &[("reopen_closed_within_days = 14", &format!("reopen_closed_within_days = 14\n{more}"))]))
}

#[test]
fn a_case_that_comes_back_can_lose_its_owner() {
    given_under(&under("reopened_owner = \"reset\""), [intake(), assign("ana"), resolve()]).when(receive()).then([
        "messageReceived",
        "reopened by message",
        "unassigned ana by reopen",
        "clockResumed first_response/1 by reopen",
        "clockStarted resolution/2 by reopen",
    ]);
}

#[test]
fn a_case_that_comes_back_often_is_raised() {
    given_under(
        &under("reopened_often = { times = 2, level = 3 }"),
        [intake(), respond(), resolve(), reopen(), resolve()],
    )
    .when(reopen())
    .then(["reopened", "escalated 3 by reopen", "clockStarted resolution/3 by reopen"])
    .and([resolve()])
    .when(reopen())
    .then(["reopened", "clockStarted resolution/4 by reopen"])
    .at_level(3);
}

#[test]
fn a_customer_who_does_not_agree_brings_the_case_back() {
    given([intake().at("mon 09:00"), resolve().at("mon 10:00")])
        .when(disagree().at("mon 11:00"))
        .then([
            "resolutionRejected",
            "reopened by rejection",
            "clockResumed first_response/1 by reopen",
            "clockStarted resolution/2 by reopen",
        ])
        .is(Status::Open);
}

#[test]
fn a_customer_who_agrees_can_close_the_case() {
    given([intake(), resolve()]).when(confirm()).then(["resolutionConfirmed"]).is(Status::Resolved);
    given_under(&under("close_on_confirm = \"completed\""), [intake(), resolve()])
        .when(confirm())
        .then(["resolutionConfirmed", "closed completed by confirmation"])
        .is(Status::Closed);
}

#[test]
fn a_case_that_lacks_what_closing_requires_is_not_closed_by_agreeing() {
    let requires = [
        ("reopen_closed_within_days = 14", "reopen_closed_within_days = 14\nclose_on_confirm = \"completed\""),
        ("[types.question]", "[types.question]\nrequired_at_close = [\"category\"]"),
    ];
    let policies = Policies::new(policy(1, &requires));
    given_under(&policies, [intake(), resolve()]).when(confirm()).then(["resolutionConfirmed"]).is(Status::Resolved);
}

#[test]
fn what_people_did_long_ago_has_no_consequences_of_its_own() {
    let often = under("reopened_owner = \"reset\"\nreopened_often = { times = 1, level = 3 }");
    given_under(
        &often,
        [intake().back_at("mon 09:00"), assign("ana").back_at("mon 09:10"), resolve().back_at("mon 10:00")],
    )
    .when(reopen().back_at("mon 11:00"))
    .then(["reopened", "clockResumed first_response/1 by reopen", "clockStarted resolution/2 by reopen"]);
}

#[test]
fn a_fraction_of_a_second_makes_no_other_target_of_what_was_left() {
    let mut story = given([intake().at("mon 09:00"), respond().at("mon 09:00")]);
    story.now = super::moment::at("mon 10:00").plus_millis(500);
    let story = story.and([resolve(), reopen()]);
    story.when(send("classify", "'category':'billing'")).then(["classified moderate"]);
}
