//! A case that goes on in another one.

use docket_messages::{Event, RejectionCode, Status};

use super::commands::*;
use super::harness::{given, given_under, policy};
use super::obligations::every_clock;
use crate::policy::Policies;

#[test]
fn a_merge_is_asked_for_and_then_settled() {
    given([intake().at("mon 09:00"), respond().at("mon 09:30")])
        .when(merge().at("mon 10:00"))
        .then(["mergeRequested"])
        .is(Status::Open)
        .wakes("mon 10:00:10")
        .when(merge_is_settled().at("mon 10:01"))
        .then(["merged", "clockCancelled resolution/1 by merge"])
        .is(Status::Merged)
        .wakes("never");
}

#[test]
fn a_merge_that_is_refused_leaves_the_case_as_it_was() {
    given([intake().at("mon 09:00"), merge().at("mon 09:00")])
        .when(merge_is_refused("merge_target_ended").at("mon 09:01"))
        .then(["mergeRefused merge_target_ended"])
        .is(Status::New)
        .clock("resolution/1", "running, due thu 09:00")
        .when(merge())
        .then(["mergeRequested"]);
}

#[test]
fn a_breached_loser_keeps_its_breach_and_leaves_attainment() {
    given([intake_as("critical").at("mon 09:00"), tick().at("mon 10:00")])
        .and([merge(), merge_is_settled()])
        .clock("first_response/1", "cancelled, breached mon 09:30");
}

#[test]
fn a_case_cannot_be_merged_into_itself() {
    given([intake()]).when(send("merge", &format!("'into':'{}'", case_id()))).then_rejected(
        RejectionCode::SameCase,
        "into",
        "itself",
    );
    given([intake()]).when(send("link", &format!("'to':'{}','relation':'related'", case_id()))).then_rejected(
        RejectionCode::SameCase,
        "to",
        "itself",
    );
}

#[test]
fn a_case_with_a_merge_in_hand_is_merged_no_second_time_and_takes_none_in() {
    let pending = given([intake(), merge()]);
    pending.clone().when(merge()).then_rejected(RejectionCode::MergePending, "into", "is just being merged into");
    pending.when(absorb("mon 09:00")).then_rejected(RejectionCode::MergePending, "into", "is just being merged into");
}

#[test]
fn a_case_that_has_ended_takes_none_in() {
    for (step, status) in [(resolve(), "resolved"), (cancel(), "cancelled"), (close("withdrawn"), "closed")] {
        given([intake(), step]).when(absorb("mon 09:00")).then_rejected(
            RejectionCode::MergeTargetEnded,
            "into",
            status,
        );
    }
}

#[test]
fn the_survivor_keeps_the_earlier_start_of_waiting() {
    given([intake().at("mon 11:00")])
        .when(absorb("mon 10:00").at("mon 11:30"))
        .then(["absorbed", "clockRetargeted first_response/1 by merge"])
        .clock("first_response/1", "running, due mon 15:00")
        .when(absorb("mon 10:30"))
        .then(["absorbed"]);
}

#[test]
fn a_wait_that_has_been_too_long_already_is_breached_at_the_merge() {
    given([intake().at("tue 09:00")]).when(absorb("mon 09:00").at("tue 09:10")).then([
        "absorbed",
        "clockRetargeted first_response/1 by merge",
        "clockBreached first_response/1 by retarget",
    ]);
}

#[test]
fn a_customer_who_was_answered_here_waits_for_the_answer_to_the_other_case() {
    given_under(&every_clock(""), [intake().at("mon 09:00"), assign("ana").at("mon 09:01"), respond().at("mon 09:10")])
        .when(absorb("mon 10:00").at("mon 10:20"))
        .then(["absorbed", "clockStarted next_response/1 by merge"])
        .clock("next_response/1", "running, due mon 11:00");
}

#[test]
fn a_wait_that_a_merge_brings_reads_what_is_left_of_it() {
    let answered = [intake().at("mon 09:00"), assign("ana").at("mon 09:01"), respond().at("mon 09:10")];
    let mut story = given_under(&every_clock(""), answered);
    let decision = story.take(&absorb("mon 10:00").at("mon 10:20")).unwrap();
    let Some(Event::ClockStarted(started)) = decision.events.last() else { panic!("{decision:?}") };
    assert_eq!((started.target_seconds, started.remaining_seconds), (3600, 2400));
    assert_eq!((started.elapsed_seconds, started.business_elapsed_seconds), (1200, 1200));
}

#[test]
fn an_earlier_start_that_a_merge_brings_is_counted_to_a_close_of_its_own() {
    let first = "priority = [\"moderate\"]\ncalendar = \"office\"\nseconds = 14400 # four hours";
    for (length, due) in
        [("business_days = 2", "wed 18:00"), ("calendar_days = 2", "wed 17:00"), ("weeks = 1", "mon+1 17:00")]
    {
        let length = format!("priority = [\"moderate\"]\ncalendar = \"office\"\n{length}");
        let policies = Policies::new(policy(1, &[(first, &length)]));
        given_under(&policies, [intake().at("tue 10:00"), absorb("mon 17:00").at("tue 10:10")])
            .clock("first_response/1", &format!("running, due {due}"));
    }
}

#[test]
fn a_merge_is_taken_back_and_the_case_is_where_it_was() {
    given([intake().at("mon 09:00"), respond().at("mon 09:00"), pend("vendor").at("mon 10:00")])
        .and([merge().at("mon 11:00"), merge_is_settled().at("mon 11:00")])
        .when(send("unmerge", "'reason':'by mistake'").at("mon 12:00"))
        .then(["unmergeRequested"])
        .is(Status::Merged)
        .when(merge_is_settled().at("mon 12:01"))
        .then(["unmerged", "clockStarted resolution/2 by reopen", "clockPaused resolution/2"])
        .is(Status::PendingThirdParty)
        .clock("resolution/2", "paused, 88200 s left");
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    given([intake(), merge()]).when(send("settleMerge", "'with':'00000000-0000-0000-0000-000000000009'")).then([]);
    given([intake(), merge(), merge_is_settled()]).when(merge_is_refused("merge_pending")).then([]).is(Status::Merged);
}

#[test]
fn the_other_case_lets_go() {
    given([intake(), absorb("mon 09:00")]).when(release()).then(["released"]).when(release()).then([]);
    given([intake()]).when(release()).then([]);
}

#[test]
fn a_merge_happens_now() {
    given([intake().back_at("mon 09:00")]).when(merge().back_at("mon 10:00")).then_rejected(
        RejectionCode::BadRequest,
        "Docket-Occurred-At",
        "happens now",
    );
}

#[test]
fn a_step_that_is_taken_again_says_what_it_said() {
    let asked = given([intake().at("mon 09:00"), merge().at("mon 10:00")]);
    let first = asked.case().next_step();
    let answered = asked.and([respond().at("mon 10:01")]);
    assert!(first.is_some());
    assert_eq!(answered.case().next_step(), first);
}

#[test]
fn an_answer_that_was_due_is_due_again_with_the_time_that_was_left() {
    given([intake().at("mon 09:00"), merge().at("mon 10:00"), merge_is_settled().at("mon 10:00")])
        .clock("first_response/1", "cancelled")
        .and([send("unmerge", "'reason':'by mistake'").at("tue 09:00")])
        .when(merge_is_settled())
        .then(["unmerged", "clockStarted first_response/2 by reopen", "clockStarted resolution/2 by reopen"])
        .clock("first_response/2", "running, due tue 12:00");
    // One that was given is not.
    given([
        intake().at("mon 09:00"),
        respond().at("mon 09:30"),
        merge().at("mon 10:00"),
        merge_is_settled().at("mon 10:00"),
    ])
    .and([send("unmerge", "'reason':'by mistake'").at("tue 09:00")])
    .when(merge_is_settled())
    .then(["unmerged", "clockStarted resolution/2 by reopen"]);
}

#[test]
fn an_answer_that_closing_cancelled_is_not_due_again() {
    given_under(&every_clock(""), [intake().at("mon 09:00"), respond().at("mon 09:10"), receive().at("mon 09:20")])
        .and([close("withdrawn"), reopen()])
        .and([merge().at("mon 10:00"), merge_is_settled().at("mon 10:00")])
        .and([send("unmerge", "'reason':'by mistake'").at("mon 11:00")])
        .when(merge_is_settled())
        .then(["unmerged", "clockStarted resolution/3 by reopen"])
        .when(receive().at("mon 11:30"))
        .then(["messageReceived", "clockStarted next_response/2"])
        .clock("next_response/2", "running, due mon 12:30");
}
