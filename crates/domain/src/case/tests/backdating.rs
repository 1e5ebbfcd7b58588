//! What is recorded long after it happened: an import. Clocks count; automations do not apply.

use docket_messages::{RejectionCode, Status};

use super::commands::*;
use super::harness::{given, given_under};
use super::obligations::every_clock;

/// What the sample says of closing by time.
const AUTO_CLOSE: &str = "[lifecycle.auto_close]\nafter_days = 5\ncode = \"auto_closed\"\n";

#[test]
fn a_back_dated_intake_is_not_routed_by_rule_and_wakes_nobody() {
    let story = given([] as [Step; 0])
        .when(intake().back_at("mon 09:00"))
        .then(["opened", "classified moderate", "clockStarted first_response/1", "clockStarted resolution/1"])
        .wakes("never")
        .clock("first_response/1", "running, due mon 14:00, breached mon 14:00");
    assert_eq!(story.view().queue, None);
    story.when(route("billing").back_at("mon 09:10")).then(["routed billing"]).wakes("never");
}

#[test]
fn back_dated_commands_bring_the_clocks_up_to_date() {
    given([intake().back_at("mon 09:00")])
        .when(respond().back_at("mon 15:00"))
        .then([
            "clockWarned first_response/1, mon 12:00",
            "clockBreached first_response/1, mon 14:00",
            "responded",
            "clockMet first_response/1",
        ])
        .when(resolve().back_at("thu 10:00"))
        .then([
            "clockWarned resolution/1, wed 11:07:30",
            "clockBreached resolution/1, thu 09:00",
            "resolved",
            "clockMet resolution/1 by resolve",
        ]);
}

#[test]
fn back_dated_commands_neither_close_by_time_nor_miss_the_window() {
    given([intake().back_at("mon 09:00"), resolve().back_at("mon 10:00")])
        .when(note().back_at("mon+3 09:00"))
        .then(["noted"])
        .is(Status::Resolved)
        .when(close("completed").back_at("mon+3 10:00"))
        .then(["closed completed"])
        .when(reopen().back_at("2027-05-01 10:00"))
        .then(["reopened", "clockResumed first_response/1 by reopen", "clockStarted resolution/2 by reopen"])
        .wakes("never");
}

#[test]
fn back_dated_commands_neither_expire_surveys_nor_follow_up() {
    given([intake().back_at("mon 09:00"), resolve().back_at("mon 10:00"), request_survey("csat").back_at("mon 10:00")])
        .when(answer_survey("csat", 4).back_at("mon+5 09:00"))
        .then(["surveyAnswered csat/1"]);
    given([intake().back_at("mon 09:00"), pend_until("customer", "mon 10:00").back_at("mon 09:30")])
        .when(note().back_at("mon 11:00"))
        .then(["noted"]);
}

#[test]
fn an_import_ends_with_a_back_dated_tick() {
    given([intake().back_at("mon 09:00"), respond().back_at("mon 09:30")])
        .when(tick().back_at("wed 12:00"))
        .then(["clockWarned resolution/1, wed 11:07:30"])
        .wakes("never")
        .clock("resolution/1", "running, due thu 09:00, breached thu 09:00");
}

#[test]
fn a_history_that_waits_for_another_case_is_woken_from_when_it_was_recorded_on() {
    given([intake().back_at("mon 09:00")])
        .when(merge().back_at("mon 10:00"))
        .then(["mergeRequested"])
        .wakes("2027-06-01 12:00:10")
        .when(merge_is_settled().back_at("mon 10:00"))
        .then(["merged", "clockCancelled first_response/1 by merge", "clockCancelled resolution/1 by merge"])
        .wakes("never");
}

#[test]
fn the_first_live_command_decides_what_was_held_back_no_earlier_than_the_last_entry() {
    given([intake().back_at("mon 09:00"), resolve().back_at("mon 10:00"), note().back_at("mon+1 09:00")])
        .when(tick().at("fri+1 09:00"))
        .then(["closed auto_closed by time, mon+1 09:00"]);
    given([intake().back_at("mon 09:00"), resolve().back_at("mon 10:00"), note().back_at("tue 09:00")])
        .when(note().at("fri+1 09:00"))
        .then(["closed auto_closed by time, sat 10:00", "noted"]);
}

#[test]
fn a_policy_that_was_over_before_a_resolution_was_recorded_closes_nothing_by_it() {
    let told = || [intake().back_at("mon 09:00"), resolve().back_at("mon 10:00")];
    let none = given([] as [Step; 0]).under_from("mon+3 09:00", &[(AUTO_CLOSE, "")]);
    none.clone().and(told()).when(note().at("2027-06-01 12:00")).then(["noted"]).is(Status::Resolved);
    // One that is in force closes it, not before it came into force.
    none.under_from("mon+4 09:00", &[])
        .and(told())
        .when(note().at("2027-06-01 12:00"))
        .then(["closed auto_closed by time, mon+4 09:00", "noted"]);
    // And one that was in force when it was recorded closes it as ever.
    given(told())
        .under_from("2027-06-01 13:00", &[(AUTO_CLOSE, "")])
        .when(note().at("2027-06-01 14:00"))
        .then(["closed auto_closed by time, sat 10:00", "noted"]);
}

#[test]
fn live_and_back_dated_commands_share_one_order() {
    given([intake().at("mon 09:00"), note().at("mon 10:00")])
        .when(note().back_at("mon 09:30"))
        .then_rejected(RejectionCode::OutOfOrder, "Docket-Occurred-At", "last entry")
        .when(note().back_at("mon 11:00"))
        .then(["noted"])
        .when(respond().at("mon 10:30"))
        .then(["responded", "clockMet first_response/1"])
        .clock("first_response/1", "met mon 11:00");
}

#[test]
fn a_back_dated_message_reopens_and_resumes_like_a_live_one() {
    given([intake().back_at("mon 09:00"), pend("customer").back_at("mon 10:00")])
        .when(receive().back_at("mon 11:00"))
        .then(["messageReceived", "resumed by message", "clockResumed resolution/1"])
        .and([resolve().back_at("mon 11:30")])
        .when(receive().back_at("mon 12:00"))
        .then([
            "messageReceived",
            "reopened by message",
            "clockResumed first_response/1 by reopen",
            "clockStarted resolution/2 by reopen",
        ]);
}

#[test]
fn a_history_that_does_not_say_what_was_answered_owes_no_first_response() {
    let silent = || intake_with("question", "moderate", "'responsesUnknown':true");
    given([silent().back_at("mon 09:00")])
        .clock("first_response/1", "absent")
        .clock("resolution/1", "running, due thu 09:00, breached thu 09:00")
        .and([
            prioritise("critical").back_at("mon 09:10"),
            resolve().back_at("mon 10:00"),
            reopen().back_at("mon 11:00"),
        ])
        .clock("first_response/1", "absent");
    given([] as [Step; 0]).when(silent().at("mon 09:00")).then_rejected(
        RejectionCode::BadRequest,
        "responsesUnknown",
        "only a back-dated intake",
    );
}

#[test]
fn such_a_history_owes_no_answer_to_its_messages_and_no_update_either() {
    let silent = intake_with("question", "moderate", "'responsesUnknown':true").back_at("mon 09:00");
    let told = given_under(&every_clock(""), [silent])
        .when(receive().back_at("mon 10:00"))
        .then(["messageReceived"])
        .when(respond_by_bot().back_at("mon 10:10"))
        .then(["responded"])
        .when(receive().back_at("mon 10:20"))
        .then(["messageReceived"])
        // Nor when it comes back, or is called something else.
        .when(close("withdrawn").back_at("mon 10:30"))
        .then(["closed withdrawn", "clockCancelled resolution/1 by close"])
        .when(reopen().back_at("mon 10:40"))
        .then(["reopened", "clockResumed resolution/1 by reopen"])
        .when(prioritise("high").back_at("mon 10:50"))
        .then(["classified high", "clockRetargeted resolution/1"]);
    // Nor by what is done later: the old messages may have been answered.
    told.when(prioritise("moderate").at("mon 11:00")).then(["classified moderate", "clockRetargeted resolution/1"]);
}

#[test]
fn what_is_written_to_such_a_case_from_now_on_is_owed_an_answer() {
    let silent = intake_with("question", "moderate", "'responsesUnknown':true").back_at("mon 09:00");
    given_under(&every_clock(""), [silent, receive().back_at("mon 10:00")])
        .when(receive().at("mon 11:00"))
        .then(["messageReceived", "clockStarted next_response/1"])
        .clock("next_response/1", "running, due mon 12:00")
        // It is still owed when the case comes back.
        .and([close("withdrawn").at("mon 11:20"), reopen().at("mon 15:00")])
        .clock("next_response/1", "running, due mon 15:40")
        .when(respond().at("mon 15:10"))
        .then(["responded", "clockMet next_response/1", "clockStarted update/1"])
        .and([close("withdrawn").at("mon 15:20"), reopen().at("mon 15:30")])
        .clock("update/1", "running, due tue 09:50");
}
