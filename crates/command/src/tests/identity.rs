//! A command id belongs to the principal and the case that it was sent to, wherever the command is carried out.

use bytes::Bytes;
use docket_eventlog::{EventLog as _, Expect, Subject};
use docket_messages::{Addressee, CaseId, CommandId, Digest, Entry, Position, Reply, Salt, Timestamp};
use futures::FutureExt as _;
use serde_json::{Value, json};

use super::{Desk, Fault, accepted, fresh, now};
use crate::Start;

/// Where a command was carried out: in which case, at which position, and whether that was told before.
fn carried_out(reply: &Reply) -> (CaseId, Position, bool) {
    let (repeated, position) = accepted(reply);
    let Reply::Accepted { accepted, .. } = reply else { panic!("{reply:?}") };
    (accepted.case_id.unwrap(), position, repeated)
}

fn code(reply: &Reply) -> &'static str {
    let Reply::Rejected { rejected } = reply else { panic!("not rejected: {reply:?}") };
    rejected.code.as_str()
}

impl Desk {
    /// A desk with so many services, and so many cases.
    async fn with_cases<const N: usize>(services: usize) -> (Self, [CaseId; N]) {
        let (desk, cases) = (Self::with_services(services).await, std::array::from_fn(|_| fresh()));
        for case in cases {
            accepted(&desk.intake(case, "open").await);
        }
        (desk, cases)
    }

    async fn ask(&self, service: usize, verb: &str, id: &str, body: Value) -> Reply {
        self.send(service, &format!("webshop.case.{verb}"), id, &body.to_string()).await
    }

    async fn merge(&self, case: CaseId, into: CaseId, id: &str) {
        accepted(&self.ask(0, "merge", id, json!({ "caseId": case, "into": into })).await);
    }

    async fn unmerge(&self, service: usize, case: CaseId, id: &str) {
        accepted(&self.ask(service, "unmerge", id, json!({ "caseId": case, "reason": "Two needs." })).await);
    }

    async fn receive(&self, service: usize, case: CaseId, id: &str) -> Reply {
        self.ask(service, "receive", id, json!({ "caseId": case, "text": "Any news?" })).await
    }

    /// How often a command stands in the log.
    fn times(&self, id: &str) -> usize {
        let entries = self.log.log.entries();
        entries.iter().filter(|entry| Entry::decode(&entry.payload).unwrap().id.as_str() == id).count()
    }
}

#[tokio::test]
async fn what_went_to_a_merged_case_is_answered_the_same_when_the_merge_was_taken_back() {
    let (desk, [a, b]) = Desk::with_cases(2).await;
    desk.merge(a, b, "m-1").await;
    let (case, position, _) = carried_out(&desk.receive(0, a, "x").await);
    assert_eq!(case, b);
    desk.unmerge(0, a, "u-1").await;
    // Whoever has it at hand and whoever reads it say the same, and so they do once more.
    for service in [0, 1, 0, 1] {
        assert_eq!(carried_out(&desk.receive(service, a, "x").await), (b, position, true));
    }
    assert_eq!(desk.times("x"), 1);
    // Another command under that id is another command still; and a fresh one is for the case itself.
    assert_eq!(code(&desk.note(0, a, "x").await), "command_id_reused");
    assert_eq!(carried_out(&desk.receive(0, a, "y").await).0, a);
}

#[tokio::test]
async fn what_went_to_a_merged_case_is_answered_the_same_when_it_was_merged_into_another() {
    let (desk, [a, b, d]) = Desk::with_cases(2).await;
    desk.merge(a, b, "m-1").await;
    let (_, position, _) = carried_out(&desk.receive(0, a, "x").await);
    desk.unmerge(0, a, "u-1").await;
    desk.merge(a, d, "m-2").await;
    for service in [0, 1] {
        assert_eq!(carried_out(&desk.receive(service, a, "x").await), (b, position, true));
        // A command that the case decides itself has no second use of the id, either.
        assert_eq!(
            code(&desk.ask(service, "unmerge", "x", json!({ "caseId": a, "reason": "y" })).await),
            "command_id_reused"
        );
    }
    assert_eq!(carried_out(&desk.receive(1, a, "y").await).0, d);
    assert_eq!(desk.times("x"), 1);
}

#[tokio::test]
async fn what_went_on_through_two_merges_is_answered_the_same_when_the_first_is_taken_back() {
    let (desk, [a, b, c]) = Desk::with_cases(2).await;
    desk.merge(a, b, "m-1").await;
    desk.merge(b, c, "m-2").await;
    let (case, position, _) = carried_out(&desk.receive(0, a, "x").await);
    assert_eq!(case, c);
    desk.unmerge(0, a, "u-1").await;
    for service in [0, 1] {
        assert_eq!(carried_out(&desk.receive(service, a, "x").await), (c, position, true));
    }
    desk.unmerge(0, b, "u-2").await;
    assert_eq!(carried_out(&desk.receive(1, a, "x").await), (c, position, true));
    assert_eq!(desk.times("x"), 1);
}

#[tokio::test]
async fn the_ids_of_two_cases_are_not_one_space() {
    let (desk, [a, b]) = Desk::with_cases(1).await;
    let (_, of_b, _) = carried_out(&desk.receive(0, b, "m-2").await);
    desk.merge(a, b, "m-1").await;
    let (case, of_a, repeated) = carried_out(&desk.receive(0, a, "m-2").await);
    assert_eq!((case, repeated), (b, false), "the other case never had it");
    assert_ne!(of_a, of_b);
    // Each is told what it was told first.
    assert_eq!(carried_out(&desk.receive(0, a, "m-2").await), (b, of_a, true));
    assert_eq!(carried_out(&desk.receive(0, b, "m-2").await), (b, of_b, true));
    let entries = desk.log.read_subject(&Subject::Case(b), None).await.unwrap();
    let sent_to: Vec<_> = entries.iter().map(|entry| Entry::decode(&entry.payload).unwrap().sent_to).collect();
    assert_eq!(sent_to.last(), Some(&Some(Addressee::from(a))), "the log says whom it was sent to");
}

#[tokio::test]
async fn a_command_that_is_held_up_while_its_merge_is_taken_back_is_carried_out_once() {
    let (desk, [a, b]) = Desk::with_cases(2).await;
    desk.merge(a, b, "m-1").await;
    desk.fail(&[Fault::Held]);
    let freed = async {
        desk.log.line.held.notified().await;
        desk.unmerge(1, a, "u-1").await;
        let again = carried_out(&desk.receive(1, a, "x").await);
        desk.log.line.freed.notify_one();
        again
    };
    let (held, (case, position, _)) = tokio::join!(desk.receive(0, a, "x"), freed);
    assert_eq!(case, a, "it stands for itself again");
    assert_eq!(carried_out(&held), (a, position, true));
    assert_eq!(desk.times("x"), 1);
}

#[tokio::test]
async fn a_command_that_is_held_up_behind_two_merges_is_carried_out_once() {
    let (desk, [a, b, c]) = Desk::with_cases(2).await;
    desk.merge(a, b, "m-1").await;
    desk.merge(b, c, "m-2").await;
    desk.fail(&[Fault::Held]);
    let freed = async {
        desk.log.line.held.notified().await;
        desk.unmerge(1, a, "u-1").await;
        let again = carried_out(&desk.receive(1, a, "x").await);
        desk.log.line.freed.notify_one();
        again
    };
    let (held, (case, position, _)) = tokio::join!(desk.receive(0, a, "x"), freed);
    assert_eq!(case, a);
    assert_eq!(carried_out(&held), (a, position, true));
    assert_eq!(desk.times("x"), 1);
}

#[tokio::test]
async fn entries_that_do_not_say_whom_a_command_was_sent_to_still_answer_it() {
    let (desk, [a, b]) = Desk::with_cases(1).await;
    desk.merge(a, b, "m-1").await;
    // As a service wrote it before entries said so.
    let body = json!({ "caseId": a, "text": "Any news?" }).to_string();
    let last = desk.log.read_subject(&Subject::Case(b), None).await.unwrap().pop().unwrap();
    let before = Entry::decode(&last.payload).unwrap();
    let (salt, at): (Salt, Timestamp) = (Salt::new([9; 16]), now());
    let (id, request) = (CommandId::parse("x").unwrap(), Digest::of_request(&salt, "receive", body.as_bytes()));
    let (prev, verb) = (Some(Digest::of(&[&last.payload])), "receive".to_owned());
    let by = docket_messages::PrincipalName::parse("webshop").unwrap();
    let entry = Entry { id, by, verb, at, request, salt, prev, events: Vec::new(), ..before };
    let payload = Bytes::from(entry.encode().unwrap());
    let written = desk.log.append(&Subject::Case(b), Expect::Last(last.position), payload.into()).await.unwrap();
    assert_eq!(carried_out(&desk.send(0, "webshop.case.receive", "x", &body).await), (b, written, true));
    desk.unmerge(0, a, "u-1").await;
    assert_eq!(carried_out(&desk.send(0, "webshop.case.receive", "x", &body).await), (b, written, true));
}

#[tokio::test]
async fn a_claim_of_the_next_case_and_a_command_to_that_case_may_have_the_same_id() {
    let desk = Desk::with_services(1).await;
    let service = desk.services[0].clone();
    tokio::spawn(async move { service.keep_board(|| async { Ok(Start::default()) }.boxed()).await });
    let case = fresh();
    accepted(&desk.intake(case, "1").await);
    accepted(&desk.note(0, case, "2").await);
    let claim = json!({ "queue": "frontline", "agent": "ana" });
    let (taken, position, repeated) = carried_out(&desk.ask(0, "claim", "2", claim.clone()).await);
    assert_eq!((taken, repeated), (case, false));
    assert_eq!(carried_out(&desk.ask(0, "claim", "2", claim).await), (case, position, true));
    accepted(&desk.ask(0, "claim", "3", json!({ "queue": "frontline", "agent": "ana", "caseId": case })).await);
}
