//! A customer who writes to a closed case is heard.

use docket_messages::{CaseEvent, FamilyEvent, RejectionCode, Status};

use super::commands::*;
use super::harness::{Story, given_under, policy};
use crate::case::{Asked, Request, decide, needs_texts};
use crate::policy::Policies;

/// A case that was closed on Monday at 11:00 on a desk that says this of messages to closed cases.
fn closed(says: &str) -> Story {
    let text = format!("[lifecycle]\n{says}\n");
    let policies = Policies::new(policy(1, &[("[lifecycle]\n", &text)]));
    given_under(&policies, [intake().at("mon 09:00"), resolve().at("mon 10:00"), close("completed").at("mon 11:00")])
}

/// Nobody has answered yet, so the first answer is still owed.
const REOPENED: [&str; 4] = [
    "messageReceived",
    "reopened by message",
    "clockResumed first_response/1 by reopen",
    "clockStarted resolution/2 by reopen",
];

/// How the follow-up begins that the case asks for.
fn begins(story: &Story) -> docket_messages::Intake {
    assert_eq!(story.case().next_step().map(|step| step.asked), Some(Asked::Intake));
    story.split_off().expect("no follow-up was asked for")
}

#[test]
fn a_message_reopens_a_closed_case_while_it_may_be_reopened() {
    closed("").when(receive().at("mon+2 11:00")).then(REOPENED).is(Status::Open);
    closed("message_to_closed = \"reopen\"").when(receive().at("tue 09:00")).then(REOPENED);
}

#[test]
fn a_later_message_opens_a_follow_up_that_has_what_the_case_had_and_what_was_written() {
    let written = send("receive", "'text':'It is broken again','channel':'phone'");
    let story = closed("").when(written.at("mon+2 11:00:01")).then(["messageReceived", "splitRequested by message"]);
    let story = story.is(Status::Closed).wakes("mon+2 11:00:11");
    let begins = begins(&story);
    assert_eq!(begins.follow_up_of, Some(case_id()));
    assert_eq!((begins.channel.as_str(), begins.case_type.as_str()), ("phone", "question"));
    assert_eq!(begins.subject.as_str(), "It hurts");
    assert_eq!(begins.description.unwrap().as_str(), "It is broken again");
    // The next message waits until that is done, and opens another.
    let with = begins.case_id.unwrap();
    story
        .when(receive())
        .then_rejected(RejectionCode::LinkPending, "caseId", "just being split into")
        .when(send("settleLink", &format!("'with':'{with}'")))
        .then(["linked follow_up"])
        .when(receive())
        .then(["messageReceived", "splitRequested by message"]);
}

#[test]
fn a_desk_may_open_a_follow_up_at_once_or_only_record_the_message() {
    let follow_up = "message_to_closed = \"follow_up\"";
    closed(follow_up).when(receive().at("mon 12:00")).then(["messageReceived", "splitRequested by message"]);
    let record = "message_to_closed = \"record\"";
    closed(record).when(receive().at("mon 12:00")).then(["messageReceived"]).is(Status::Closed);
}

#[test]
fn a_message_that_comes_before_the_timer_finds_the_case_closed_and_is_about_the_same() {
    // Resolved cases are closed after five days. Nobody has told this one yet.
    let text = "[lifecycle]\nmessage_to_closed = \"follow_up\"\n";
    let policies = Policies::new(policy(1, &[("[lifecycle]\n", text)]));
    let resolved = given_under(&policies, [intake().at("mon 09:00"), resolve().at("mon 10:00")]);
    let needs = |moment: &str| {
        let (now, policies) = (super::moment::at(moment), &policies);
        let request = Request { now, occurred_at: None, expected: None, texts: None, policies };
        needs_texts(resolved.case(), &receive(), &request)
    };
    assert_eq!((needs("sat 09:59:59"), needs("sat 10:00")), (false, true));
    let written = resolved.when(receive().at("sat 10:00:05"));
    let story = written.then(["closed auto_closed by time, sat 10:00", "messageReceived", "splitRequested by message"]);
    assert_eq!(begins(&story).subject.as_str(), "It hurts");
    // What cannot be opened is named by its case.
    let request = Request { now: story.now, occurred_at: None, expected: None, texts: None, policies: &policies };
    let closed = closed("message_to_closed = \"follow_up\"");
    let decided = decide(case_id(), closed.case.as_ref(), &receive(), &request).unwrap();
    let asked = decided.events.iter().find_map(|event| {
        if let CaseEvent::Family(FamilyEvent::SplitRequested(asked)) = event { asked.personal.open() } else { None }
    });
    assert_eq!(asked.unwrap().subject.as_str(), format!("Follow-up of {}", case_id()));
}

#[test]
fn thanks_and_what_was_written_long_ago_are_recorded() {
    closed("").when(thanks().at("tue 09:00")).then(["messageReceived"]).is(Status::Closed);
    closed("").when(receive().back_at("tue 09:00")).then(["messageReceived"]).is(Status::Closed);
}
