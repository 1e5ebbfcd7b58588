//! What people did, under another policy.

use super::commands::*;
use super::harness::{given, given_under, policy};
use crate::policy::Policies;

/// Four hours for a moderate case become one.
const QUICKER: (&str, &str) = (
    "seconds = 14400 # four hours\n[[targets]]\nclock = \"first_response\"",
    "seconds = 3600\n[[targets]]\nclock = \"first_response\"",
);

#[test]
fn a_shorter_target_makes_a_breach_of_what_was_in_time() {
    let story = given([intake().at("mon 09:00"), respond().at("mon 11:00"), resolve().at("mon 12:00")]);
    assert_eq!(
        story.under_another(&[QUICKER], "mon 13:00"),
        [
            "mon 09:00 opened",
            "mon 09:00 classified moderate",
            "mon 09:00 routed frontline by rule 5",
            "mon 09:00 clockStarted first_response/1",
            "mon 09:00 clockStarted resolution/1",
            "mon 09:45 clockWarned first_response/1",
            "mon 10:00 clockBreached first_response/1",
            "mon 11:00 responded",
            "mon 11:00 clockMet first_response/1",
            "mon 12:00 resolved",
            "mon 12:00 clockMet resolution/1 by resolve",
        ]
    );
}

#[test]
fn the_matrix_and_the_routes_are_asked_again_and_what_people_chose_is_not() {
    let other_row =
        ("medium = { high = \"high\", medium = \"moderate\"", "medium = { high = \"high\", medium = \"critical\"");
    let other_route = ("[[routes]]\nqueue = \"frontline\"", "[[routes]]\nqueue = \"technical\"");
    let story = given([intake().at("mon 09:00"), route("billing").at("mon 09:10"), assign("ana").at("mon 09:20")]);
    let told = story.under_another(&[other_row, other_route], "mon 09:20");
    for expected in [
        "mon 09:00 classified critical",
        "mon 09:00 routed technical by rule 5",
        "mon 09:10 routed billing",
        "mon 09:20 assigned ana",
    ] {
        assert!(told.iter().any(|line| line == expected), "{expected}: {told:?}");
    }
}

#[test]
fn what_the_other_policy_has_done_already_people_do_not_do_again() {
    let rules = |level: u32| {
        format!(
            "[[escalations]]\nclock = \"first_response\"\non = \"breach\"\nlevel = {level}\n\
             to_queue = \"technical\"\nassign = \"duty\"\n[pend_reasons.awaiting_customer]"
        )
    };
    let told = |steps: Vec<super::commands::Step>, level: u32| {
        let changes = rules(level);
        let story = given([intake().at("mon 09:00")]).and(steps);
        story.under_another(&[("[pend_reasons.awaiting_customer]", &changes)], "mon 17:00")
    };
    let by_policy = [
        "mon 14:00 escalated 1 by breach",
        "mon 14:00 routed technical by breach",
        "mon 14:00 assigned duty by breach",
    ];
    let at_15 =
        |told: &[String]| -> Vec<String> { told.iter().filter(|line| line.starts_with("mon 15")).cloned().collect() };
    for (step, done) in [(route("technical"), ""), (assign("duty"), ""), (escalate(), "")] {
        let told = told(vec![step.at("mon 15:00")], 1);
        assert!(by_policy.iter().all(|line| told.iter().any(|one| one == line)), "{told:?}");
        assert_eq!(at_15(&told).join(" "), done);
    }
    let others = [(route("billing"), "mon 15:00 routed billing"), (assign("ana"), "mon 15:00 assigned ana")];
    for (step, done) in others {
        assert_eq!(at_15(&told(vec![step.at("mon 15:00")], 1)), [done]);
    }
}

#[test]
fn whom_only_the_old_policy_gave_a_case_it_is_not_taken_from() {
    let duty = "[[escalations]]\nclock = \"first_response\"\non = \"breach\"\nassign = \"duty\"\n[pend_reasons.awaiting_customer]";
    let policies = Policies::new(policy(1, &[("[pend_reasons.awaiting_customer]", duty)]));
    let story = given_under(&policies, [intake().at("mon 09:00"), tick().at("mon 15:00"), unassign().at("mon 16:00")]);
    assert!(story.history.iter().any(|(_, line)| line.starts_with("assigned duty")));
    let told = story.under_another(&[], "mon 17:00");
    assert!(told.iter().all(|line| !line.contains("assigned")), "{told:?}");
}

#[test]
fn another_auto_close_closes_at_another_time() {
    let story = given([intake().at("mon 09:00"), resolve().at("mon 10:00"), tick().at("sat 10:00")]);
    assert!(story.history.iter().any(|(_, line)| line.starts_with("closed auto_closed")));
    let told = story.under_another(&[("after_days = 5", "after_days = 2")], "sat 12:00");
    let closed: Vec<&String> = told.iter().filter(|line| line.contains("closed")).collect();
    assert_eq!(closed, ["wed 10:00 closed auto_closed by time"]);
}

#[test]
fn a_reason_that_means_another_status_pauses_otherwise() {
    let story = given([intake().at("mon 09:00"), pend("vendor").at("mon 10:00"), resume().at("mon 11:00")]);
    let meaning = (
        "[pend_reasons.awaiting_vendor]\nstatus = \"pending_third_party\"",
        "[pend_reasons.awaiting_courier]\nstatus = \"pending_third_party\"\n[pend_reasons.awaiting_vendor]\nstatus = \"pending_internal\"",
    );
    let told = story.under_another(&[meaning], "mon 11:00");
    assert!(told.iter().all(|line| !line.contains("clockPaused")), "{told:?}");
    // What people do meanwhile leaves the case where the other policy has it.
    let steps = [respond_by_bot().at("mon 10:10"), respond().at("mon 10:20"), assign("ana").at("mon 10:30")];
    let story = given([intake().at("mon 09:00"), pend("vendor").at("mon 10:00")]).and(steps);
    let told = story.and([resume().at("mon 11:00")]).under_another(&[meaning], "mon 11:00");
    assert!(told.iter().all(|line| !line.contains("clockPaused")), "{told:?}");
    assert!(told.contains(&"mon 11:00 resumed".to_owned()), "{told:?}");
}

#[test]
fn escalations_of_the_other_policy_act_and_those_of_the_old_one_do_not() {
    let rules =
        "[[escalations]]\nclock = \"first_response\"\non = \"breach\"\nlevel = 3\n[pend_reasons.awaiting_customer]";
    let story = given([intake().at("mon 09:00"), tick().at("mon 15:00")]);
    let told = story.under_another(&[("[pend_reasons.awaiting_customer]", rules)], "mon 15:00");
    assert!(told.contains(&"mon 14:00 escalated 3 by breach".to_owned()), "{told:?}");
}
