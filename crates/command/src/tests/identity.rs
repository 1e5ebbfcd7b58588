//! A command id belongs to the principal and the case that it was sent to, wherever the command is carried out.

use bytes::Bytes;
use docket_eventlog::{EventLog as _, Expect, Subject};
use docket_messages::{
    Addressee, AnyEntry, CaseEntry, CaseId, CommandId, Digest, Position, PrincipalName, Reply, Salt,
};
use futures::FutureExt as _;
use serde_json::{Value, json};

use super::{Desk, Fault, accepted, fresh};
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

    /// Writes the entry of a `receive` as services did before entries knew more of a command than its bytes.
    async fn write_as_before(&self, case: CaseId, id: &str, body: &str) -> Position {
        let subject = Subject::Case(case);
        let last = self.log.read_subject(&subject, None).await.unwrap().pop().unwrap();
        let before = CaseEntry::decode(&last.payload).unwrap();
        let (salt, verb) = (Salt::new([9; 16]), "receive".to_owned());
        let entry = CaseEntry {
            id: CommandId::parse(id).unwrap(),
            by: PrincipalName::parse("webshop").unwrap(),
            request: Digest::of_request(&salt, &verb, body.as_bytes()),
            message: None,
            sent_to: None,
            prev: Some(Digest::of(&[&last.payload])),
            verb,
            salt,
            key: None,
            events: Vec::new(),
            ..before
        };
        let payload = Bytes::from(entry.encode().unwrap());
        self.log.append(&subject, Expect::Last(last.position), payload.into()).await.unwrap()
    }

    /// How often a command stands in the log.
    fn times(&self, id: &str) -> usize {
        let entries = self.log.log.entries();
        entries.iter().filter(|entry| AnyEntry::decode(&entry.payload).unwrap().id.as_str() == id).count()
    }
}

#[tokio::test]
async fn what_went_to_a_merged_case_is_answered_the_same_when_the_merge_was_taken_back() {
    let (desk, [a, b]) = Desk::with_cases(2).await;
    desk.merge(a, b, "m-1").await;
    let (case, position, _) = carried_out(&desk.receive(0, a, "x").await);
    assert_eq!(case, b);
    desk.unmerge(0, a, "u-1").await;
    // A service that has it at hand and one that reads it say the same, and so they do once more.
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
    let sent_to: Vec<_> = entries.iter().map(|entry| CaseEntry::decode(&entry.payload).unwrap().sent_to).collect();
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
    let body = json!({ "caseId": a, "text": "Any news?" }).to_string();
    let written = desk.write_as_before(b, "x", &body).await;
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

#[tokio::test]
async fn the_same_command_written_otherwise_is_the_same_command() {
    let (desk, [case]) = Desk::with_cases(2).await;
    let one = format!(r#"{{"caseId":"{case}","type":"incident","fields":{{"amount":1,"vip":true}}}}"#);
    let other =
        format!(r#"{{ "fields": {{"vip": true, "amount": 1.0}},  "type": "\u0069ncident", "caseId": "{case}" }}"#);
    let (_, position, _) = carried_out(&desk.send(0, "webshop.case.classify", "x", &one).await);
    for service in [0, 1] {
        assert_eq!(
            carried_out(&desk.send(service, "webshop.case.classify", "x", &other).await),
            (case, position, true)
        );
        let another = other.replace("1.0", "1.5");
        assert_eq!(code(&desk.send(service, "webshop.case.classify", "x", &another).await), "command_id_reused");
    }
    let [effort, as_float] = ["60", "6.0e1"].map(|n| format!(r#"{{"caseId":"{case}","seconds":{n}}}"#));
    let (_, position, _) = carried_out(&desk.send(0, "webshop.case.logEffort", "y", &effort).await);
    assert_eq!(carried_out(&desk.send(1, "webshop.case.logEffort", "y", &as_float).await), (case, position, true));
    // And so for what is no command to a case.
    let presence = [r#"{"agent":"ana","presence":"online"}"#, r#"{ "presence": "online", "agent": "ana" }"#];
    let [first, second] = presence.map(|body| desk.send(0, "desk.agent.presence", "p", body));
    assert_eq!(accepted(&first.await).1, accepted(&second.await).1);
    let document = format!("{{ \"document\" : {} }}", json!(super::SAMPLE));
    assert_eq!(accepted(&desk.send(1, "admin.policy.publish", "policy-1", &document).await), (true, Position(1)));
}

#[tokio::test]
async fn entries_that_know_the_bytes_of_a_command_only_answer_those_bytes() {
    let (desk, [case]) = Desk::with_cases(1).await;
    let body = json!({ "caseId": case, "text": "Any news?" }).to_string();
    let written = desk.write_as_before(case, "x", &body).await;
    assert_eq!(carried_out(&desk.send(0, "webshop.case.receive", "x", &body).await), (case, written, true));
    // Nobody knows whether it is the same, so it is not carried out.
    let otherwise = body.replace(':', ": ");
    assert_eq!(code(&desk.send(0, "webshop.case.receive", "x", &otherwise).await), "command_id_reused");
}

#[tokio::test]
async fn a_survey_of_a_merged_case_is_answered_there_and_any_other_where_it_goes_on() {
    let (desk, [a, b]) = Desk::with_cases(1).await;
    for (verb, body) in [
        ("resolve", json!({ "caseId": a, "code": "solved", "steps": "Mended." })),
        ("requestSurvey", json!({ "caseId": a, "survey": "csat" })),
        ("merge", json!({ "caseId": a, "into": b })),
    ] {
        accepted(&desk.ask(0, verb, verb, body).await);
    }
    let answer = |survey: &str| json!({ "caseId": a, "survey": survey, "score": 4 });
    assert_eq!(carried_out(&desk.ask(0, "answerSurvey", "s-1", answer("csat")).await).0, a);
    assert_eq!(code(&desk.ask(0, "answerSurvey", "s-2", answer("nps")).await), "survey_not_requested");
}

#[tokio::test]
async fn two_cases_that_are_merged_into_each_other_at_once_are_told_apart_by_the_entries_that_the_replies_name() {
    let (desk, [p, q]) = Desk::with_cases(2).await;
    desk.fail(&[Fault::Held, Fault::Held]);
    let [there, back] = [(0, p, q, "m-1"), (1, q, p, "m-2")]
        .map(|(service, case, into, id)| desk.ask(service, "merge", id, json!({ "caseId": case, "into": into })));
    // Both ask, and neither is answered before the other has.
    let freed = async {
        for _ in 0..2 {
            desk.log.line.held.notified().await;
        }
        for _ in 0..2 {
            desk.log.line.freed.notify_one();
        }
    };
    let second = async {
        while desk.log.faults.lock().unwrap().len() == 2 {
            tokio::task::yield_now().await;
        }
        back.await
    };
    let (there, back, ()) = tokio::join!(there, second, freed);
    for (reply, case) in [(there, p), (back, q)] {
        let (merged, position, _) = carried_out(&reply);
        assert_eq!(merged, case);
        let entry = CaseEntry::decode(&desk.log.entry_at(position).await.unwrap().unwrap().payload).unwrap();
        let names: Vec<_> = entry.events.iter().map(docket_messages::CaseEvent::name).collect();
        assert_eq!((entry.of, names), (case.to_string(), vec!["mergeRefused"]));
    }
}

#[tokio::test]
async fn a_second_answer_to_the_survey_of_a_merged_case_is_no_rating_of_the_one_that_goes_on() {
    let (desk, [a, b, c]) = Desk::with_cases(1).await;
    for (case, verb, rest) in [
        (a, "resolve", json!({ "code": "solved", "steps": "Mended." })),
        (a, "requestSurvey", json!({ "survey": "csat" })),
        (b, "resolve", json!({ "code": "solved", "steps": "Mended." })),
        (b, "requestSurvey", json!({ "survey": "csat" })),
        (b, "reopen", json!({ "reason": "It is broken." })),
        (c, "resolve", json!({ "code": "solved", "steps": "Mended." })),
        (c, "requestSurvey", json!({ "survey": "nps" })),
        (a, "merge", json!({ "into": b })),
        (c, "merge", json!({ "into": b })),
    ] {
        let mut body = rest;
        body["caseId"] = json!(case);
        accepted(&desk.ask(0, verb, &format!("{verb}-{case}"), body).await);
    }
    let answer = |case: CaseId, survey: &str| json!({ "caseId": case, "survey": survey, "score": 1 });
    assert_eq!(carried_out(&desk.ask(0, "answerSurvey", "s-1", answer(a, "csat")).await).0, a);
    assert_eq!(code(&desk.ask(0, "answerSurvey", "s-2", answer(a, "csat")).await), "survey_closed");
    // Also where the other case has asked for nothing of the kind.
    assert_eq!(carried_out(&desk.ask(0, "answerSurvey", "s-3", answer(c, "nps")).await).0, c);
    assert_eq!(code(&desk.ask(0, "answerSurvey", "s-4", answer(c, "nps")).await), "survey_closed");
    assert_eq!(carried_out(&desk.ask(0, "answerSurvey", "s-5", answer(b, "csat")).await).0, b);
}
