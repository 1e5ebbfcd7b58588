//! Clocks that run, warn, breach, and end.

use docket_messages::{CaseEvent, ClockChange, ClockName, Status};

use super::commands::*;
use super::harness::{findings, given, given_under, policy};
use super::moment::tell;
use super::statuses::case_that_is;
use crate::policy::Policies;

#[test]
fn a_priority_sets_both_deadlines_in_open_time() {
    for (priority, first_response, resolution) in [
        ("critical", "mon 09:30", "mon 13:00"),
        ("high", "mon 11:00", "tue 09:00"),
        ("moderate", "mon 14:00", "thu 09:00"),
        ("low", "tue 09:00", "mon+1 09:00"),
    ] {
        given([intake_as(priority).at("mon 09:00")])
            .clock("first_response/1", &format!("running, due {first_response}"))
            .clock("resolution/1", &format!("running, due {resolution}"));
    }
}

#[test]
fn a_deadline_at_the_end_of_a_day_is_that_evening() {
    given([intake_as("high").at("fri 16:00")]).clock("first_response/1", "running, due fri 18:00");
}

#[test]
fn a_night_with_a_change_of_time_counts_as_long_as_it_really_is() {
    // The target is 4 hours. The night of 29 March lacks 02:00 to 03:00; that of 25 October has it twice.
    for (hours, start, due) in [
        ("00:00-04:00", "2026-03-22 00:00", "2026-03-22 04:00"),
        ("00:00-04:00", "2026-03-29 00:00", "2026-03-30 09:30"),
        ("00:00-04:00", "2026-10-25 00:00", "2026-10-25 03:00"),
        ("02:30-04:00", "2026-03-29 00:00", "2026-03-30 12:00"),
        ("02:30-04:00", "2026-10-25 00:00", "2026-10-26 10:00"),
    ] {
        let sundays = format!("[calendars.office.hours]\nsunday = [\"{hours}\"]");
        let policies = Policies::new(policy(1, &[("[calendars.office.hours]", &sundays)]));
        let story = given_under(&policies, [intake().at(start)]);
        story.clock("first_response/1", &format!("running, due {due}"));
    }
}

#[test]
fn a_human_response_meets_first_response_and_a_bot_does_not() {
    given([intake().at("mon 09:00")])
        .when(respond_by_bot().at("mon 09:01"))
        .then(["responded"])
        .when(respond().at("mon 10:00"))
        .then(["responded", "clockMet first_response/1"])
        .clock("first_response/1", "met mon 10:00")
        .when(respond().at("mon 11:00"))
        .then(["responded"]);
}

#[test]
fn a_case_that_an_agent_opens_for_a_caller_waits_for_a_first_response_like_any_other() {
    let mut call = intake();
    if let docket_messages::CaseAction::Command(docket_messages::CaseCommand::Intake(intake)) = &mut call {
        intake.channel = docket_messages::Name::parse("phone").unwrap();
    }
    // To have it, and to note what was said, answers nobody.
    given([call.at("mon 09:00"), assign("ana").at("mon 09:00"), note().at("mon 09:01")])
        .is(Status::Open)
        .clock("first_response/1", "running, due mon 14:00")
        .when(respond().at("mon 09:02"))
        .then(["responded", "clockMet first_response/1"])
        .clock("first_response/1", "met mon 09:02");
}

#[test]
fn a_resolution_without_an_answer_is_none_and_ends_the_wait_for_one() {
    given([intake().at("mon 09:00"), respond_by_bot().at("mon 09:01")])
        .when(resolve().at("mon 10:00"))
        .then(["resolved", "clockMet resolution/1 by resolve", "clockCancelled first_response/1 by resolve"])
        .clock("first_response/1", "cancelled")
        .clock("resolution/1", "met mon 10:00")
        // The resolution did not hold, so the answer is still owed, with the three hours that were left.
        .and([reopen().at("mon 10:30")])
        .clock("first_response/1", "running, due mon 14:30");
    given([intake().at("mon 09:00"), respond().at("mon 09:30")])
        .when(resolve().at("mon 10:00"))
        .then(["resolved", "clockMet resolution/1 by resolve"]);
    given([intake().at("mon 09:00")])
        .and([resolve().at("mon 15:00")])
        .clock("first_response/1", "cancelled, breached mon 14:00");
}

#[test]
fn a_policy_may_say_that_a_resolution_is_an_answer() {
    let enough = "[clocks.first_response]\nmet_by_resolution = true";
    let policies = Policies::new(policy(1, &[("[clocks.first_response]", enough)]));
    given_under(&policies, [intake().at("mon 09:00")])
        .when(resolve().at("mon 10:00"))
        .then(["resolved", "clockMet first_response/1 by resolve", "clockMet resolution/1 by resolve"])
        .clock("first_response/1", "met mon 10:00")
        .when(reopen())
        .then(["reopened", "clockStarted resolution/2 by reopen"]);
}

#[test]
fn what_is_no_answer_is_not_met_by_a_resolution_or_a_bot() {
    for (from, says) in [
        ("[clocks.resolution]\nmet_by_resolution = true", "waits for no answer"),
        ("[clocks.resolution]\nmet_by_bots = true", "only people meet"),
    ] {
        let findings = findings(&[("[clocks.resolution]", from)]);
        let is_said = |finding: &crate::policy::Finding| finding.message.contains(says) && finding.line.is_some();
        assert!(findings.iter().any(is_said), "{findings:?}");
    }
}

#[test]
fn a_clock_that_is_met_late_stays_breached() {
    given([intake().at("mon 09:00")])
        .when(respond().at("mon 15:00"))
        .then([
            "clockWarned first_response/1, mon 12:00",
            "clockBreached first_response/1, mon 14:00",
            "responded",
            "clockMet first_response/1",
        ])
        .clock("first_response/1", "met mon 15:00, breached mon 14:00");
}

#[test]
fn closing_or_cancelling_cancels_what_runs() {
    given([intake().at("mon 09:00")])
        .when(close("withdrawn").at("mon 10:00"))
        .then(["closed withdrawn", "clockCancelled first_response/1 by close", "clockCancelled resolution/1 by close"])
        .wakes("never");
    given([intake(), respond(), pend("customer")])
        .when(cancel())
        .then(["cancelled", "clockCancelled resolution/1 by close"])
        .clock("first_response/1", "met mon 09:00")
        .clock("resolution/1", "cancelled");
}

#[test]
fn a_clock_that_was_met_or_cancelled_is_silent() {
    for status in [Status::Closed, Status::Cancelled] {
        case_that_is(status).when(tick().at("fri+4 09:00")).then([]).wakes("never");
    }
}

#[test]
fn a_clock_that_was_breached_breaches_once() {
    given([intake_as("critical").at("mon 09:00"), respond().at("mon 09:10"), tick().at("mon 14:00")])
        .clock("resolution/1", "running, due mon 13:00, breached mon 13:00")
        .when(tick().at("fri 09:00"))
        .then([])
        .wakes("never");
}

#[test]
fn the_case_is_shown_with_a_breach_that_nobody_recorded_yet() {
    let mut story = given([intake().at("mon 09:00")]);
    story.now = super::moment::at("mon 13:59:59");
    let mut story = story.clock("first_response/1", "running, due mon 14:00");
    story.now = super::moment::at("mon 14:00");
    let mut story = story.clock("first_response/1", "running, due mon 14:00");
    story.now = super::moment::at("mon 14:01");
    story.clock("first_response/1", "running, due mon 14:00, breached mon 14:00");
}

#[test]
fn a_target_that_is_used_up_at_the_very_instant_is_not_missed() {
    given([intake_as("moderate").at("mon 09:00"), prioritise("high").at("mon 11:00")])
        .clock("first_response/1", "running, due mon 11:00")
        .when(tick().at("mon 11:00:00.001"))
        .then(["clockBreached first_response/1, mon 11:00"]);
}

#[test]
fn a_clock_that_was_paused_often_remembers_what_it_came_to() {
    let pauses = [pend("customer").at("mon 10:00"), resume().at("mon 11:00"), pend("customer").at("mon 12:00")];
    let mut story = given([intake().at("mon 09:00")]).and(pauses);
    let decision = story.take(&resume().at("mon 14:00")).unwrap();
    let clock = decision.case.clocks.iter().find(|clock| clock.name == ClockName::Resolution).unwrap();
    assert!(format!("{clock:?}").contains("counted: 2 counted"), "{clock:?}");
}

#[test]
fn a_reading_says_what_ran_in_wall_time_and_in_open_time() {
    let mut story = given([intake().at("mon 17:00")]);
    let decision = story.take(&respond().at("tue 09:00")).unwrap();
    let Some(CaseEvent::Clock(ClockChange::Met, met)) = decision.events.last() else { panic!("{decision:?}") };
    assert_eq!((met.clock, met.instance, met.policy.get()), (ClockName::FirstResponse, 1, 1));
    assert_eq!((met.target_seconds, met.calendar.as_str()), (14_400, "office"));
    assert_eq!((met.elapsed_seconds, met.business_elapsed_seconds), (16 * 3600, 5400));
    assert_eq!(met.remaining_seconds, 14_400 - 5400);
    assert_eq!(met.due_at.map(tell), Some("tue 11:30".to_owned()));
    assert_eq!(met.warn_at.map(tell), Some("tue 10:30".to_owned()));
}

#[test]
fn what_remains_of_a_late_clock_is_negative() {
    let mut story = given([intake().at("mon 09:00")]);
    let decision = story.take(&respond().at("mon 15:00")).unwrap();
    let Some(CaseEvent::Clock(ClockChange::Met, met)) = decision.events.last() else { panic!("{decision:?}") };
    assert_eq!(met.remaining_seconds, -3600);
}

#[test]
fn a_clock_without_a_target_never_starts() {
    let only_critical =
        ("calendar = \"office\"\nseconds = 153000", "priority = [\"low\"]\ncalendar = \"office\"\nseconds = 153000");
    let without_moderate = (
        "[[targets]]\nclock = \"resolution\"\npriority = [\"moderate\"]\ncalendar = \"office\"\nseconds = 91800 # three working days\n",
        "",
    );
    let policies = Policies::new(policy(1, &[only_critical, without_moderate]));
    given_under(&policies, [intake()])
        .clock("first_response/1", "running, due mon 14:00")
        .clock("resolution/1", "absent")
        .when(resolve())
        .then(["resolved", "clockCancelled first_response/1 by resolve"])
        .when(reopen())
        .then(["reopened", "clockResumed first_response/1 by reopen"]);
}

#[test]
fn a_new_policy_touches_no_running_clock() {
    let half = [(
        "seconds = 14400 # four hours\n[[targets]]\nclock = \"first_response\"",
        "seconds = 60\n[[targets]]\nclock = \"first_response\"",
    )];
    given([intake().at("mon 09:00")])
        .under(&half)
        .when(assign("ana").at("mon 10:00"))
        .then(["assigned ana"])
        .clock("first_response/1", "running, due mon 14:00")
        .and([prioritise("low"), prioritise("moderate")])
        .clock("first_response/1", "running, due mon 14:00");
    let policies = given([] as [Step; 0]).under(&half).policies;
    given_under(&policies, [intake().at("mon 09:00")]).clock("first_response/1", "running, due mon 09:01");
}
