//! A case that goes on in another one.

use docket_messages::{CaseAction, CaseEvent, CaseStep, ClockChange, RejectionCode, Status};

use super::commands::*;
use super::harness::{Story, given, given_under, policy};
use super::moment::at;
use super::obligations::{PLACE, every_clock, with_every_clock};
use crate::case::process::Asked;
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
fn the_other_case_is_told_since_when_the_customer_waits() {
    let waiting_since = |story: &Story| {
        let Some(Asked::Step(CaseStep::Absorb(absorb))) = story.case().next_step().map(|step| step.asked) else {
            panic!("no merge was begun");
        };
        absorb.waiting_since
    };
    let unanswered = given([intake().at("mon 09:00"), merge().at("mon 10:00")]);
    assert_eq!(waiting_since(&unanswered), Some(at("mon 09:00")));
    let answered = given([intake().at("mon 09:00"), respond().at("mon 09:30"), merge().at("mon 10:00")]);
    assert_eq!(waiting_since(&answered), None);
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
    let Some(CaseEvent::Clock(ClockChange::Started, started)) = decision.events.last() else { panic!("{decision:?}") };
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
        .then(["unmerged", "clockResumed resolution/1 by reopen", "clockPaused resolution/1"])
        .is(Status::PendingThirdParty)
        .clock("resolution/1", "paused, 88200 s left");
}

#[test]
fn an_answer_that_nobody_waits_for_changes_nothing() {
    given([intake(), merge()]).when(send("settleMerge", "'with':'00000000-0000-0000-0000-000000000009'")).then([]);
    given([intake(), merge(), merge_is_settled()]).when(merge_is_refused("merge_pending")).then([]).is(Status::Merged);
}

#[test]
fn a_case_that_was_not_let_go_does_not_stand_for_itself() {
    given([intake(), merge(), merge_is_settled(), send("unmerge", "'reason':'by mistake'")])
        .when(merge_is_refused("out_of_order"))
        .then_rejected(RejectionCode::MergePending, "refused", "has not released this one")
        .is(Status::Merged)
        .when(merge_is_settled())
        .then(["unmerged", "clockResumed first_response/1 by reopen", "clockResumed resolution/1 by reopen"]);
}

#[test]
fn the_other_case_lets_go() {
    given([intake(), absorb("mon 09:00")]).when(release()).then(["released"]).when(release()).then([]);
    given([intake()]).when(release()).then([]);
}

#[test]
fn a_merge_of_a_history_is_as_old_as_it_says_and_so_are_its_steps() {
    let asked = given([intake().back_at("mon 09:00"), respond().back_at("mon 09:30"), merge().back_at("mon 10:00")]);
    assert_eq!(asked.case().next_step().unwrap().occurred_at, Some(at("mon 10:00")));
    asked
        .when(merge_is_settled().back_at("mon 10:00"))
        .then(["merged", "clockCancelled resolution/1 by merge"])
        .and([send("unmerge", "'reason':'by mistake'").back_at("mon 11:00")])
        .when(merge_is_settled().back_at("mon 11:00"))
        .then(["unmerged", "clockResumed resolution/1 by reopen"])
        .clock("resolution/1", "running, due thu 10:00, breached thu 10:00");
    let live = given([intake().at("mon 09:00"), merge().at("mon 10:00")]);
    assert_eq!(live.case().next_step().unwrap().occurred_at, None);
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
        .then(["unmerged", "clockResumed first_response/1 by reopen", "clockResumed resolution/1 by reopen"])
        .clock("first_response/1", "running, due tue 12:00");
    // One that was given is not.
    given([
        intake().at("mon 09:00"),
        respond().at("mon 09:30"),
        merge().at("mon 10:00"),
        merge_is_settled().at("mon 10:00"),
    ])
    .and([send("unmerge", "'reason':'by mistake'").at("tue 09:00")])
    .when(merge_is_settled())
    .then(["unmerged", "clockResumed resolution/1 by reopen"]);
}

/// A case whose merge was taken back, the customer having been answered in the other one at a moment.
fn unmerged_and_answered(answered_at: &str) -> CaseAction {
    send("settleMerge", &format!("'with':'{}','answeredAt':'{}'", other_case(), at(answered_at)))
}

#[test]
fn an_answer_that_was_given_in_the_other_case_counts_when_the_merge_is_taken_back() {
    let merged = given_under(&every_clock(""), [intake().at("mon 09:00"), assign("ana").at("mon 09:01")])
        .and([merge().at("mon 10:00"), merge_is_settled().at("mon 10:00")])
        .and([send("unmerge", "'reason':'by mistake'").at("mon 16:00")])
        .when(unmerged_and_answered("mon 11:00"))
        .then(["unmerged", "clockMet first_response/1", "clockResumed resolution/1 by reopen", "clockStarted update/1"])
        .clock("first_response/1", "met mon 16:00");
    assert_eq!(merged.view().first_response_at, Some(at("mon 11:00")));
    // A customer who writes after that is owed the next one.
    merged.when(receive().at("mon 16:10")).then(["messageReceived", "clockStarted next_response/1"]);
}

#[test]
fn the_case_that_goes_on_knows_when_it_first_answered_each_that_it_took_in() {
    let other = other_case();
    let survivor = given([intake().at("mon 09:00"), respond().at("mon 09:10"), absorb("mon 09:30").at("mon 10:00")]);
    assert_eq!(survivor.case().answered_for(other), None);
    let survivor =
        survivor.and([respond_by_bot().at("mon 10:10"), respond().at("mon 10:20"), respond().at("mon 10:30")]);
    assert_eq!(survivor.case().answered_for(other), Some(at("mon 10:20")));
    let again =
        survivor.and([release().at("mon 11:00"), absorb("mon 11:10").at("mon 11:10"), release().at("mon 11:20")]);
    let answered = again.and([respond().at("mon 11:30")]);
    assert_eq!(answered.case().answered_for(other), None);
}

#[test]
fn an_answer_that_was_due_again_after_closing_is_not_lost_in_a_merge() {
    given_under(&every_clock(""), [intake().at("mon 09:00"), respond().at("mon 09:10"), receive().at("mon 09:20")])
        .and([close("withdrawn").at("mon 09:20"), reopen().at("mon 09:50")])
        .clock("next_response/1", "running, due mon 10:50")
        .and([merge().at("mon 10:00"), merge_is_settled().at("mon 10:00")])
        .and([send("unmerge", "'reason':'by mistake'").at("mon 11:00")])
        .when(merge_is_settled())
        .then([
            "unmerged",
            "clockResumed next_response/1 by reopen",
            "clockResumed update/1 by reopen",
            "clockResumed resolution/1 by reopen",
            "clockResumed ownership/1 by reopen",
        ])
        .clock("next_response/1", "running, due mon 11:50")
        .when(receive().at("mon 11:30"))
        .then(["clockBreached ownership/1, mon 11:00", "messageReceived"]);
}

#[test]
fn a_breach_of_a_case_that_was_merged_by_mistake_is_there_again_and_its_clocks_run_on() {
    given([intake_as("critical").at("mon 09:00"), tick().at("mon 10:00")])
        .and([merge().at("mon 10:10"), merge_is_settled().at("mon 10:10")])
        .clock("first_response/1", "cancelled, breached mon 09:30")
        .and([send("unmerge", "'reason':'by mistake'").at("mon 11:00"), merge_is_settled().at("mon 11:00")])
        .clock("first_response/1", "running, due mon 09:30, breached mon 09:30")
        .and([respond().at("mon 11:10")])
        .clock("first_response/1", "met mon 11:10, breached mon 09:30");
}

#[test]
fn taking_a_merge_back_starts_no_clock_that_was_not_there() {
    // Nothing was left of the resolution when the case came back, and a longer target came only then.
    given([intake_as("critical").at("mon 09:00"), respond().at("mon 09:05"), resolve().at("mon 14:00")])
        .and([reopen().at("mon 15:00"), prioritise("low").at("mon 15:10")])
        .clock("resolution/2", "absent")
        .and([merge().at("mon 15:20"), merge_is_settled().at("mon 15:20")])
        .and([send("unmerge", "'reason':'by mistake'").at("mon 16:00")])
        .when(merge_is_settled())
        .then(["unmerged"]);
    // The wait for an owner began before the policy had a target for it.
    given([intake().at("mon 09:00"), respond().at("mon 09:05")])
        .under(&[(PLACE, &with_every_clock(""))])
        .and([merge().at("mon 10:00"), merge_is_settled().at("mon 10:00")])
        .and([send("unmerge", "'reason':'by mistake'").at("mon 11:00")])
        .when(merge_is_settled())
        .then(["unmerged", "clockResumed resolution/1 by reopen"]);
}

#[test]
fn a_resolved_case_that_is_merged_keeps_what_it_says_of_its_resolution() {
    let merged = given([
        intake().at("mon 09:00"),
        resolve().at("mon 10:00"),
        merge().at("mon 11:00"),
        merge_is_settled().at("mon 11:00"),
    ]);
    let merged = merged.is(Status::Merged);
    let view = merged.view();
    assert_eq!(view.resolved_at, Some(at("mon 10:00")));
    assert_eq!(view.resolution_code.as_ref().map(docket_messages::Name::as_str), Some("solved"));
    let apart = merged_apart(merged).is(Status::Resolved);
    assert_eq!(apart.view().resolved_at, Some(at("mon 10:00")));
}

/// The merge is taken back.
fn merged_apart(merged: Story) -> Story {
    merged.and([send("unmerge", "'reason':'Another matter'").at("mon 12:00"), merge_is_settled().at("mon 12:00")])
}

#[test]
fn a_case_that_waited_waits_on_when_its_merge_is_taken_back() {
    let answered = given([intake().at("mon 09:00"), respond().at("mon 09:30")]);
    let waiting = answered.and([pend_until("customer", "tue 09:00").at("mon 10:00")]);
    let merged = waiting.and([merge().at("mon 11:00"), merge_is_settled().at("mon 11:00")]);
    assert_eq!(merged.case().wait(), None, "it waits for nothing itself");
    let apart = merged_apart(merged).is(Status::PendingCustomer);
    assert_eq!(apart.case().wait().unwrap().follow_up_at, Some(at("tue 09:00")));
    apart.when(tick().at("tue 09:00")).then(["followUpDue"]);
}
