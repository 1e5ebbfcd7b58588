//! The clocks of what is owed again and again: an answer, an update, an owner.

use super::commands::*;
use super::harness::{Story, given_under, policy};
use crate::policy::Policies;

/// Answers within an hour, an update every four, an owner within half an hour, in office hours.
const TARGETS: &str = r#"
[clocks.update]
paused_in = ["pending_third_party"]
[[targets]]
clock = "next_response"
calendar = "office"
seconds = 3600
[[targets]]
clock = "update"
calendar = "office"
seconds = 14400
[[targets]]
clock = "ownership"
calendar = "office"
seconds = 1800
"#;

/// The sample with targets for every clock, and perhaps more.
pub fn every_clock(more: &str) -> Policies {
    Policies::new(policy(1, &[(PLACE, &with_every_clock(more))]))
}

/// Where the sample gets more targets and rules.
pub const PLACE: &str = "[pend_reasons.awaiting_customer]";

/// What it gets there.
pub fn with_every_clock(more: &str) -> String {
    format!("{TARGETS}{more}\n{PLACE}")
}

fn opened() -> Story {
    given_under(&every_clock(""), [intake().at("mon 09:00")])
}

fn owned() -> Story {
    opened().and([assign("ana").at("mon 09:10")])
}

#[test]
fn a_case_waits_for_its_first_response_its_resolution_and_an_owner() {
    opened()
        .clock("first_response/1", "running, due mon 14:00")
        .clock("resolution/1", "running, due thu 09:00")
        .clock("ownership/1", "running, due mon 09:30")
        .clock("next_response/1", "absent")
        .clock("update/1", "absent");
}

#[test]
fn an_owner_ends_the_wait_for_one_and_giving_the_case_back_begins_another() {
    opened()
        .when(assign("ana").at("mon 09:10"))
        .then(["assigned ana", "clockMet ownership/1"])
        .when(assign("ben").at("mon 09:20"))
        .then(["assigned ben"])
        .when(unassign().at("mon 10:00"))
        .then(["unassigned ben", "clockStarted ownership/2"])
        .clock("ownership/2", "running, due mon 10:30");
}

#[test]
fn another_queue_begins_the_wait_for_an_owner_anew() {
    opened()
        .when(route("billing").at("mon 09:20"))
        .then(["routed billing", "clockCancelled ownership/1 by transfer", "clockStarted ownership/2"])
        .clock("ownership/2", "running, due mon 09:50")
        .when(send("assign", "'agent':'ana','queue':'technical'").at("mon 09:30"))
        .then(["routed technical", "assigned ana", "clockMet ownership/2"]);
}

#[test]
fn a_case_with_an_owner_waits_for_none_in_another_queue() {
    owned().when(route("billing")).then(["routed billing"]);
}

#[test]
fn a_case_that_is_solved_waits_for_no_owner() {
    opened().and([respond().at("mon 09:05")]).when(resolve().at("mon 09:06")).then([
        "resolved",
        "clockMet resolution/1 by resolve",
        "clockCancelled update/1 by resolve",
        "clockCancelled ownership/1 by resolve",
    ]);
}

#[test]
fn a_message_after_the_first_response_is_owed_an_answer() {
    owned()
        .and([respond().at("mon 09:30")])
        .when(receive().at("mon 10:00"))
        .then(["messageReceived", "clockStarted next_response/1"])
        .clock("next_response/1", "running, due mon 11:00");
}

#[test]
fn while_the_first_response_is_due_no_other_is() {
    owned().when(receive().at("mon 09:30")).then(["messageReceived"]).when(respond().at("mon 10:00")).then([
        "responded",
        "clockMet first_response/1",
        "clockStarted update/1",
    ]);
}

#[test]
fn the_oldest_message_without_an_answer_counts() {
    owned()
        .and([respond().at("mon 09:30"), receive().at("mon 10:00")])
        .when(receive().at("mon 10:30"))
        .then(["messageReceived"])
        .clock("next_response/1", "running, due mon 11:00");
}

#[test]
fn thanks_are_owed_no_answer() {
    owned().and([respond().at("mon 09:30")]).when(thanks().at("mon 10:00")).then(["messageReceived"]);
}

#[test]
fn a_bot_gives_neither_an_answer_nor_an_update() {
    owned()
        .and([respond().at("mon 09:30"), receive().at("mon 10:00")])
        .when(respond_by_bot().at("mon 10:01"))
        .then(["responded"])
        .clock("next_response/1", "running, due mon 11:00")
        .clock("update/1", "running, due mon 14:30");
}

#[test]
fn a_bot_gives_an_update_where_the_policy_lets_it() {
    let bots = (
        "[pend_reasons.awaiting_customer]",
        with_every_clock("").replacen("paused_in", "met_by_bots = true\npaused_in", 1),
    );
    let policies = Policies::new(policy(1, &[(bots.0, &bots.1)]));
    given_under(&policies, [intake().at("mon 09:00"), assign("ana").at("mon 09:10"), respond().at("mon 09:30")])
        .and([receive().at("mon 10:00")])
        .when(respond_by_bot().at("mon 10:01"))
        .then(["responded", "clockMet update/1", "clockStarted update/2"])
        .clock("next_response/1", "running, due mon 11:00")
        .clock("update/2", "running, due mon 15:01");
}

#[test]
fn a_message_that_nobody_answered_before_the_case_was_solved_is_owed_an_answer_when_it_comes_back() {
    owned()
        .and([respond().at("mon 09:30"), receive().at("mon 10:00")])
        .when(resolve().at("mon 10:20"))
        .then([
            "resolved",
            "clockMet resolution/1 by resolve",
            "clockCancelled next_response/1 by resolve",
            "clockCancelled update/1 by resolve",
        ])
        .when(reopen().at("mon 11:00"))
        .then(["reopened", "clockResumed next_response/1 by reopen", "clockStarted resolution/2 by reopen"])
        .clock("next_response/1", "running, due mon 11:40");
}

#[test]
fn each_answer_is_one_obligation() {
    owned()
        .and([respond().at("mon 09:30"), receive().at("mon 10:00")])
        .when(respond().at("mon 10:20"))
        .then(["responded", "clockMet next_response/1", "clockMet update/1", "clockStarted update/2"])
        .when(receive().at("mon 10:30"))
        .then(["messageReceived", "clockStarted next_response/2"])
        .clock("next_response/1", "met mon 10:20")
        .clock("next_response/2", "running, due mon 11:30");
}

#[test]
fn an_answer_is_owed_while_the_case_waits_and_an_update_only_if_the_policy_says_so() {
    owned()
        .and([respond().at("mon 09:30"), receive().at("mon 10:00")])
        .when(pend("vendor").at("mon 10:10"))
        .then(["pended awaiting_vendor", "clockPaused update/1", "clockPaused resolution/1"])
        .clock("next_response/1", "running, due mon 11:00");
}

#[test]
fn an_update_that_is_given_while_updates_pause_starts_paused() {
    owned()
        .and([respond().at("mon 09:30"), pend("vendor").at("mon 10:00")])
        .when(respond().at("mon 10:30"))
        .then(["responded", "clockMet update/1", "clockStarted update/2", "clockPaused update/2"])
        .clock("update/2", "paused, 14400 s left");
}

#[test]
fn a_message_that_reopens_is_owed_an_answer() {
    owned().and([respond().at("mon 09:50"), resolve().at("mon 10:00")]).when(receive().at("mon 11:00")).then([
        "messageReceived",
        "reopened by message",
        "clockStarted next_response/1",
        "clockStarted resolution/2 by reopen",
    ]);
}

#[test]
fn thanks_after_resolving_change_nothing() {
    owned()
        .and([resolve().at("mon 10:00")])
        .when(thanks().at("mon 11:00"))
        .then(["messageReceived"])
        .wakes("sat 10:00");
}

#[test]
fn closing_ends_whatever_is_owed() {
    owned().and([respond().at("mon 09:30"), receive().at("mon 10:00")]).when(close("withdrawn").at("mon 10:10")).then(
        [
            "closed withdrawn",
            "clockCancelled next_response/1 by close",
            "clockCancelled update/1 by close",
            "clockCancelled resolution/1 by close",
        ],
    );
}

#[test]
fn a_case_that_comes_back_without_an_owner_waits_for_one() {
    opened().and([respond().at("mon 09:05"), resolve().at("mon 09:10")]).when(reopen().at("mon 10:00")).then([
        "reopened",
        "clockStarted resolution/2 by reopen",
        "clockStarted ownership/2",
    ]);
}

#[test]
fn tiers_and_entitlements_pick_the_target() {
    let first = r#"[[targets]]
clock = "first_response"
priority = ["critical"]"#;
    let gold = format!(
        "[[targets]]\nclock = \"first_response\"\ntier = [\"gold\"]\nentitlement = [\"on site\"]\n\
         calendar = \"always\"\nseconds = 600\n{first}"
    );
    let policies = Policies::new(policy(1, &[(first, &gold)]));
    for (rest, due) in [
        ("'tier':'gold','entitlement':'on site'", "mon 09:10"),
        ("'tier':'gold'", "mon 14:00"),
        ("'tier':'standard','entitlement':'on site'", "mon 14:00"),
    ] {
        given_under(&policies, [intake_with("question", "moderate", rest).at("mon 09:00")])
            .clock("first_response/1", &format!("running, due {due}"));
    }
}

#[test]
fn a_wait_for_an_owner_that_was_too_long_stays_so_in_another_queue() {
    opened()
        .when(route("billing").at("mon 10:00"))
        .then([
            "clockWarned ownership/1, mon 09:22:30",
            "clockBreached ownership/1, mon 09:30",
            "routed billing",
            "clockCancelled ownership/1 by transfer",
            "clockStarted ownership/2",
        ])
        .clock("ownership/1", "cancelled, breached mon 09:30");
}
