//! What is refused whatever the status: unknown values, missing fields, versions and times that do not fit.

use docket_messages::RejectionCode::{
    BadRequest, OutOfOrder, RequiredFieldMissing, SameCase, UnknownValue, VersionConflict,
};
use docket_messages::{CaseAction, Status};

use super::commands::*;
use super::harness::{Story, given, given_under, policy};
use super::statuses::case_that_is;
use crate::policy::Policies;

fn nothing() -> Story {
    given([] as [Step; 0])
}

#[test]
fn an_unknown_value_is_refused_with_those_that_are_allowed() {
    let resolved = || case_that_is(Status::Resolved);
    let open = || case_that_is(Status::Open);
    let rows: [(Story, CaseAction, &str, &str); 20] = [
        (nothing(), intake_with("rant", "low", ""), "type", "`complaint`, `incident`, `question`, `refund`, `request`"),
        (nothing(), send("intake", BY_FAX), "channel", "no channel `fax`; allowed: `email`, `phone`, `chat`, `web`"),
        (nothing(), send("intake", HUGE), "impact", "no impact `huge`; allowed: `high`, `medium`, `low`"),
        (nothing(), intake_with("question", "low", "'category':'love'"), "category", "allowed: `account`, `billing`"),
        (nothing(), intake_with("question", "low", "'tier':'tin'"), "tier", "allowed: `standard`, `gold`"),
        (nothing(), intake_with("question", "low", "'fields':{'age':3}"), "fields.age", "`amount`, `incidentDate`"),
        (
            nothing(),
            intake_with("question", "low", WRONG_SUB),
            "subcategory",
            "subcategory of `billing` `defect`; allowed",
        ),
        (open(), send("classify", "'type':'rant'"), "type", "no type `rant`"),
        (open(), send("classify", "'urgency':'mild'"), "urgency", "allowed: `high`, `medium`, `low`"),
        (open(), send("classify", "'fields':{'severity':'huge'}"), "fields.severity", "allowed: `minor`, `major`"),
        (open(), route("limbo"), "queue", "allowed: `billing`, `complaints`, `frontline`, `technical`"),
        (open(), send("assign", "'agent':'ana','queue':'limbo'"), "queue", "no queue `limbo`"),
        (open(), send("escalate", "'reason':'r','queue':'limbo'"), "queue", "no queue `limbo`"),
        (open(), pend("miracle"), "reason", "allowed: `awaiting_customer`, `awaiting_internal`, `awaiting_vendor`"),
        (open(), send("receive", "'text':'t','channel':'fax'"), "channel", "no channel `fax`"),
        (open(), send("respond", "'text':'t','channel':'fax'"), "channel", "no channel `fax`"),
        (open(), send("resolve", "'code':'magic','steps':'s'"), "code", "`duplicate`, `no_fault_found`, `solved`"),
        (open(), close("bored"), "code", "allowed: `auto_closed`, `completed`, `withdrawn`"),
        (resolved().under(&[WITHOUT_NPS]), request_survey("nps"), "survey", "no survey `nps`; allowed: csat, ces"),
        (resolved().under(&[WITHOUT_NPS]), answer_survey("nps", 3), "survey", "allowed: csat, ces"),
    ];
    for (story, command, path, says) in rows {
        story.when(command).then_rejected(UnknownValue, path, says);
    }
}

#[test]
fn an_unknown_value_is_named_before_the_status_that_forbids_the_command() {
    let rows: [(CaseAction, &str); 12] = [
        (send("classify", "'type':'rant'"), "type"),
        (send("classify", "'category':'love'"), "category"),
        (send("classify", "'urgency':'mild'"), "urgency"),
        (send("classify", "'fields':{'age':3}"), "fields.age"),
        (route("limbo"), "queue"),
        (send("assign", "'agent':'ana','queue':'limbo'"), "queue"),
        (send("claim", "'agent':'ana','queue':'limbo'"), "queue"),
        (send("escalate", "'reason':'r','queue':'limbo'"), "queue"),
        (pend("miracle"), "reason"),
        (send("respond", "'text':'t','channel':'fax'"), "channel"),
        (send("resolve", "'code':'magic','steps':'s'"), "code"),
        (close("bored"), "code"),
    ];
    for (command, path) in rows {
        case_that_is(Status::Cancelled).when(command).then_rejected(UnknownValue, path, "allowed: ");
    }
    case_that_is(Status::Cancelled).when(send("receive", "'text':'t','channel':'fax'")).then_rejected(
        UnknownValue,
        "channel",
        "no channel `fax`",
    );
    case_that_is(Status::Open).under(&[WITHOUT_NPS]).when(request_survey("nps")).then_rejected(
        UnknownValue,
        "survey",
        "no survey `nps`",
    );
}

const BY_FAX: &str = "'type':'question','subject':'s','channel':'fax','impact':'low','urgency':'low'";
const HUGE: &str = "'type':'question','subject':'s','channel':'web','impact':'huge','urgency':'low'";
const WRONG_SUB: &str = "'category':'billing','subcategory':'defect'";
const WITHOUT_NPS: (&str, &str) = ("[surveys.nps]\nexpires_after_days = 14\n", "");

#[test]
fn a_value_of_the_wrong_kind_points_at_its_place() {
    let rows: [(&str, &str, &str); 6] = [
        ("'fields':{'orderNumber':5}", "fields.orderNumber", "is text, not a number"),
        ("'fields':{'amount':'5'}", "fields.amount", "is a number, not text"),
        ("'fields':{'vip':'yes'}", "fields.vip", "is true or false, not text"),
        ("'fields':{'incidentDate':'soon'}", "fields.incidentDate", "is a date such as 2026-11-22"),
        ("'fields':{'severity':1}", "fields.severity", "is one of its values"),
        ("'subcategory':'late'", "subcategory", "a subcategory needs a category"),
    ];
    for (rest, path, says) in rows {
        nothing().when(intake_with("question", "low", rest)).then_rejected(BadRequest, path, says);
        given([intake()]).when(send("classify", rest)).then_rejected(BadRequest, path, says);
    }
}

#[test]
fn a_required_field_that_is_missing_is_pointed_at() {
    nothing().when(intake_with("refund", "low", "")).then_rejected(
        RequiredFieldMissing,
        "fields.orderNumber",
        "a case of type `refund` needs `orderNumber`",
    );
    given([intake_with("complaint", "low", "")]).when(resolve()).then_rejected(
        RequiredFieldMissing,
        "category",
        "a case of type `complaint` needs `category` to be resolved",
    );
    case_that_is(Status::Resolved)
        .under(&[("[types.question]", "[types.question]\nrequired_at_close = [\"amount\", \"assignee\"]")])
        .when(close("completed"))
        .then_rejected(RequiredFieldMissing, "fields.amount", "needs `amount` and `assignee` to be closed")
        .and([send("classify", "'fields':{'amount':12.5}")])
        .when(close("completed"))
        .then_rejected(RequiredFieldMissing, "assignee", "to be closed");
}

#[test]
fn every_built_in_field_can_be_required_and_is_known_once_it_is_said() {
    let intake_of = |rest: &str| intake_with("question", "low", rest);
    let classify = |what: &str| send("classify", what);
    let told = [
        ("category", vec![intake_of("")], vec![classify("'category':'product'")]),
        (
            "subcategory",
            vec![intake_of("'category':'product'")],
            vec![classify("'category':'product','subcategory':'usage'")],
        ),
        ("customerId", vec![intake_of("")], vec![]),
        ("description", vec![intake_of("")], vec![]),
        ("queue", vec![intake_of("")], vec![route("billing")]),
        ("assignee", vec![intake_of("")], vec![assign("ana")]),
    ];
    for (field, lacks, says) in told {
        let requires = format!("[types.question]\nrequired_at_resolve = [\"{field}\"]");
        let no_route = "[[routes]]\nqueue = \"frontline\"\n";
        let policies = Policies::new(policy(1, &[("[types.question]", requires.as_str()), (no_route, "")]));
        let story = given_under(&policies, lacks);
        let refused = format!("needs `{field}` to be resolved");
        let story = story.when(resolve()).then_rejected(RequiredFieldMissing, field, &refused);
        let story = match field {
            "customerId" | "description" => given_under(&policies, [intake_of(&format!("'{field}':'It'"))]),
            _ => story.and(says),
        };
        story.and([resolve()]).is(Status::Resolved);
    }
}

#[test]
fn what_was_required_lets_the_case_go_on_once_it_is_there() {
    given([intake_with("refund", "low", "'fields':{'orderNumber':'A-17'}")]).is(Status::New);
    given([intake_with("complaint", "low", ""), send("classify", "'category':'billing'"), resolve()])
        .is(Status::Resolved);
}

#[test]
fn a_case_cannot_be_its_own_parent() {
    let own = format!("'parentId':'{}'", case_id());
    nothing().when(intake_with("question", "low", &own)).then_rejected(SameCase, "parentId", "its own parent");
}

#[test]
fn an_expected_version_is_compared_before_the_case_is_brought_up_to_date() {
    let opened = given([intake().at("mon 09:00")]);
    let version = opened.case().version.get();
    opened.clone().when(note().at("fri 09:00").expecting(version)).then([
        "clockWarned first_response/1, mon 12:00",
        "clockBreached first_response/1, mon 14:00",
        "clockWarned resolution/1, wed 11:07:30",
        "clockBreached resolution/1, thu 09:00",
        "noted",
    ]);
    opened.when(note().expecting(version + 1)).then_rejected(
        VersionConflict,
        "Docket-Expect-Version",
        "the case is at version 5, not 6",
    );
    nothing().when(intake().expecting(0)).then(OPENING);
    nothing().when(intake().expecting(1)).then_rejected(VersionConflict, "Docket-Expect-Version", "at version 0");
}

#[test]
fn what_is_yet_to_happen_cannot_be_recorded() {
    let future = Step { now: Some(super::moment::at("mon 09:00")), ..note().back_at("mon 09:01") };
    given([intake()]).when(future).then_rejected(BadRequest, "Docket-Occurred-At", "lies in the future");
    // A clock that is a little ahead is no other time.
    let said = |at: &str| Step { now: Some(super::moment::at("mon 10:00")), ..note().back_at(at) };
    let story = given([intake()]).when(said("mon 10:00:05")).then(["noted"]);
    assert_eq!(story.case().last_at, super::moment::at("mon 10:00"));
    // Nor is it one that the case has passed already, though the service's own clock has gone back.
    let gone_back = Step { now: Some(super::moment::at("mon 09:59")), ..note().back_at("mon 09:59") };
    story.clone().when(gone_back).then_rejected(OutOfOrder, "Docket-Occurred-At", "lies before");
    story.when(said("mon 10:00:06")).then_rejected(BadRequest, "Docket-Occurred-At", "lies in the future");
}

#[test]
fn what_happened_before_the_last_entry_is_out_of_order() {
    let story = given([intake().back_at("mon 09:00"), note().back_at("mon 10:00")]);
    story.clone().when(note().back_at("mon 09:59:59")).then_rejected(OutOfOrder, "Docket-Occurred-At", "last entry");
    story.when(note().back_at("mon 10:00")).then(["noted"]);
}

#[test]
fn a_live_command_on_a_clock_that_lags_takes_the_moment_of_the_last_entry() {
    let story = given([intake().at("mon 09:00")]).when(respond().at("mon 08:00")).then(["responded", MET]);
    story.clock("first_response/1", "met mon 09:00");
}

const MET: &str = "clockMet first_response/1";

#[test]
fn nobody_waits_for_the_past_or_for_ever() {
    given([intake().at("mon 09:00")])
        .when(pend_until("customer", "mon 09:00"))
        .then_rejected(BadRequest, "until", "must lie after")
        .when(pend_until("customer", "2037-01-01 00:00"))
        .then_rejected(BadRequest, "until", "at most 3660 days later");
}

const OPENING: [&str; 5] = [
    "opened",
    "classified moderate",
    "routed frontline by rule 5",
    "clockStarted first_response/1",
    "clockStarted resolution/1",
];
