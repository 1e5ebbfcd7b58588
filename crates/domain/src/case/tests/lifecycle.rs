//! How a case moves: statuses, queues, agents, levels, and how it ends.

use docket_messages::Status::{
    Cancelled, Closed, New, Open, PendingCustomer, PendingInternal, PendingThirdParty, Resolved,
};
use docket_messages::{CaseAction, CaseEvent, EndingEvent, RejectionCode, Status};

use super::commands::*;
use super::harness::{Story, given};
use super::statuses::case_that_is;

#[test]
fn commands_move_a_case_from_status_to_status() {
    let rows: [(Status, CaseAction, Status); 34] = [
        (New, assign("ana"), Open),
        (New, respond(), Open),
        (New, respond_by_bot(), New),
        (New, resume(), Open),
        (New, receive(), New),
        (New, note(), New),
        (New, route("billing"), New),
        (New, escalate(), New),
        (New, pend("customer"), PendingCustomer),
        (New, resolve(), Resolved),
        (New, close("withdrawn"), Closed),
        (Open, unassign(), Open),
        (Open, receive(), Open),
        (Open, pend("vendor"), PendingThirdParty),
        (Open, pend("internal"), PendingInternal),
        (PendingCustomer, pend("vendor"), PendingThirdParty),
        (PendingCustomer, assign("ana"), PendingCustomer),
        (PendingCustomer, respond(), PendingCustomer),
        (PendingCustomer, resume(), Open),
        (PendingCustomer, receive(), Open),
        (PendingCustomer, thanks(), PendingCustomer),
        (PendingThirdParty, receive(), PendingThirdParty),
        (PendingThirdParty, resume(), Open),
        (PendingInternal, receive(), PendingInternal),
        (PendingInternal, resume(), Open),
        (PendingInternal, resolve(), Resolved),
        (Resolved, receive(), Open),
        (Resolved, thanks(), Resolved),
        (Resolved, reopen(), Open),
        (Resolved, close("completed"), Closed),
        (Resolved, cancel(), Cancelled),
        (Closed, receive(), Open),
        (Closed, thanks(), Closed),
        (Closed, reopen(), Open),
    ];
    for (from, command, to) in rows {
        let said = format!("{command:?}");
        let mut story = case_that_is(from);
        story.take(&command.into()).unwrap();
        assert_eq!(story.case().status(), to, "{from}: {said}");
    }
}

#[test]
fn pending_again_replaces_the_reason_and_the_follow_up() {
    given([intake(), pend_until("customer", "tue 09:00")])
        .when(pend_until("customer", "wed 09:00"))
        .then(["pended awaiting_customer"])
        .when(pend("customer"))
        .then(["pended awaiting_customer"])
        .when(pend("vendor"))
        .then(["pended awaiting_vendor"])
        .is(PendingThirdParty);
}

#[test]
fn moving_to_another_queue_is_a_transfer_and_the_first_queue_is_not() {
    let story = given([intake()]);
    assert_eq!(story.view().transfer_count, 0);
    let story = story.when(route("billing")).then(["routed billing"]).and([route("billing"), route("frontline")]);
    assert_eq!(story.view().transfer_count, 2);
}

#[test]
fn passing_to_another_agent_is_a_reassignment_and_giving_back_is_not() {
    let story = given([intake(), assign("ana")]).when(assign("ben")).then(["assigned ben"]);
    let story = story.when(unassign()).then(["unassigned ben"]).and([assign("ana")]);
    assert_eq!(story.view().reassign_count, 1);
    assert_eq!(story.view().assignee.unwrap().as_str(), "ana");
}

#[test]
fn an_assignment_moves_the_case_first_when_it_says_where() {
    let story = given([intake()]).when(send("assign", "'agent':'ana','queue':'technical'"));
    let story = story.then(["routed technical", "assigned ana"]);
    story.when(send("assign", "'agent':'ana','queue':'billing'")).then(["routed billing"]);
}

#[test]
fn an_escalation_raises_the_level_by_one_unless_it_says_to_which() {
    let story = given([intake()]).when(escalate()).then(["escalated 1"]).when(escalate()).then(["escalated 2"]);
    let story = story.when(send("escalate", "'reason':'r','level':5,'queue':'technical'"));
    let story = story.then(["routed technical", "escalated 5"]);
    assert_eq!(story.view().escalation_level, 5);
}

#[test]
fn an_escalation_neither_lowers_the_level_nor_leaves_the_scale() {
    let story = given([intake(), send("escalate", "'reason':'r','level':3")]);
    for level in [0, 2, 10] {
        let command = send("escalate", &format!("'reason':'r','level':{level}"));
        story.clone().when(command).then_rejected(RejectionCode::BadRequest, "level", "the case is at level 3");
    }
}

#[test]
fn a_resolution_tells_code_and_article_and_keeps_the_steps_personal() {
    let mut story = given([intake()]);
    let command = send("resolve", "'code':'workaround','steps':'Restarted','articleId':'KB-7'");
    let decision = story.take(&command.into()).unwrap();
    let Some(CaseEvent::Ending(EndingEvent::Resolved(resolved))) = decision.events.first() else {
        panic!("{decision:?}")
    };
    assert_eq!(resolved.article_id.as_ref().unwrap().as_str(), "KB-7");
    assert_eq!(resolved.personal.open().unwrap().steps.as_str(), "Restarted");
    assert_eq!(story.view().resolution_code.unwrap().as_str(), "workaround");
}

#[test]
fn the_first_resolution_stays_the_first() {
    let story = given([intake().at("mon 09:00"), resolve().at("mon 10:00")]);
    let story = story.and([reopen().at("mon 11:00"), resolve().at("mon 12:00")]);
    let view = story.view();
    assert_eq!(view.first_resolved_at.map(super::moment::tell), Some("mon 10:00".to_owned()));
    assert_eq!(view.resolved_at.map(super::moment::tell), Some("mon 12:00".to_owned()));
}

#[test]
fn a_closed_case_keeps_how_it_was_solved_and_is_closed_by_one_code() {
    let story = given([intake(), resolve(), close("completed")]);
    assert_eq!(story.view().resolution_code.unwrap().as_str(), "solved");
    assert_eq!(story.view().closure_code.unwrap().as_str(), "completed");
    story.when(close("withdrawn")).then_rejected(RejectionCode::WrongStatus, "", "the case is `closed`");
}

#[test]
fn the_first_response_is_the_first_of_a_human() {
    let story = given([intake().at("mon 09:00"), respond_by_bot().at("mon 09:10")]);
    assert_eq!(story.view().first_response_at, None);
    let story = story.and([respond().at("mon 09:20"), respond().at("mon 09:30")]);
    assert_eq!(story.view().first_response_at.map(super::moment::tell), Some("mon 09:20".to_owned()));
}

#[test]
fn a_case_waits_for_an_owner_while_it_lies_in_a_queue_and_nobody_has_it() {
    let since = |story: &Story| story.case().unowned_since.map(super::moment::tell);
    let opened = given([intake().at("mon 09:00")]);
    assert_eq!(since(&opened).as_deref(), Some("mon 09:00"));
    let had = opened.and([assign("ana").at("mon 10:00"), route("billing").at("mon 11:00")]);
    assert_eq!(since(&had), None);
    assert_eq!(since(&had.and([unassign().at("mon 12:00")])).as_deref(), Some("mon 12:00"));
}

#[test]
fn why_somebody_did_something_is_told() {
    let because = |mut story: Story, verb: &str, rest: &str| {
        let decision = story.take(&send(verb, &format!("'reason':'Because'{rest}")).into()).unwrap();
        let event = serde_json::to_value(&decision.events[0]).unwrap();
        event[decision.events[0].name()]["personal"]["plain"]["reason"].as_str().map(ToOwned::to_owned)
    };
    let opened = || given([intake(), assign("ana")]);
    for (story, verb, rest) in [
        (opened(), "unassign", ""),
        (opened(), "route", ",'queue':'billing'"),
        (opened(), "escalate", ""),
        (opened(), "cancel", ""),
        (opened().and([resolve()]), "reopen", ""),
    ] {
        assert_eq!(because(story, verb, rest).as_deref(), Some("Because"), "{verb}");
    }
}
