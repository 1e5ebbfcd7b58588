//! Which command is possible from which status, and what leaves a case as it is.

use docket_messages::Status::{
    Cancelled, Closed, Merged, New, Open, PendingCustomer, PendingInternal, PendingThirdParty, Resolved,
};
use docket_messages::{CaseAction, RejectionCode, Status};

use super::commands::*;
use super::harness::{Story, given};
use crate::case::{Asks, rules};

const ACTIVE: [Status; 5] = [New, Open, PendingCustomer, PendingThirdParty, PendingInternal];

/// A case in a status, reached the way that cases do.
pub fn case_that_is(status: Status) -> Story {
    let opened = given([intake()]);
    match status {
        New => opened,
        Open => opened.and([assign("ana")]),
        PendingCustomer => opened.and([pend("customer")]),
        PendingThirdParty => opened.and([pend("vendor")]),
        PendingInternal => opened.and([pend("internal")]),
        Resolved => opened.and([resolve()]),
        Closed => opened.and([resolve(), close("completed")]),
        Cancelled => opened.and([cancel()]),
        Merged => opened.and([merge(), merge_is_settled()]),
    }
}

fn is_possible_from(command: &CaseAction, status: Status) -> bool {
    let mut story = case_that_is(status);
    let before = story.case.clone();
    match story.take(&command.clone().into()) {
        Ok(_) => true,
        Err(rejection) => {
            assert_eq!(story.case, before, "a rejected command changes nothing");
            rejection.code != RejectionCode::WrongStatus
        }
    }
}

#[test]
fn a_command_is_possible_from_the_statuses_of_its_row_and_no_others() {
    let resolved_too = [ACTIVE.as_slice(), &[Resolved]].concat();
    let over = [Resolved, Closed];
    let not_merged: Vec<Status> = Status::ALL.into_iter().filter(|status| *status != Merged).collect();
    let rows: [(CaseAction, &[Status]); 41] = [
        (prioritise("high"), &resolved_too),
        (route("billing"), &ACTIVE),
        (assign("ben"), &ACTIVE),
        (unassign(), &ACTIVE),
        (receive(), &[ACTIVE.as_slice(), &over].concat()),
        (thanks(), &[ACTIVE.as_slice(), &over].concat()),
        (respond(), &ACTIVE),
        (respond_by_bot(), &ACTIVE),
        (note(), &Status::ALL),
        (pend("vendor"), &ACTIVE),
        (resume(), &ACTIVE),
        (escalate(), &resolved_too),
        (send("escalate", "'reason':'r','queue':'billing'"), &ACTIVE),
        // What is so already may be asked for again.
        (resolve(), &resolved_too),
        (send("resolve", "'code':'duplicate','steps':'s'"), &ACTIVE),
        (close("completed"), &over),
        (close("withdrawn"), &resolved_too),
        (reopen(), &[Open, Resolved, Closed]),
        (cancel(), &[ACTIVE.as_slice(), &[Resolved, Cancelled]].concat()),
        (request_survey("csat"), &over),
        (tick(), &Status::ALL),
        (deescalate(), &resolved_too),
        (send("rebaseClocks", ""), &ACTIVE),
        (confirm(), &[Resolved]),
        (disagree(), &[Resolved]),
        (log_effort(600), &not_merged),
        (link("related"), &not_merged),
        (merge(), &[resolved_too.as_slice(), &[Merged]].concat()),
        (send("merge", ELSEWHERE), &resolved_too),
        (send("unmerge", "'reason':'by mistake'"), &[Merged]),
        (release(), &Status::ALL),
        (merge_is_settled(), &Status::ALL),
        (claim("ben"), &ACTIVE),
        (send("acceptOffer", "'agent':'ben'"), &ACTIVE),
        (send("declineOffer", "'agent':'ben'"), &ACTIVE),
        (send("push", "'agent':'ben','queue':'frontline'"), &[New, Open]),
        (send("attach", "'articleId':'KB-1'"), &Status::ALL),
        (send("detach", "'articleId':'KB-1'"), &Status::ALL),
        (link("parent"), &not_merged),
        (send("acceptParent", ""), &ACTIVE),
        (send("split", "'subject':'The rest'"), &not_merged),
    ];
    for (command, allowed) in rows {
        for status in Status::ALL {
            let is_allowed = allowed.contains(&status);
            assert_eq!(is_possible_from(&command, status), is_allowed, "{command:?} when {status}");
        }
    }
}

#[test]
fn what_is_said_to_a_merged_case_goes_on_with_it_but_for_what_is_about_the_case_itself() {
    let stays = [
        intake(),
        merge(),
        send("unmerge", "'reason':'by mistake'"),
        cancel(),
        tick(),
        merge_is_settled(),
        release(),
        send("push", "'agent':'ben','queue':'frontline'"),
    ];
    for action in stays {
        assert!(!rules(&action).follows_a_merge, "{action:?}");
    }
    for action in [receive(), respond(), note(), assign("ana"), claim("ana"), resolve(), reopen(), link("related")] {
        assert!(rules(&action).follows_a_merge, "{action:?}");
    }
}

#[test]
fn others_have_a_say_in_what_touches_them() {
    for (action, asked) in [
        (merge(), Asks::OtherCase),
        (send("unmerge", "'reason':'by mistake'"), Asks::OtherCase),
        (link("parent"), Asks::OtherCase),
        (send("split", "'subject':'The rest'"), Asks::OtherCase),
        (receive(), Asks::OtherCase),
        (request_survey("csat"), Asks::Customer),
        (claim("ana"), Asks::Desk),
        (assign("ana"), Asks::Nobody),
        (note(), Asks::Nobody),
        (merge_is_settled(), Asks::Nobody),
    ] {
        assert_eq!(rules(&action).asks, asked, "{action:?}");
    }
}

const ELSEWHERE: &str = "'into':'00000000-0000-0000-0000-0000000000ff'";

#[test]
fn a_survey_can_be_answered_from_every_status() {
    for status in Status::ALL {
        assert!(is_possible_from(&answer_survey("nps", 7), status), "{status}");
    }
}

#[test]
fn a_wrong_status_is_named_beside_the_right_ones() {
    case_that_is(Closed).when(respond()).then_rejected(
        RejectionCode::WrongStatus,
        "",
        "the case is `closed`; `respond` is possible from new, open or pending",
    );
    case_that_is(Open).when(close("completed")).then_rejected(
        RejectionCode::WrongStatus,
        "",
        "the case is `open`; `close` is possible from resolved with code `completed`",
    );
}

#[test]
fn only_intake_is_possible_without_a_case() {
    let commands = [prioritise("low"), respond(), note(), resolve(), tick(), answer_survey("csat", 3)];
    for command in commands {
        given([] as [Step; 0]).when(command).then_rejected(RejectionCode::CaseNotFound, "caseId", "there is no case");
    }
}

#[test]
fn a_case_begins_once() {
    for status in Status::ALL {
        case_that_is(status).when(intake()).then_rejected(RejectionCode::CaseExists, "caseId", "already");
    }
}

#[test]
fn a_command_that_would_change_nothing_is_accepted_with_no_events() {
    let rows: [(Status, &[CaseAction], CaseAction); 23] = [
        (New, &[], prioritise("moderate")),
        (New, &[send("classify", "'fields':{'vip':true}")], send("classify", "'fields':{'vip':true}")),
        (New, &[], send("classify", "")),
        (New, &[], route("frontline")),
        (Open, &[], assign("ana")),
        (Open, &[], send("assign", "'agent':'ana','queue':'frontline'")),
        (Open, &[unassign()], unassign()),
        (Open, &[], resume()),
        (PendingCustomer, &[], pend("customer")),
        (PendingThirdParty, &[pend_until("vendor", "tue 09:00")], pend_until("vendor", "tue 09:00")),
        (New, &[escalate()], send("escalate", "'reason':'still','level':1")),
        (New, &[send("escalate", "'reason':'top','level':9")], escalate()),
        (Closed, &[], close("completed")),
        (Cancelled, &[], cancel()),
        (Resolved, &[], resolve()),
        (Open, &[], reopen()),
        (Merged, &[], merge()),
        (Resolved, &[request_survey("csat")], request_survey("csat")),
        (New, &[], tick()),
        (Cancelled, &[], tick()),
        (New, &[], deescalate()),
        (New, &[link("caused_by")], link("caused_by")),
        (New, &[], merge_is_settled()),
    ];
    for (status, before, command) in rows {
        case_that_is(status).and(before.iter().cloned()).when(command).then([]).is(status);
    }
}
