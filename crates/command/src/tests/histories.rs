//! Cases whose history comes in back-dated, and what touches two of them.

use bytes::Bytes;
use docket_eventlog::{EventLog as _, Subject};
use docket_messages::{CaseEntry, CaseId, Headers, Reply};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{Desk, Fault, accepted, fresh};
use crate::Envelope;

fn code(reply: &Reply) -> (&'static str, Option<&str>) {
    let Reply::Rejected { rejected } = reply else { panic!("not rejected: {reply:?}") };
    (rejected.code.as_str(), rejected.path.as_deref())
}

impl Desk {
    /// Sends a command that happened at a moment of February.
    async fn tell(&self, verb: &str, on: &str, id: &str, body: Value) -> Reply {
        let (tell, told) = oneshot::channel();
        let occurred_at = format!("2026-02-{on}:00Z");
        let envelope = Envelope {
            path: format!("importer.case.{verb}"),
            headers: Headers::read([("docket-command-id", id), ("docket-occurred-at", &occurred_at)]),
            body: Bytes::from(body.to_string()),
            ..Envelope::default()
        };
        self.services[0].take(envelope, move |reply| tell.send(reply).unwrap());
        told.await.unwrap()
    }

    async fn tell_intake(&self, case: CaseId, on: &str, more: Value) -> Reply {
        let mut body = json!({ "caseId": case, "type": "question", "subject": "x", "channel": "web", "impact": "low",
            "urgency": "low" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.tell("intake", on, &format!("i-{case}"), body).await
    }

    async fn tell_note(&self, case: CaseId, on: &str, id: &str) -> Reply {
        self.tell("note", on, id, json!({ "caseId": case, "text": "x" })).await
    }

    async fn tell_unmerge(&self, case: CaseId, on: &str, id: &str) -> Reply {
        self.tell("unmerge", on, id, json!({ "caseId": case, "reason": "Two needs." })).await
    }

    /// Two histories, the first of which goes on in the second.
    async fn with_merged_histories() -> (Self, [CaseId; 2]) {
        let (desk, [x, y]) = (Self::with_services(2).await, [fresh(), fresh()]);
        accepted(&desk.tell_intake(x, "01T09:00", json!({})).await);
        accepted(&desk.tell_intake(y, "01T10:00", json!({})).await);
        accepted(&desk.tell("merge", "02T09:00", "m-1", json!({ "caseId": x, "into": y })).await);
        (desk, [x, y])
    }

    /// What the log says of a case: each event with the day of its entry and the place of that in the log.
    async fn log_of(&self, case: CaseId) -> Vec<(String, String, u64)> {
        let entries = self.log.read_subject(&Subject::Case(case), None).await.unwrap();
        let told = entries.iter().flat_map(|recorded| {
            let entry = CaseEntry::decode(&recorded.payload).unwrap();
            let (day, position) = (entry.at.to_string()[..10].to_owned(), recorded.position.get());
            let names: Vec<String> = entry.events.iter().map(|event| event.name().to_owned()).collect();
            names.into_iter().map(move |name| (name, day.clone(), position))
        });
        told.collect()
    }

    /// When the case's log says something, and where.
    async fn told(&self, case: CaseId, name: &str) -> Option<(String, u64)> {
        let log = self.log_of(case).await;
        log.into_iter().rev().find(|(event, ..)| event == name).map(|(_, day, position)| (day, position))
    }
}

#[tokio::test]
async fn a_merge_is_not_taken_back_before_what_the_case_that_goes_on_has_done_since() {
    let (desk, [x, y]) = Desk::with_merged_histories().await;
    accepted(&desk.tell_note(x, "05T09:00", "n-1").await);
    let before = desk.log.log.entries().len();
    let early = desk.tell_unmerge(x, "03T09:00", "u-1").await;
    assert_eq!(code(&early), ("out_of_order", Some("Docket-Occurred-At")));
    assert_eq!(desk.log.log.entries().len(), before, "nothing was written");
    accepted(&desk.tell_unmerge(x, "06T09:00", "u-1").await);
    let ((let_go, first), (unmerged, then)) =
        (desk.told(y, "released").await.unwrap(), desk.told(x, "unmerged").await.unwrap());
    assert_eq!((let_go.as_str(), unmerged.as_str()), ("2026-02-06", "2026-02-06"));
    assert!(first < then, "it was let go before it stands for itself");
    // Their histories go on from there.
    accepted(&desk.tell_note(x, "07T09:00", "n-2").await);
    accepted(&desk.tell_note(y, "07T09:00", "n-3").await);
}

#[tokio::test]
async fn a_case_is_let_go_now_by_one_that_was_worked_on_in_the_middle() {
    let (desk, [x, y]) = Desk::with_merged_histories().await;
    desk.fail(&[Fault::Held]);
    let meanwhile = async {
        desk.log.line.held.notified().await;
        accepted(&desk.note(1, y, "n-1").await);
        desk.log.line.freed.notify_one();
    };
    let (reply, ()) = tokio::join!(desk.tell_unmerge(x, "03T09:00", "u-1"), meanwhile);
    accepted(&reply);
    let ((let_go, first), (unmerged, then)) =
        (desk.told(y, "released").await.unwrap(), desk.told(x, "unmerged").await.unwrap());
    assert_eq!((let_go.as_str(), unmerged.as_str()), ("2026-11-23", "2026-02-03"));
    assert!(first < then, "it was let go before it stands for itself");
}

#[tokio::test]
async fn taking_a_merge_back_leaves_the_history_behind_the_other_case_as_old_as_it_is() {
    let (desk, [x, y]) = Desk::with_merged_histories().await;
    let z = fresh();
    accepted(&desk.tell_intake(z, "01T11:00", json!({})).await);
    accepted(&desk.tell("merge", "03T09:00", "m-2", json!({ "caseId": y, "into": z })).await);
    accepted(&desk.tell_unmerge(x, "04T09:00", "u-1").await);
    accepted(&desk.tell_note(z, "05T09:00", "n-1").await);
    accepted(&desk.tell_note(y, "05T10:00", "n-2").await);
}

#[tokio::test]
async fn a_history_that_names_its_parent_is_a_child_that_the_parent_knows_of() {
    let (desk, [parent, child]) = (Desk::with_services(1).await, [fresh(), fresh()]);
    accepted(&desk.tell_intake(parent, "01T09:00", json!({})).await);
    accepted(&desk.tell_intake(child, "02T09:00", json!({ "parentId": parent })).await);
    for case in [parent, child] {
        assert_eq!(desk.told(case, "linked").await.map(|(day, _)| day).as_deref(), Some("2026-02-02"));
        accepted(&desk.tell_note(case, "03T09:00", &format!("n-{case}")).await);
    }
    // One that was worked on since is asked about what was before that, and refuses.
    let late = fresh();
    accepted(&desk.tell_intake(late, "01T12:00", json!({ "parentId": parent })).await);
    assert!(desk.told(late, "linkRefused").await.is_some() && desk.told(late, "linked").await.is_none());
}
