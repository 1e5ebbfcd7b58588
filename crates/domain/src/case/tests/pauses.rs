//! Clocks that wait while the case waits.

use docket_messages::{CaseEvent, ClockChange};

use super::commands::*;
use super::harness::given;

#[test]
fn waiting_for_the_customer_or_a_third_party_pauses_the_resolution_and_never_the_first_response() {
    for reason in ["customer", "vendor"] {
        given([intake().at("mon 09:00")])
            .when(pend(reason).at("mon 10:00"))
            .then([&format!("pended awaiting_{reason}"), "clockPaused resolution/1"])
            .clock("resolution/1", "paused, 88200 s left")
            .clock("first_response/1", "running, due mon 14:00")
            .when(resume().at("mon 11:00"))
            .then(["resumed", "clockResumed resolution/1"])
            .clock("resolution/1", "running, due thu 10:00");
    }
}

#[test]
fn waiting_for_a_colleague_pauses_nothing() {
    given([intake().at("mon 09:00")])
        .when(pend("internal").at("mon 10:00"))
        .then(["pended awaiting_internal"])
        .clock("resolution/1", "running, due thu 09:00");
}

#[test]
fn another_reason_pauses_or_resumes_as_its_status_says() {
    given([intake().at("mon 09:00"), respond().at("mon 09:30"), pend("customer").at("mon 10:00")])
        .when(pend("vendor").at("mon 11:00"))
        .then(["pended awaiting_vendor"])
        .when(pend("internal").at("mon 12:00"))
        .then(["pended awaiting_internal", "clockResumed resolution/1"])
        .clock("resolution/1", "running, due thu 11:00")
        .when(pend("customer").at("mon 12:30"))
        .then(["pended awaiting_customer", "clockPaused resolution/1"]);
}

#[test]
fn a_message_of_the_customer_resumes_what_waited_for_it() {
    given([intake().at("mon 09:00"), pend("customer").at("mon 10:00")])
        .when(thanks().at("mon 10:30"))
        .then(["messageReceived"])
        .when(receive().at("mon 11:00"))
        .then(["messageReceived", "resumed by message", "clockResumed resolution/1"])
        .clock("resolution/1", "running, due thu 10:00");
}

#[test]
fn a_pause_over_closed_time_changes_nothing() {
    for (from, to) in [("fri 18:00", "mon+1 08:30"), ("fri 19:00", "sun 12:00"), ("thu 12:30", "thu 13:30")] {
        given([intake_as("low").at("thu 09:00")])
            .clock("resolution/1", "running, due thu+1 09:00")
            .and([pend("customer").at(from), resume().at(to)])
            .clock("resolution/1", "running, due thu+1 09:00");
    }
}

#[test]
fn a_paused_clock_neither_warns_nor_breaches() {
    given([intake().at("mon 09:00"), respond().at("mon 09:30"), pend("vendor").at("mon 10:00")])
        .wakes("never")
        .when(tick().at("fri+3 09:00"))
        .then([])
        .clock("resolution/1", "paused, 88200 s left");
}

#[test]
fn a_paused_clock_has_no_deadline_and_no_warning() {
    let mut story = given([intake().at("mon 09:00")]);
    let decision = story.take(&pend("customer").at("mon 10:00")).unwrap();
    let Some(CaseEvent::Clock(ClockChange::Paused, paused)) = decision.events.last() else { panic!("{decision:?}") };
    assert_eq!((paused.due_at, paused.warn_at), (None, None));
    assert_eq!((paused.elapsed_seconds, paused.business_elapsed_seconds), (3600, 3600));
}

#[test]
fn resolving_while_paused_meets_the_clock_where_it_stopped() {
    let mut story = given([intake().at("mon 09:00"), respond().at("mon 09:00"), pend("customer").at("mon 10:00")]);
    let decision = story.take(&resolve().at("fri 10:00")).unwrap();
    let Some(CaseEvent::Clock(ClockChange::Met, met)) = decision.events.last() else { panic!("{decision:?}") };
    assert_eq!((met.business_elapsed_seconds, met.remaining_seconds), (3600, 88_200));
    story.clock("resolution/1", "met fri 10:00");
}

#[test]
fn a_breached_clock_still_pauses_and_resumes() {
    given([intake_as("critical").at("mon 09:00"), respond().at("mon 09:05")])
        .when(pend("customer").at("mon 14:00"))
        .then([
            "clockWarned resolution/1, mon 12:00",
            "clockBreached resolution/1, mon 13:00",
            "pended awaiting_customer",
            "clockPaused resolution/1",
        ])
        .clock("resolution/1", "paused, -3600 s left, breached mon 13:00")
        .when(resume().at("mon 15:00"))
        .then(["resumed", "clockResumed resolution/1"])
        .clock("resolution/1", "running, due mon 13:00, breached mon 13:00")
        .wakes("never");
}

#[test]
fn a_deadline_at_the_end_of_the_day_stays_there_when_the_night_is_a_pause() {
    given([intake_as("high").at("fri 08:30"), respond().at("fri 08:30")])
        .clock("resolution/1", "running, due fri 18:00")
        .and([pend("customer").at("fri 19:00"), resume().at("mon+1 08:30")])
        .clock("resolution/1", "running, due fri 18:00, breached fri 18:00");
}

#[test]
fn a_warning_that_came_before_the_pause_does_not_come_again() {
    given([intake_as("critical").at("mon 09:00"), respond().at("mon 09:05"), tick().at("mon 12:00")])
        .and([pend("customer").at("mon 12:30"), resume().at("mon 14:00")])
        .clock("resolution/1", "running, due mon 14:30")
        .wakes("mon 14:30:00.001");
}

#[test]
fn a_clock_that_is_held_at_its_very_deadline_and_resumed_is_breached_at_that_instant() {
    let held = given([intake_as("critical").at("mon 09:00"), respond().at("mon 09:05")])
        .and([tick().at("mon 12:00"), pend("customer").at("mon 13:00")])
        .clock("resolution/1", "paused, 0 s left");
    // While it is held nothing is late.
    held.clone().and([resolve().at("mon 14:00")]).clock("resolution/1", "met mon 14:00");
    // Nobody need have noticed it at once.
    let resumed = held.and([resume().at("mon 14:00"), tick().at("mon 14:10")]);
    resumed.clock("resolution/1", "running, due mon 13:00, breached mon 13:00");
    // At the close of a day a night of waiting changes nothing either.
    given([intake_as("high").at("fri 08:30"), respond().at("fri 08:30")])
        .and([pend("customer").at("fri 18:00"), resume().at("mon+1 08:30"), note().at("mon+1 09:00")])
        .clock("resolution/1", "running, due fri 18:00, breached fri 18:00");
}
