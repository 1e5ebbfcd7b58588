//! What time alone makes true: in the order in which it fell due, whenever somebody looks.

use docket_messages::{RejectionCode, Status};

use super::commands::*;
use super::harness::{given, given_under, policy};
use crate::policy::Policies;

#[test]
fn a_case_wakes_for_what_falls_due_next() {
    given([intake().at("mon 09:00")])
        .wakes("mon 12:00")
        .and([tick().at("mon 12:00")])
        .wakes("mon 14:00:00.001")
        .and([tick().at("mon 14:00:00.001")])
        .wakes("wed 11:07:30")
        .and([resolve().at("tue 10:00")])
        .wakes("sun 10:00")
        .and([request_survey("csat").at("tue 10:00"), tick().at("sun 10:00")])
        .is(Status::Closed)
        .wakes("tue+2 10:00")
        .and([tick().at("tue+2 10:00")])
        .wakes("never");
}

#[test]
fn an_early_tick_finds_nothing() {
    given([intake().at("mon 09:00")]).when(tick().at("mon 11:59:59")).then([]).wakes("mon 12:00");
}

#[test]
fn a_punctual_tick_dates_nothing_apart_from_itself() {
    given([intake().at("mon 09:00")]).when(tick().at("mon 12:00")).then(["clockWarned first_response/1"]);
    given([intake().at("mon 09:00"), resolve().at("mon 10:00")])
        .when(tick().at("sat 10:00"))
        .then(["closed auto_closed by time"]);
}

#[test]
fn what_happens_at_the_very_deadline_is_in_time_though_a_tick_came_first() {
    let at_the_deadline = || {
        given([intake().at("mon 09:00"), tick().at("mon 12:00")])
            .when(tick().at("mon 14:00"))
            .then([])
            .wakes("mon 14:00:00.001")
    };
    at_the_deadline()
        .when(respond().at("mon 14:00"))
        .then(["responded", "clockMet first_response/1"])
        .clock("first_response/1", "met mon 14:00");
    at_the_deadline()
        .when(cancel().at("mon 14:00"))
        .then(["cancelled", "clockCancelled first_response/1 by close", "clockCancelled resolution/1 by close"])
        .clock("first_response/1", "cancelled");
    at_the_deadline()
        .when(tick().at("mon 14:00:00.001"))
        .then(["clockBreached first_response/1, mon 14:00"])
        .when(respond().at("mon 14:00:00.001"))
        .then(["responded", "clockMet first_response/1"])
        .clock("first_response/1", "met mon 14:00:00.001, breached mon 14:00");
}

#[test]
fn a_history_that_is_ticked_as_of_a_deadline_has_not_missed_it() {
    given([intake().back_at("mon 09:00"), tick().back_at("mon 14:00")])
        .when(respond().back_at("mon 14:00"))
        .then(["responded", "clockMet first_response/1"])
        .clock("first_response/1", "met mon 14:00");
}

#[test]
fn whatever_else_falls_due_at_the_deadline_comes_before_the_breach() {
    let waiting = given([intake().at("mon 09:00"), pend_until("internal", "mon 14:00").at("mon 10:00")]);
    let waiting = waiting.and([tick().at("mon 12:00")]);
    let late = waiting.clone().when(tick().at("mon 15:00"));
    late.then(["followUpDue, mon 14:00", "clockBreached first_response/1, mon 14:00"]);
    waiting
        .when(tick().at("mon 14:00"))
        .then(["followUpDue"])
        .when(tick().at("mon 14:00:00.001"))
        .then(["clockBreached first_response/1, mon 14:00"]);
}

#[test]
fn a_late_tick_dates_events_when_they_fell_due() {
    given([intake().at("mon 09:00")]).when(tick().at("mon+1 09:00")).then([
        "clockWarned first_response/1, mon 12:00",
        "clockBreached first_response/1, mon 14:00",
        "clockWarned resolution/1, wed 11:07:30",
        "clockBreached resolution/1, thu 09:00",
    ]);
}

#[test]
fn of_two_that_fall_due_together_warnings_come_first() {
    // A warning at the whole of the target: the same instant as the breach.
    let policies = Policies::new(policy(1, &[("warn_at = 0.75", "warn_at = 1.0")]));
    given_under(&policies, [intake().at("mon 09:00"), respond().at("mon 09:00")])
        .when(tick().at("fri 09:00"))
        .then(["clockWarned resolution/1, thu 09:00", "clockBreached resolution/1, thu 09:00"]);
}

#[test]
fn a_resolved_case_is_closed_by_time() {
    given([intake().at("mon 09:00"), resolve().at("mon 10:00")])
        .when(tick().at("sat 09:59:59"))
        .then([])
        .when(tick().at("tue+1 09:00"))
        .then(["closed auto_closed by time, sat 10:00"])
        .is(Status::Closed);
}

#[test]
fn a_live_command_after_a_long_silence_decides_first_what_fell_due() {
    let resolved = given([intake().at("mon 09:00"), resolve().at("mon 10:00")]);
    let closed = "closed auto_closed by time, sat 10:00";
    let reopened = "reopened by message";
    resolved
        .clone()
        .when(receive().at("mon+1 09:00"))
        .then([
            closed,
            "messageReceived",
            reopened,
            "clockResumed first_response/1 by reopen",
            "clockStarted resolution/2 by reopen",
        ])
        .is(Status::Open);
    resolved.clone().when(note().at("mon+1 09:00")).then([closed, "noted"]);
    resolved.when(close("completed").at("mon+1 09:00")).then_rejected(RejectionCode::WrongStatus, "", "`closed`");
}

#[test]
fn a_rejected_command_leaves_what_fell_due_to_the_next() {
    given([intake().at("mon 09:00")])
        .when(close("completed").at("mon 13:00"))
        .then_rejected(RejectionCode::WrongStatus, "", "`new`")
        .when(tick().at("mon 14:01"))
        .then(["clockWarned first_response/1, mon 12:00", "clockBreached first_response/1, mon 14:00"]);
}

#[test]
fn a_case_that_lacks_what_closing_requires_is_not_closed_by_time() {
    let policies =
        Policies::new(policy(1, &[("[types.question]", "[types.question]\nrequired_at_close = [\"category\"]")]));
    given_under(&policies, [intake().at("mon 09:00"), resolve().at("mon 10:00")])
        .wakes("never")
        .when(tick().at("mon+1 09:00"))
        .then([])
        .when(send("classify", "'category':'product'").at("mon+1 10:00"))
        .then(["classified moderate"])
        .when(tick().at("mon+1 11:00"))
        .then(["closed auto_closed by time, mon+1 10:00"]);
}

#[test]
fn a_case_that_came_back_is_closed_by_its_last_resolution() {
    given([intake().at("mon 09:00"), respond().at("mon 09:10"), resolve().at("mon 10:00"), reopen().at("fri 10:00")])
        .when(resolve().at("fri 12:00"))
        .then(["resolved", "clockMet resolution/2 by resolve"])
        .wakes("wed+1 12:00");
}

#[test]
fn without_auto_close_a_resolved_case_stays_resolved() {
    let none = policy(1, &[("[lifecycle.auto_close]\nafter_days = 5\ncode = \"auto_closed\"\n", "")]);
    given_under(&Policies::new(none), [intake(), resolve()]).wakes("never").when(tick().at("fri+4 09:00")).then([]);
}

#[test]
fn a_follow_up_falls_due_once() {
    given([intake().at("mon 09:00"), respond().at("mon 09:00"), pend_until("customer", "wed 09:00").at("mon 10:00")])
        .wakes("wed 09:00")
        .when(tick().at("thu 09:00"))
        .then(["followUpDue, wed 09:00"])
        .is(Status::PendingCustomer)
        .when(tick().at("fri 09:00"))
        .then([])
        .wakes("never");
}

#[test]
fn a_follow_up_of_a_case_that_no_longer_waits_is_forgotten() {
    for command in [resume(), receive(), resolve(), pend("customer"), cancel()] {
        let waiting = [intake().at("mon 09:00"), pend_until("customer", "mon 11:00").at("mon 10:00")];
        given(waiting).and([command.at("mon 10:30")]).when(tick().at("mon 11:30")).then([]);
    }
}

#[test]
fn a_late_tick_tells_all_kinds_in_one_order() {
    given([intake_as("critical").at("mon 09:00"), pend_until("internal", "mon 12:30").at("mon 09:00")])
        .when(tick().at("tue 09:00"))
        .then([
            "clockWarned first_response/1, mon 09:22:30",
            "clockBreached first_response/1, mon 09:30",
            "clockWarned resolution/1, mon 12:00",
            "followUpDue, mon 12:30",
            "clockBreached resolution/1, mon 13:00",
        ]);
}

#[test]
fn a_shorter_auto_close_closes_nothing_before_it_was_published() {
    let shorter = [("after_days = 5", "after_days = 1")];
    let resolved = given([intake().at("mon 09:00"), respond().at("mon 09:10"), resolve().at("mon 10:00")]);
    let published = resolved.under_from("thu 12:00", &shorter);
    published.clone().when(note().at("thu 13:00")).then(["closed auto_closed by time, thu 12:00", "noted"]);
    published.when(tick().at("thu 12:00")).then(["closed auto_closed by time"]).is(Status::Closed);
    // Where the time is not over by then, it is over when the new rule says.
    let resolved = given([intake().at("mon 09:00"), respond().at("mon 09:10"), resolve().at("mon 10:00")]);
    resolved
        .under_from("mon 12:00", &shorter)
        .when(tick().at("wed 09:00"))
        .then(["closed auto_closed by time, tue 10:00"]);
}

#[test]
fn what_an_earlier_rule_closed_stays_closed_by_it_however_late_it_is_noticed() {
    let longer = [("after_days = 5\ncode = \"auto_closed\"", "after_days = 9\ncode = \"completed\"")];
    let resolved = || given([intake().at("mon 09:00"), respond().at("mon 09:10"), resolve().at("mon 10:00")]);
    resolved()
        .under_from("sun 12:00", &longer)
        .when(tick().at("mon+2 09:00"))
        .then(["closed auto_closed by time, sat 10:00"]);
    resolved()
        .under_from("sat 09:00", &longer)
        .when(tick().at("mon+2 09:00"))
        .then(["closed completed by time, wed+1 10:00"]);
}
