//! Bringing running clocks under the policy in force.

use super::commands::*;
use super::harness::{SAMPLE, given, given_under};
use super::obligations::{PLACE, every_clock, with_every_clock};

const QUICKER: [(&str, &str); 1] = [("seconds = 91800 # three working days", "seconds = 30600")];

#[test]
fn a_rebase_gives_what_runs_the_targets_of_the_policy_in_force() {
    given([intake().at("mon 09:00"), respond().at("mon 09:00")])
        .under(&QUICKER)
        .when(send("rebaseClocks", "").at("mon 10:00"))
        .then(["clockRetargeted resolution/1 by rebase"])
        .clock("resolution/1", "running, due tue 09:00")
        .when(send("rebaseClocks", ""))
        .then([]);
}

#[test]
fn a_deadline_that_has_passed_by_the_new_policy_is_breached_now() {
    given([intake().at("mon 09:00"), respond().at("mon 09:00")])
        .under(&QUICKER)
        .when(send("rebaseClocks", "").at("wed 10:00"))
        .then(["clockRetargeted resolution/1 by rebase", "clockBreached resolution/1 by retarget"]);
}

#[test]
fn a_clock_without_a_target_in_the_policy_in_force_ends() {
    let gone = [
        (
            "[[targets]]\nclock = \"first_response\"\npriority = [\"moderate\"]\ncalendar = \"office\"\nseconds = 14400 # four hours\n",
            "",
        ),
        (
            "clock = \"first_response\"\ncalendar = \"office\"\nseconds = 30600 # one working day",
            "clock = \"first_response\"\npriority = [\"low\"]\ncalendar = \"office\"\nseconds = 30600",
        ),
    ];
    given([intake().at("mon 09:00")])
        .under(&gone)
        .when(send("rebaseClocks", "").at("mon 09:30"))
        .then(["clockCancelled first_response/1 by rebase", "clockRetargeted resolution/1 by rebase"]);
}

#[test]
fn pauses_stay_left_out() {
    given([
        intake().at("mon 09:00"),
        respond().at("mon 09:00"),
        pend("customer").at("mon 10:00"),
        resume().at("mon 12:00"),
    ])
    .under(&QUICKER)
    .and([send("rebaseClocks", "").at("mon 12:00")])
    .clock("resolution/1", "running, due tue 11:00");
}

#[test]
fn escalations_wait_until_every_clock_is_rebased() {
    let rule = "[[escalations]]\nclock = \"first_response\"\non = \"breach\"\nto_queue = \"complaints\"\n";
    let minute = (
        "seconds = 14400 # four hours\n[[targets]]\nclock = \"first_response\"",
        "seconds = 60\n[[targets]]\nclock = \"first_response\"",
    );
    given_under(&every_clock(rule), [intake().at("mon 09:00")])
        .under(&[(PLACE, &with_every_clock(rule)), minute])
        .when(send("rebaseClocks", "").at("mon 09:10"))
        .then([
            "clockRetargeted first_response/1 by rebase",
            "clockBreached first_response/1 by retarget",
            "clockRetargeted resolution/1 by rebase",
            "clockRetargeted ownership/1 by rebase",
            "routed complaints by breach",
            "clockCancelled ownership/1 by transfer",
            "clockStarted ownership/2",
        ])
        .clock("ownership/2", "running, due mon 09:40");
}

#[test]
fn a_resolution_that_ended_by_a_rebase_does_not_begin_again_when_the_case_comes_back() {
    // Only first responses have targets from now on.
    let begin = SAMPLE.find("[[targets]]\nclock = \"resolution\"").unwrap();
    let gone = (&SAMPLE[begin..SAMPLE.find(PLACE).unwrap()], "");
    let ended = given([intake().at("mon 09:00"), respond().at("mon 09:00")])
        .under(&[gone])
        .when(send("rebaseClocks", "").at("mon 09:30"))
        .then(["clockCancelled resolution/1 by rebase"]);
    ended
        .clone()
        .and([resolve().at("mon 10:00")])
        .when(reopen().at("mon 11:00"))
        .then(["reopened"])
        .clock("resolution/1", "cancelled")
        .clock("resolution/2", "absent")
        .wakes("never");
    ended.and([close("withdrawn").at("mon 10:00")]).when(reopen().at("mon 11:00")).then(["reopened"]);
}

#[test]
fn a_reopened_case_goes_on_with_the_policy_that_a_rebase_brought_it_under() {
    given([intake().at("mon 09:00"), respond().at("mon 09:00")])
        .under(&QUICKER)
        .and([send("rebaseClocks", "").at("mon 10:00"), resolve().at("mon 10:00"), reopen().at("mon 11:00")])
        // Seven and a half of eight and a half hours are left, less the lunch of an hour.
        .clock("resolution/2", "running, due tue 10:00");
}
