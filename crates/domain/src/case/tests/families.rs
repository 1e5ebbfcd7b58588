//! A parent and its children, parts that go on by themselves, and the articles of a case.

use docket_messages::{CaseAction, CaseStep, RejectionCode, Relation, Status, StepVerb, Version};

use super::commands::*;
use super::harness::{Story, given, given_under, policy};
use super::moment::at;
use crate::case::PassOn;
use crate::case::process::{Asked, Step as NextStep, begins};
use crate::policy::Policies;

fn settle(refused: Option<&str>) -> CaseAction {
    let refused = refused.map_or_else(String::new, |code| format!(",'refused':'{code}'"));
    send("settleLink", &format!("'with':'{}'{refused}", other_case()))
}

fn accept_link(relation: &str) -> CaseAction {
    send("acceptLink", &format!("'from':'{}','relation':'{relation}'", other_case()))
}

/// A step that the other case is asked to take, by its whole body.
fn step_to_other(verb: &str, body: &str) -> CaseStep {
    let body = format!("{{{body}}}").replace('\'', "\"");
    CaseStep::read(StepVerb::parse(verb).unwrap(), body.as_bytes()).unwrap()
}

/// What the other case tells this one, its child.
fn inherit(event: &str) -> CaseAction {
    send("inherit", &format!("'from':'{}','event':{{{event}}}", other_case()))
}

fn accept_parent() -> CaseAction {
    send("acceptParent", "")
}

/// A case whose parent the other one is.
fn child() -> Story {
    given([intake().at("mon 09:00")]).and([link("parent"), settle(None)])
}

/// A case with one child that passes everything on.
fn parent() -> Story {
    given([intake().at("mon 09:00")]).and([accept_link("child"), accept_parent()])
}

#[test]
fn a_parent_is_asked_and_then_settled() {
    given([intake().at("mon 09:00")])
        .when(link("parent").at("mon 10:00"))
        .then(["linkRequested parent"])
        .wakes("mon 10:00:10")
        .when(settle(None))
        .then(["linked parent"])
        .wakes("mon 12:00")
        .when(link("parent"))
        .then([]);
    assert_eq!(child().case().facts.parent_id, Some(other_case()));
}

#[test]
fn a_step_has_an_id_that_follows_from_the_case_and_the_entry_that_began_it() {
    for (relation, asked) in [("parent", "child"), ("child", "parent")] {
        let step = given([intake()]).and([link(relation)]).case().next_step().unwrap();
        let (id, ends) = ("00000000000000000000000000000007-6", "settle-00000000000000000000000000000007-6");
        assert_eq!((step.id.as_str(), step.completion_id().as_str()), (id, ends));
        let to_other = format!("'caseId':'{}','from':'{}','relation':'{asked}'", other_case(), case_id());
        assert_eq!(step.asked, Asked::Step(step_to_other("acceptLink", &to_other)));
    }
}

#[test]
fn a_request_begins_a_process_and_its_answer_does_not() {
    let mut story = given([intake()]);
    let asked = story.take(&link("parent").into()).unwrap();
    assert!(begins(&asked.events));
    let answered = story.take(&settle(None).into()).unwrap();
    assert!(!begins(&answered.events));
}

#[test]
fn what_is_passed_on_next_is_the_first_that_is_not_settled() {
    let busy = parent().and([prioritise("high"), respond()]);
    assert_eq!(busy.case().next_passing(), Some(PassOn { of: Version(8), children: 1 }));
    let one_left = busy.and([send("settlePassing", "'of':8,'taken':1,'refused':0")]);
    assert_eq!(one_left.case().next_passing(), Some(PassOn { of: Version(12), children: 1 }));
    assert_eq!(parent().case().next_passing(), None);
}

#[test]
fn a_parent_that_refuses_is_told_of_and_the_case_is_free_again() {
    given([intake(), link("parent")])
        .when(settle(Some("parent_cycle")))
        .then(["linkRefused parent parent_cycle"])
        .when(link("parent"))
        .then(["linkRequested parent"]);
}

#[test]
fn a_parent_can_ask_its_children_as_well() {
    given([intake(), link("child")]).when(settle(None)).then(["linked child"]);
    given([intake()]).when(accept_link("parent")).then(["linked parent"]).when(accept_link("parent")).then([]);
}

#[test]
fn an_intake_that_names_its_parent_asks_it() {
    let named = format!("'parentId':'{}'", other_case());
    let opened = given([intake_with("question", "low", &named).at("mon 09:00")]);
    let step = opened.case().next_step().map(|NextStep { with, .. }| with);
    assert_eq!(step, Some(other_case()));
    opened.when(settle(None)).then(["linked parent"]);
    // A history asks as of when it was, as a link of its own does.
    let recorded = given([intake_with("question", "low", &named).back_at("mon 09:00")]);
    let step = recorded.case().next_step().map(|NextStep { with, occurred_at, .. }| (with, occurred_at));
    assert_eq!(step, Some((other_case(), Some(at("mon 09:00")))));
    recorded.when(settle(None).back_at("mon 09:00")).then(["linked parent"]);
}

#[test]
fn a_case_is_no_parent_of_itself() {
    for relation in ["parent", "child"] {
        given([intake()]).when(send("link", &format!("'to':'{}','relation':'{relation}'", case_id()))).then_rejected(
            RejectionCode::SameCase,
            "to",
            "itself",
        );
    }
}

#[test]
fn there_are_two_levels_so_there_is_no_cycle() {
    let cycle = RejectionCode::ParentCycle;
    parent().when(link("parent")).then_rejected(cycle, "to", "is a parent, so it cannot have one");
    child().when(link("child")).then_rejected(cycle, "to", "has a parent, so it cannot be one");
    child().when(accept_parent()).then_rejected(cycle, "caseId", "has a parent");
    child().when(accept_link("child")).then_rejected(cycle, "to", "has a parent");
    given([intake(), link("parent")]).when(accept_link("child")).then_rejected(
        RejectionCode::LinkPending,
        "to",
        "is just being linked to",
    );
}

#[test]
fn a_case_has_one_parent() {
    let another = "00000000-0000-0000-0000-000000000009";
    child().when(send("link", &format!("'to':'{another}','relation':'parent'"))).then_rejected(
        RejectionCode::HasParent,
        "to",
        "another parent",
    );
}

#[test]
fn a_parent_passes_on_what_happens_to_it() {
    parent()
        .when(prioritise("high").at("mon 09:10"))
        .then([
            "classified high",
            "clockRetargeted first_response/1",
            "clockRetargeted resolution/1",
            "passingOn 8 to 1",
        ])
        .wakes("mon 09:10:10")
        .when(send("settlePassing", "'of':8,'taken':1,'refused':0"))
        .then(["passedOn 8: 1 and 0 not"])
        .when(send("settlePassing", "'of':8,'taken':1,'refused':0"))
        .then([])
        .when(respond_by_bot())
        .then(["responded"])
        .when(respond())
        .then(["responded", "clockMet first_response/1", "passingOn 14 to 1"])
        .when(resolve())
        .then(["resolved", "clockMet resolution/1 by resolve", "passingOn 17 to 1"])
        .when(close("completed"))
        .then(["closed completed", "passingOn 20 to 1"]);
}

#[test]
fn what_is_no_news_to_the_children_is_not_passed_on() {
    // Another category leaves the priority as it is; and what happened long ago is over.
    parent().when(send("classify", "'category':'billing'")).then(["classified moderate"]);
    let recorded = given([intake().back_at("mon 09:00"), accept_link("child").back_at("mon 09:01")]);
    recorded
        .and([accept_parent().back_at("mon 09:02")])
        .when(respond().back_at("mon 09:30"))
        .then(["responded", "clockMet first_response/1"]);
}

#[test]
fn a_parent_is_merged_into_no_other_case() {
    parent().when(merge()).then_rejected(RejectionCode::HasChildren, "caseId", "the case has children");
    child().when(merge()).then(["mergeRequested"]);
}

#[test]
fn a_case_that_was_accepted_as_a_parent_and_has_no_children_is_like_any_other() {
    let accepted = given([intake(), accept_parent()]);
    accepted.clone().when(merge()).then(["mergeRequested"]);
    accepted.clone().when(link("parent")).then(["linkRequested parent"]);
    accepted.when(accept_link("parent")).then(["linked parent"]).when(accept_link("child")).then_rejected(
        RejectionCode::ParentCycle,
        "to",
        "has a parent",
    );
}

#[test]
fn two_cases_that_ask_each_other_for_the_same_agree() {
    given([intake(), link("child")]).when(accept_link("child")).then(["linked child"]).when(settle(None)).then([]);
    // A parent may know of the link before its child does.
    given([intake(), link("parent")]).when(inherit("'resumed':{'status':'open'}")).then(["resumed"]);
}

#[test]
fn nothing_is_passed_on_by_whom_nobody_accepted_as_a_parent_or_who_has_no_children() {
    given([intake(), accept_link("child")]).when(respond()).then(["responded", "clockMet first_response/1"]);
    given([intake(), accept_parent()]).when(respond()).then(["responded", "clockMet first_response/1"]);
    parent().when(accept_parent()).then([]);
}

#[test]
fn a_policy_says_what_is_passed_on_and_closing_always_is() {
    let changed = policy(1, &[("[queues.frontline]", "[parents]\npass_on = [\"responses\"]\n[queues.frontline]")]);
    let policies = Policies::new(changed);
    given_under(&policies, [intake(), accept_link("child"), accept_parent()])
        .when(pend("vendor"))
        .then(["pended awaiting_vendor", "clockPaused resolution/1"])
        .when(respond())
        .then(["responded", "clockMet first_response/1", "passingOn 10 to 1"])
        .when(close("withdrawn"))
        .then(["closed withdrawn", "clockCancelled resolution/1 by close", "passingOn 13 to 1"]);
}

#[test]
fn a_child_takes_over_what_it_is_told() {
    let told = child();
    told.clone()
        .when(inherit(
            "'pended':{'reason':'awaiting_vendor','status':'pending_third_party','until':'2026-11-24T09:00:00Z'}",
        ))
        .then(["pended awaiting_vendor", "clockPaused resolution/1"])
        .when(inherit("'resumed':{'status':'open'}"))
        .then(["resumed", "clockResumed resolution/1"])
        .when(inherit("'responded':{'automatic':false,'status':'open','personal':{'plain':{'text':'We know'}}}"))
        .then(["responded", "clockMet first_response/1"]);
    told.clone()
        .when(inherit("'classified':{'type':'incident','impact':'high','urgency':'high','priority':'critical'}"))
        .then(["classified critical", "clockRetargeted first_response/1", "clockRetargeted resolution/1"]);
    told.when(inherit("'resolved':{'code':'solved','status':'resolved','personal':{'plain':{'steps':'Mended'}}}"))
        .then(["resolved", "clockMet resolution/1 by resolve", "clockCancelled first_response/1 by resolve"])
        .is(Status::Resolved);
}

#[test]
fn closing_the_parent_closes_children_that_are_new_open_or_wait_for_the_customer() {
    let closing = || inherit("'closed':{'code':'completed','status':'closed'}");
    for steps in [vec![], vec![assign("ana")], vec![pend("customer")]] {
        child().and(steps).and([closing()]).is(Status::Closed);
    }
    for steps in [vec![pend("vendor")], vec![pend("internal")], vec![resolve()], vec![cancel()]] {
        child().and(steps).when(closing()).then_rejected(RejectionCode::WrongStatus, "", "`inherit` is possible from");
    }
}

#[test]
fn only_its_parent_tells_a_child() {
    given([intake()]).when(inherit("'resumed':{'status':'open'}")).then_rejected(
        RejectionCode::CaseNotFound,
        "from",
        "is no child of",
    );
    let noted = inherit("'noted':{'personal':{'plain':{'text':'Only for us'}}}");
    child().when(noted).then_rejected(RejectionCode::BadRequest, "event", "`noted` is not passed on");
}

#[test]
fn a_part_goes_on_as_a_case_of_its_own() {
    let split = || send("split", "'subject':'The invoice, too','type':'question','category':'billing'");
    let asked = given([intake().at("mon 09:00")]).and([split().at("mon 10:00")]);
    assert_eq!(asked.case().next_step().unwrap().asked, Asked::Intake);
    // However the case is classified meanwhile, the part begins as the case stood then.
    let intake = asked.split_off().unwrap();
    assert_eq!(asked.clone().and([prioritise("critical")]).split_off().as_ref(), Some(&intake));
    assert_eq!(intake.follow_up_of, Some(case_id()));
    assert_eq!(intake.category.as_ref().map(docket_messages::Name::as_str), Some("billing"));
    let with = intake.case_id.unwrap();
    asked.clone().when(send("split", "'subject':'And another'")).then_rejected(
        RejectionCode::LinkPending,
        "caseId",
        "is just being split into",
    );
    let settled = asked.and([send("settleLink", &format!("'with':'{with}'"))]);
    assert_eq!(settled.case().links, [(with, Relation::FollowUp)]);
    // The next part is another case.
    let again = settled.and([split()]).case().next_step().map(|step| step.with);
    assert_ne!(again, Some(with));
}

#[test]
fn a_follow_up_says_what_it_takes_up() {
    let follow_up = format!("'followUpOf':'{}'", other_case());
    let opened = given([intake_with("question", "low", &follow_up)]);
    assert_eq!(opened.case().links, [(other_case(), Relation::FollowUpOf)]);
    assert_eq!(opened.case().last_at, at("mon 09:00"));
}

#[test]
fn an_article_is_attached_once_and_taken_off() {
    given([intake()])
        .when(send("attach", "'articleId':'KB-1'"))
        .then(["articleAttached KB-1"])
        .when(send("attach", "'articleId':'KB-1'"))
        .then([])
        .when(send("detach", "'articleId':'KB-1'"))
        .then(["articleDetached KB-1"])
        .when(send("detach", "'articleId':'KB-1'"))
        .then([])
        .when(send("attach", "'search':'lamp flickers'"))
        .then(["articleNotFound"])
        .when(send("attach", ""))
        .then_rejected(RejectionCode::BadRequest, "articleId", "exactly one of the two");
}
