//! Commands that open another case, and what their replies say of it.

use docket_eventlog::{EventLog as _, Subject};
use docket_messages::{CaseEntry, CaseId, Position, RejectionCode, Reply};
use serde_json::json;

use super::{Desk, Fault, accepted, fresh};

fn follow_up(reply: &Reply) -> Option<CaseId> {
    let Reply::Accepted { accepted, .. } = reply else { panic!("{reply:?}") };
    accepted.follow_up
}

impl Desk {
    /// A closed case on a desk that opens a follow-up for whatever is written to it.
    async fn with_closed_case(services: usize) -> (Self, CaseId) {
        let (desk, case) = (Self::with_services(services).await, fresh());
        let document = super::SAMPLE.replacen("[lifecycle]\n", "[lifecycle]\nmessage_to_closed = \"follow_up\"\n", 1);
        accepted(&desk.send(0, "importer.policy.publish", "p", &json!({ "document": document }).to_string()).await);
        accepted(&desk.intake(case, "1").await);
        let close = json!({ "caseId": case, "code": "withdrawn" }).to_string();
        accepted(&desk.send(0, "webshop.case.close", "2", &close).await);
        (desk, case)
    }

    async fn write(&self, service: usize, case: CaseId, id: &str) -> Reply {
        let body = json!({ "caseId": case, "text": "It is broken again." }).to_string();
        self.send(service, "webshop.case.receive", id, &body).await
    }

    async fn first(&self, case: CaseId) -> CaseEntry {
        let entries = self.log.read_subject(&Subject::Case(case), None).await.unwrap();
        CaseEntry::decode(&entries.first().expect("a case").payload).unwrap()
    }
}

#[tokio::test]
async fn a_message_to_a_closed_case_opens_a_follow_up_which_the_reply_names() {
    let (desk, case) = Desk::with_closed_case(2).await;
    let reply = desk.write(0, case, "x").await;
    let next = follow_up(&reply).expect("a follow-up");
    assert_eq!(desk.first(next).await.verb, "intake");
    // It says the same again, and opens nothing again.
    for service in [0, 1] {
        let again = desk.write(service, case, "x").await;
        assert_eq!((follow_up(&again), accepted(&again).0), (Some(next), true));
    }
    assert_eq!(desk.entries(next).await, 1);
}

#[tokio::test]
async fn of_many_messages_that_come_at_once_none_is_refused() {
    let (desk, case) = Desk::with_closed_case(2).await;
    let ids: Vec<String> = (0..8).map(|number| format!("x-{number}")).collect();
    let sends = ids.iter().enumerate().map(|(number, id)| desk.write(number % 2, case, id));
    let replies = futures::future::join_all(sends).await;
    let mut opened: Vec<CaseId> = replies.iter().map(|reply| follow_up(reply).expect("a follow-up")).collect();
    opened.sort_unstable();
    opened.dedup();
    assert_eq!(opened.len(), ids.len());
}

#[tokio::test]
async fn a_service_that_has_not_heard_of_a_follow_up_opens_another_one() {
    let (desk, case) = Desk::with_closed_case(2).await;
    // Both have the case at hand; then one of them knows more.
    let opened: Vec<_> =
        [desk.write(1, case, "x").await, desk.write(0, case, "y").await, desk.write(1, case, "z").await]
            .iter()
            .map(|reply| follow_up(reply).expect("a follow-up"))
            .collect();
    assert!(opened[0] != opened[1] && opened[1] != opened[2] && opened[0] != opened[2], "{opened:?}");
}

#[tokio::test]
async fn the_reply_to_a_split_names_the_case_that_goes_on() {
    let (desk, case) = (Desk::with_services(1).await, fresh());
    accepted(&desk.intake(case, "1").await);
    let split = json!({ "caseId": case, "subject": "The invoice, too" }).to_string();
    let reply = desk.send(0, "webshop.case.split", "2", &split).await;
    assert_eq!(desk.first(follow_up(&reply).expect("a case")).await.verb, "intake");
}

/// What a reply says, and where the log ends.
async fn told(desk: &Desk, service: usize, verb: &str, id: &str, body: serde_json::Value) -> (Reply, Position) {
    let reply = desk.send(service, &format!("webshop.case.{verb}"), id, &body.to_string()).await;
    (reply, desk.log.head().await.unwrap())
}

#[tokio::test]
async fn the_reply_to_what_touches_two_cases_names_its_last_step() {
    let desk = Desk::with_services(2).await;
    let [a, b, c, d] = std::array::from_fn(|_| fresh());
    for (number, case) in [a, b, c].into_iter().enumerate() {
        accepted(&desk.intake(case, &format!("open-{number}")).await);
    }
    let child = json!({ "caseId": d, "type": "question", "subject": "x", "channel": "web", "impact": "low",
        "urgency": "low", "parentId": c });
    let steps = [
        ("merge", a, json!({ "caseId": a, "into": b })),
        ("unmerge", a, json!({ "caseId": a, "reason": "Two needs." })),
        ("link", a, json!({ "caseId": a, "to": c, "relation": "parent" })),
        ("split", a, json!({ "caseId": a, "subject": "And the invoice" })),
        ("intake", d, child),
    ];
    let mut first = Vec::new();
    for (verb, case, body) in &steps {
        let (reply, end) = told(&desk, 0, verb, verb, body.clone()).await;
        assert_eq!(accepted(&reply), (false, end), "{verb}");
        let entries = desk.log.read_subject(&Subject::Case(*case), None).await.unwrap();
        let last = CaseEntry::decode(&entries.last().unwrap().payload).unwrap();
        let Reply::Accepted { accepted, .. } = &reply else { panic!("{reply:?}") };
        assert_eq!(accepted.version, Some(last.version), "{verb}: the version that the case has then");
        first.push(reply);
    }
    // It is the same whenever it is asked for again, and whichever service is asked.
    for ((verb, _, body), before) in steps.iter().zip(&first) {
        for service in [0, 1] {
            let Reply::Accepted { accepted: again, repeated: true } =
                told(&desk, service, verb, verb, body.clone()).await.0
            else {
                panic!("{verb}")
            };
            let Reply::Accepted { accepted, .. } = before else { panic!("{verb}") };
            assert_eq!(&again, accepted, "{verb}");
        }
    }
}

#[tokio::test]
async fn who_takes_a_merged_case_on_gets_the_one_that_it_goes_on_in() {
    let desk = Desk::with_services(1).await;
    let [a, b] = std::array::from_fn(|_| fresh());
    accepted(&desk.intake(a, "1").await);
    accepted(&desk.intake(b, "2").await);
    accepted(&told(&desk, 0, "merge", "3", json!({ "caseId": a, "into": b })).await.0);
    for verb in ["acceptOffer", "declineOffer"] {
        let Reply::Rejected { rejected } = told(&desk, 0, verb, verb, json!({ "caseId": a, "agent": "ana" })).await.0
        else {
            panic!("nobody offered it")
        };
        assert_eq!(rejected.code.as_str(), "not_offered", "{verb}");
    }
    let Reply::Accepted { accepted, .. } = told(&desk, 0, "claim", "4", json!({ "caseId": a, "agent": "ana" })).await.0
    else {
        panic!("nobody has it")
    };
    assert_eq!(accepted.case_id, Some(b));
}

#[tokio::test]
async fn a_link_from_either_side_asks_the_same_of_both() {
    let desk = Desk::with_services(1).await;
    for (number, relation) in ["parent", "child"].into_iter().enumerate() {
        for closes in ["one", "other"] {
            let [one, other] = std::array::from_fn(|_| fresh());
            let id = |what: &str| format!("{what}-{number}-{closes}");
            accepted(&desk.intake(one, &id("1")).await);
            accepted(&desk.intake(other, &id("2")).await);
            let ended = if closes == "one" { one } else { other };
            accepted(&told(&desk, 0, "close", &id("3"), json!({ "caseId": ended, "code": "withdrawn" })).await.0);
            let link = json!({ "caseId": one, "to": other, "relation": relation });
            let reply = told(&desk, 0, "link", &id("4"), link).await.0;
            // A child may be over, a parent may not.
            if (relation == "parent") == (closes == "one") {
                accepted(&reply);
            } else {
                let Reply::Rejected { rejected } = reply else { panic!("{relation} {closes}") };
                assert_eq!(rejected.code.as_str(), "wrong_status");
            }
        }
    }
    // And of whatever is only named: it has to exist.
    let case = fresh();
    accepted(&desk.intake(case, "case").await);
    for relation in ["related", "caused_by", "follow_up", "follow_up_of", "parent", "child"] {
        let link = json!({ "caseId": case, "to": fresh(), "relation": relation });
        let Reply::Rejected { rejected } = told(&desk, 0, "link", relation, link).await.0 else { panic!("{relation}") };
        assert_eq!((rejected.code.as_str(), rejected.path.as_deref()), ("case_not_found", Some("to")), "{relation}");
    }
}

#[tokio::test]
async fn a_link_that_nobody_has_to_agree_to_is_no_affair_of_a_split_in_hand() {
    let (desk, case, other) = (Desk::with_services(2).await, fresh(), fresh());
    accepted(&desk.intake(case, "1").await);
    accepted(&desk.intake(other, "2").await);
    // The new case is there, and the one that it was split from has not heard of it.
    desk.fail(&[Fault::Nothing, Fault::Nothing, Fault::Held]);
    let meanwhile = async {
        desk.log.line.held.notified().await;
        for relation in ["related", "caused_by", "follow_up", "follow_up_of"] {
            let link = json!({ "caseId": case, "to": other, "relation": relation }).to_string();
            accepted(&desk.send(1, "webshop.case.link", relation, &link).await);
        }
        let link = json!({ "caseId": case, "to": other, "relation": "parent" }).to_string();
        let Reply::Rejected { rejected } = desk.send(1, "webshop.case.link", "parent", &link).await else {
            panic!("it is just being split")
        };
        assert_eq!(rejected.code, RejectionCode::LinkPending);
        desk.log.line.freed.notify_one();
    };
    let split = json!({ "caseId": case, "subject": "The invoice, too" }).to_string();
    let (reply, ()) = tokio::join!(desk.send(0, "webshop.case.split", "3", &split), meanwhile);
    assert!(follow_up(&reply).is_some());
}
