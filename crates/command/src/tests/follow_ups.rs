//! Commands that open another case, and what their replies say of it.

use docket_eventlog::{EventLog as _, Subject};
use docket_messages::{CaseId, Entry, Reply};
use serde_json::json;

use super::{Desk, accepted, fresh};

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

    async fn first(&self, case: CaseId) -> Entry {
        let entries = self.log.read_subject(&Subject::Case(case), None).await.unwrap();
        Entry::decode(&entries.first().expect("a case").payload).unwrap()
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
async fn the_reply_to_a_split_names_the_case_that_goes_on() {
    let (desk, case) = (Desk::with_services(1).await, fresh());
    accepted(&desk.intake(case, "1").await);
    let split = json!({ "caseId": case, "subject": "The invoice, too" }).to_string();
    let reply = desk.send(0, "webshop.case.split", "2", &split).await;
    assert_eq!(desk.first(follow_up(&reply).expect("a case")).await.verb, "intake");
}
