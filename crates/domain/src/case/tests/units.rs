//! Targets in business days, calendar days, weeks and months.

use docket_messages::{CaseEvent, ClockName, Timestamp};

use super::commands::*;
use super::harness::{Story, findings, given_under, policy};
use super::moment::at;
use crate::policy::Policies;

/// The sample with another length of the resolution of moderate cases.
fn opened(length: &str, moment: &str) -> Story {
    let policies = Policies::new(policy(1, &[("seconds = 91800 # three working days", length)]));
    given_under(&policies, [intake().at(moment), respond().at(moment)])
}

/// The same in the middle of a second.
fn opened_at(length: &str, moment: Timestamp) -> Story {
    let policies = Policies::new(policy(1, &[("seconds = 91800 # three working days", length)]));
    let mut story = given_under(&policies, [] as [Step; 0]);
    story.now = moment;
    story.and([intake(), respond()])
}

fn due(length: &str, moment: &str, expected: &str) {
    opened(length, moment).clock("resolution/1", &format!("running, due {expected}"));
}

#[test]
fn a_length_that_is_no_whole_second_is_kept_through_a_pause() {
    opened_at("business_days = 1", at("mon 09:00").plus_millis(500))
        .and([pend("customer").at("mon 10:00"), resume().at("mon 11:00")])
        .clock("resolution/1", "running, due wed 09:30");
}

#[test]
fn business_days_are_counted_by_date_up_to_the_close_of_the_last() {
    due("business_days = 1", "mon 09:00", "tue 18:00");
    due("business_days = 1", "mon 17:59", "tue 18:00");
    due("business_days = 1", "mon 23:00", "tue 18:00");
    due("business_days = 3", "thu 09:00", "tue+1 18:00");
    due("business_days = 1", "sat 12:00", "mon+1 18:00");
    // Christmas and Boxing Day are closed, and the 26th is a Saturday.
    due("business_days = 1", "2026-12-24 10:00", "mon+5 18:00");
}

#[test]
fn a_fraction_of_a_second_moves_no_deadline_from_the_close_of_its_day() {
    for (length, close) in [("business_days = 1", "tue 18:00"), ("business_days = 2", "wed 18:00")] {
        let story = opened_at(length, at("mon 10:00").plus_millis(300));
        assert_eq!(story.view().clocks[1].due_at, Some(at(close)));
        // Nor does what comes after: a pause, another priority and back, and a resolution that does not hold.
        let story = story
            .and([pend("customer").at("mon 19:00"), resume().at("mon 20:00")])
            .and([prioritise("high"), prioritise("moderate")]);
        assert_eq!(story.view().clocks[1].due_at, Some(at(close)));
        let mut story = story.and([resolve()]);
        story.now = story.now.plus_millis(700);
        assert_eq!(story.and([reopen()]).view().clocks[2].due_at, Some(at(close)));
    }
}

#[test]
fn calendar_days_and_weeks_go_to_the_same_time_of_day() {
    due("calendar_days = 2", "mon 09:00", "wed 09:00");
    due("calendar_days = 5", "mon 09:00", "sat 09:00");
    due("weeks = 8", "2026-11-23 09:00", "2027-01-18 09:00");
    // Clocks go forward on 29 March, and back on 25 October.
    due("calendar_days = 1", "2026-03-28 12:00", "2026-03-29 12:00");
    due("weeks = 1", "2026-10-20 12:00", "2026-10-27 12:00");
    // 02:30 does not exist on 29 March, and comes twice on 25 October.
    due("calendar_days = 1", "2026-03-28 02:30", "2026-03-29 03:30");
    due("calendar_days = 1", "2026-10-24 02:30", "2026-10-25 02:30");
}

#[test]
fn a_month_that_is_shorter_ends_on_its_last_day() {
    due("months = 1", "2026-01-31 10:00", "2026-02-28 10:00");
    due("months = 1", "2028-01-31 10:00", "2028-02-29 10:00");
    due("months = 6", "2026-08-31 10:00", "2027-02-28 10:00");
    due("months = 1", "2026-03-15 10:00", "2026-04-15 10:00");
}

#[test]
fn a_deadline_on_a_closed_day_can_move_to_the_next_working_day() {
    due("calendar_days = 5\nroll = \"next_working_day\"", "mon 09:00", "mon+1 09:00");
    due("calendar_days = 4\nroll = \"next_working_day\"", "mon 09:00", "fri 09:00");
    due("months = 1\nroll = \"next_working_day\"", "2026-11-25 10:00", "mon+5 10:00");
}

#[test]
fn a_pause_moves_the_deadline_by_what_it_lasted_in_the_targets_own_time() {
    opened("calendar_days = 2", "mon 09:00")
        .and([pend("customer").at("mon 12:00"), resume().at("tue 12:00")])
        .clock("resolution/1", "running, due thu 09:00");
    // Of the night only what is open counts for business days.
    opened("business_days = 1", "mon 09:00")
        .and([pend("customer").at("mon 17:00"), resume().at("tue 09:00")])
        .clock("resolution/1", "running, due wed 10:00");
}

/// What the readings of the first response say of it: seconds left, run, and run while the calendar was open.
fn readings(length: &str, steps: impl IntoIterator<Item = Step>) -> Vec<(i32, u32, u32)> {
    let first = "priority = [\"moderate\"]\ncalendar = \"office\"\nseconds = 14400 # four hours";
    let length = format!("priority = [\"moderate\"]\ncalendar = \"office\"\n{length}");
    let mut story = given_under(&Policies::new(policy(1, &[(first, &length)])), [] as [Step; 0]);
    let mut all = Vec::new();
    for step in steps {
        let events = story.take(&step).unwrap().events;
        let of_first = |event: &CaseEvent| event.clock().map(|(_, reading)| reading.clone());
        let readings = events.iter().filter_map(of_first).filter(|reading| reading.clock == ClockName::FirstResponse);
        all.extend(readings.map(|r| (r.remaining_seconds, r.elapsed_seconds, r.business_elapsed_seconds)));
    }
    all
}

#[test]
fn open_seconds_are_those_of_the_named_calendar_whatever_the_unit() {
    const DAY: u32 = 86_400;
    // The office closes on Friday at 18:00, and opens on Monday at 8:30.
    let steps = || [intake().at("fri 17:00"), respond().at("sat 17:00")];
    for (length, left) in [("calendar_days = 2", 86_400), ("weeks = 1", 6 * 86_400)] {
        assert_eq!(readings(length, steps()).last(), Some(&(left, DAY, 3600)), "{length}");
    }
    assert_eq!(readings("months = 1", steps()).last().map(|read| (read.1, read.2)), Some((DAY, 3600)));
    // A business day has an hour on Friday and the whole of Monday, and counts by the office already.
    assert_eq!(readings("business_days = 1", steps()).last(), Some(&(30_600, DAY, 3600)));
    assert_eq!(readings("seconds = 7200", steps()).last(), Some(&(3600, DAY, 3600)));
}

#[test]
fn open_seconds_are_those_of_the_named_calendar_from_the_first_reading_on() {
    let steps = [
        intake().at("fri 17:00"),
        merge().at("sat 09:00"),
        merge_is_settled().at("sat 09:00"),
        send("unmerge", "'reason':'by mistake'").at("mon+1 09:00"),
        merge_is_settled().at("mon+1 09:00"),
        respond().at("mon+1 10:00"),
    ];
    assert_eq!(
        readings("calendar_days = 2", steps),
        [
            (172_800, 0, 0),
            (172_800 - 57_600, 57_600, 3600),
            (172_800 - 57_600, 57_600, 3600),
            (172_800 - 61_200, 61_200, 7200),
        ]
    );
}

#[test]
fn warnings_come_at_a_fraction_of_the_same_time() {
    opened("calendar_days = 4", "mon 09:00").wakes("thu 09:00");
}

#[test]
fn another_unit_is_a_retarget_from_the_same_start() {
    opened("calendar_days = 2", "mon 09:00")
        .when(prioritise("high").at("mon 10:00"))
        .then(["classified high", "clockRetargeted resolution/1"])
        .clock("resolution/1", "running, due tue 09:00")
        .when(prioritise("moderate").at("mon 11:00"))
        .then(["classified moderate", "clockRetargeted resolution/1"])
        .clock("resolution/1", "running, due wed 09:00");
}

#[test]
fn what_is_left_goes_on_after_a_reopening() {
    opened("calendar_days = 2", "mon 09:00")
        .and([resolve().at("mon 21:00"), reopen().at("fri 09:00")])
        .clock("resolution/2", "running, due sat 21:00");
}

#[test]
fn a_length_is_said_once_and_in_bounds() {
    for (length, says) in [
        ("seconds = 60\nweeks = 1", "say how long once"),
        ("# nothing", "say how long once"),
        ("months = 121", "1 to 120 months"),
        ("business_days = 0", "1 to 3660 business days"),
        ("business_days = 2\nroll = \"next_working_day\"", "never lands on a closed day"),
    ] {
        let findings = findings(&[("seconds = 91800 # three working days", length)]);
        assert!(
            findings.iter().any(|finding| finding.message.contains(says) && finding.line.is_some()),
            "{findings:?}"
        );
    }
}
