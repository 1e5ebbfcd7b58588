//! What Docket's own steps and some small commands make, to the letter.

use docket_messages::{CaseAction, CaseEvent, Cause, EndingEvent, RejectionCode, WorkEvent};

use super::commands::*;
use super::harness::{Story, given};
use super::moment::at;

const SOMEBODY_ELSE: &str = "00000000-0000-0000-0000-000000000009";

fn settle(verb: &str, with: &str, refused: bool) -> CaseAction {
    let refused = if refused { ",'refused':'merge_cycle'" } else { "" };
    send(verb, &format!("'with':'{with}'{refused}"))
}

#[test]
fn an_answer_of_a_case_that_was_not_asked_changes_nothing() {
    let split = send("split", "'subject':'The invoice, too','type':'question'");
    let unmerge = send("unmerge", "'reason':'Another matter'");
    let merged = given([intake(), merge(), merge_is_settled()]);
    for (asked, verb) in [
        (given([intake(), merge()]), "settleMerge"),
        (merged.and([unmerge]), "settleMerge"),
        (given([intake(), link("parent")]), "settleLink"),
        (given([intake(), split]), "settleLink"),
    ] {
        for refused in [false, true] {
            asked.clone().when(settle(verb, SOMEBODY_ELSE, refused)).then([]);
        }
    }
}

/// A child of the other case.
fn child() -> Story {
    given([intake().at("mon 09:00")]).and([link("parent"), settle("settleLink", &other_case().to_string(), false)])
}

fn inherit(event: &str) -> CaseAction {
    send("inherit", &format!("'from':'{}','event':{{{event}}}", other_case()))
}

#[test]
fn a_child_waits_until_its_parent_does_unless_that_has_passed() {
    let until = |moment: &str| {
        let pended =
            format!("'pended':{{'reason':'awaiting_vendor','status':'pending_third_party','until':'{}'}}", at(moment));
        let decision = child().take(&inherit(&pended).at("mon 10:00")).unwrap();
        let Some(CaseEvent::Work(WorkEvent::Pended(pended))) = decision.events.first() else { panic!("{decision:?}") };
        pended.until
    };
    assert_eq!(until("mon 09:59"), None);
    assert_eq!(until("mon 10:00"), None);
    assert_eq!(until("mon 10:01"), Some(at("mon 10:01")));
}

#[test]
fn a_child_that_is_closed_with_its_parent_says_so_and_when() {
    let closed = format!("'closed':{{'code':'completed','status':'closed','cause':'time','at':'{}'}}", at("mon 09:30"));
    let decision = child().take(&inherit(&closed).at("mon 10:00")).unwrap();
    let Some(CaseEvent::Ending(EndingEvent::Closed(closed))) = decision.events.first() else { panic!("{decision:?}") };
    assert_eq!((closed.cause, closed.at), (Some(Cause::Parent), None));
}

#[test]
fn effort_is_a_second_to_a_week() {
    let effort = |seconds: u32| send("logEffort", &format!("'seconds':{seconds}"));
    for seconds in [0, 604_801] {
        let refused = format!("is 1 to 604800, not {seconds}");
        given([intake()]).when(effort(seconds)).then_rejected(RejectionCode::BadRequest, "seconds", &refused);
    }
    given([intake()]).when(effort(1)).then(["effortLogged 1 s"]).when(effort(604_800)).then(["effortLogged 604800 s"]);
}

#[test]
fn a_case_waits_for_ten_years_at_most() {
    let last = at("mon 10:00").plus_millis(3_660 * 24 * 60 * 60 * 1_000);
    let until = |until| send("pend", &format!("'reason':'awaiting_customer','until':'{until}'")).at("mon 10:00");
    let opened = given([intake().at("mon 09:00")]);
    opened.clone().when(until(last.plus_millis(1))).then_rejected(RejectionCode::BadRequest, "until", "3660 days");
    let waits = opened.and([until(last)]);
    assert_eq!(waits.case().wait().and_then(|wait| wait.follow_up_at), Some(last));
}

#[test]
fn a_case_that_exists_does_not_begin_again() {
    given([intake()]).when(intake()).then_rejected(RejectionCode::CaseExists, "caseId", "choose another");
}

#[test]
fn a_case_is_split_now_and_not_in_a_history() {
    let split = send("split", "'subject':'The invoice, too'").back_at("mon 10:00");
    given([intake().at("mon 09:00")]).when(split).then_rejected(
        RejectionCode::BadRequest,
        "Docket-Occurred-At",
        "split now",
    );
}
