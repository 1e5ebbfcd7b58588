//! Cases that queues give out and agents claim: each to one agent, and never to one who lacks what it asks for.

use docket_messages::{CaseAction, RejectionCode, Status};

use super::commands::*;
use super::harness::{Story, given, given_under, policy};
use crate::policy::Policies;

const PLACE: &str = "[queues.frontline]\n";

/// The sample with skills, two agents, and a queue that gives its cases out; `more` says how.
fn desk(more: &str) -> Policies {
    let queue = format!("{PLACE}push = true\n{more}");
    let agents = "skills = [\"french\", \"networks\"]\nchannels";
    let routes = "[[routes]]\nqueue = \"frontline\"\nskills = { french = 2 }\n\
         relaxing = [{ skill = \"networks\", level = 1, after_seconds = 600 }]\n\
         [agents.ana]\ncapacity = 3\nskills = { french = 3, networks = 1 }\n\
         [agents.ben]\ncapacity = 3\nskills = { french = 2 }\n";
    let changes = [(PLACE, queue.as_str()), ("channels", agents), ("[[routes]]\nqueue = \"frontline\"\n", routes)];
    Policies::new(policy(1, &changes))
}

fn push(agent: &str) -> CaseAction {
    send("push", &format!("'queue':'frontline','agent':'{agent}'"))
}

fn accept(agent: &str) -> CaseAction {
    send("acceptOffer", &format!("'agent':'{agent}'"))
}

fn decline(agent: &str) -> CaseAction {
    send("declineOffer", &format!("'agent':'{agent}'"))
}

/// A case that was offered to ana at nine, for two minutes.
fn offered() -> Story {
    given_under(&desk("offer_seconds = 120\n"), [intake().at("mon 09:00")]).and([push("ana")])
}

#[test]
fn a_claim_takes_a_case_that_nobody_has() {
    given([intake()])
        .when(claim("ana"))
        .then(["assigned ana"])
        .is(Status::Open)
        .when(claim("ana"))
        .then([])
        .when(claim("ben"))
        .then_rejected(RejectionCode::CaseTaken, "agent", "somebody has the case already");
}

#[test]
fn a_claim_from_a_queue_is_for_a_case_that_is_there() {
    given([intake()]).when(send("claim", "'queue':'billing','agent':'ana'")).then_rejected(
        RejectionCode::CaseTaken,
        "queue",
        "is not in the queue `billing`",
    );
}

#[test]
fn a_case_is_claimed_by_whoever_knows_what_it_asks_for() {
    let opened = given_under(&desk(""), [intake().at("mon 09:00")]);
    let missing = RejectionCode::SkillMissing;
    opened.clone().when(claim("zoe")).then_rejected(missing, "agent", "the skill `french` at level 2");
    opened.clone().when(claim("ben").at("mon 09:09")).then_rejected(missing, "agent", "`networks` at level 1 until");
    // A skill that nobody was found for is dropped after its time.
    opened.clone().when(claim("ben").at("mon 09:10")).then(["assigned ben"]);
    opened.when(claim("ana")).then(["assigned ana"]);
}

#[test]
fn a_queue_gives_a_case_to_an_agent_at_once() {
    given_under(&desk(""), [intake()])
        .when(push("ana"))
        .then(["assigned ana by push"])
        .when(push("ana"))
        .then([])
        .when(push("ben"))
        .then_rejected(RejectionCode::CaseTaken, "agent", "somebody has the case");
    given([intake()]).when(push("ana")).then_rejected(RejectionCode::CaseTaken, "queue", "does not push its cases");
}

#[test]
fn a_queue_offers_a_case_and_the_agent_accepts() {
    offered()
        .when(push("ana"))
        .then([])
        .when(claim("ben").at("mon 09:01"))
        .then_rejected(RejectionCode::CaseTaken, "agent", "offered to somebody else")
        .when(accept("ben"))
        .then_rejected(RejectionCode::NotOffered, "agent", "is not offered to this agent")
        .when(accept("ana"))
        .then(["assigned ana"])
        .when(accept("ana"))
        .then([]);
    // To claim what one is offered is to accept it.
    offered().when(claim("ana")).then(["assigned ana"]);
}

#[test]
fn an_offer_that_is_declined_goes_to_the_next() {
    offered()
        .when(decline("ana"))
        .then(["offerDeclined ana"])
        .when(decline("ana"))
        .then_rejected(RejectionCode::NotOffered, "agent", "no longer is")
        .when(push("ben").at("mon 09:10"))
        .then(["offered ben until mon 09:12"]);
}

#[test]
fn an_offer_expires_at_its_instant_though_nobody_looked() {
    offered().wakes("mon 09:02").when(accept("ana").at("mon 09:02")).then(["assigned ana"]);
    offered().when(tick().at("mon 09:02")).then(["offerExpired ana"]);
    offered().when(note().at("mon 10:00")).then(["offerExpired ana, mon 09:02", "noted"]);
    offered().when(accept("ana").at("mon 09:03")).then_rejected(RejectionCode::NotOffered, "agent", "no longer is");
}

#[test]
fn an_offer_ends_when_the_case_moves_waits_or_is_over() {
    for step in [route("billing"), pend("customer"), resolve(), close("withdrawn"), cancel(), assign("ben")] {
        assert_eq!(offered().and([step]).case().offer, None);
    }
}

#[test]
fn somebody_may_always_be_given_a_case_by_hand() {
    offered().when(assign("zoe")).then(["assigned zoe"]);
}
